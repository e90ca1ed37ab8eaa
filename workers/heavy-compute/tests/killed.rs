//! parse-rest is killed at each tenth of its way, while it parses, writes and links; what it left is made whole by the next
//! run, and never hangs in the air meanwhile.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

use std::{
    collections::HashSet,
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const BINARY: &str = env!("CARGO_BIN_EXE_gantry-heavy-compute");
/// Several batches of parsing, several transactions.
const FILES: usize = 400;

/// Files that import from their neighbours; `version` moves names, so that a second version is another graph.
fn write_sources(folder: &Path, version: usize) {
    for n in 0..FILES {
        let mut text = format!("import {{ f{version}_0, K }} from './file{:04}';\n", (n + 1) % FILES);
        for f in 0..12 {
            writeln!(text, "export function f{version}_{f}() {{ f{version}_{}(); K.make(); }}", (f + 1) % 12).unwrap();
        }
        text.push_str("export class K { static make() { return new K(); } }\n");
        fs::write(folder.join(format!("file{n:04}.ts")), text).unwrap();
    }
}

fn parse_rest(sources: &Path, home: &Path) -> Command {
    let mut command = Command::new(BINARY);
    let kept = std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "TMPDIR");
    command.args(["parse-rest", "--repo-id", "r", "--output-format", "summary", "--workspace-dir"]);
    command.arg(sources).env_clear().envs(kept).env("GANTRY_HOME", home).env("GANTRY_ALLOWED_ROOTS", "/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Kills the command when it has said that it is this far; answers whether it had not ended by then.
fn kill_at(mut command: Command, tenth: u64) -> bool {
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    for line in lines.map_while(Result::ok) {
        let percent = line.strip_prefix("PROGRESS:").and_then(|rest| rest.split_once(' ')?.0.parse::<u64>().ok());
        if percent.is_some_and(|percent| percent >= tenth * 10) {
            break;
        }
    }
    child.kill().unwrap();
    !child.wait().unwrap().success()
}

fn export(home: &Path) -> String {
    let url = format!("sqlite:{}", home.join("graph.db").display()).parse().unwrap();
    let mut bytes = Vec::new();
    graph_store::open(&url).unwrap().export(None, &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let documents: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: HashSet<String> = documents
        .iter()
        .map(|d| format!("{}/{}", d["collection"].as_str().unwrap(), d["_key"].as_str().unwrap()))
        .collect();
    assert_eq!(ids.len(), documents.len());
    for end in documents.iter().flat_map(|d| [&d["_from"], &d["_to"]]).filter_map(|end| end.as_str()) {
        assert!(ids.contains(end), "nothing is at {end}");
    }
    text
}

#[test]
fn whenever_it_is_killed_the_next_run_ends_in_the_same_graph() {
    let folder = tempfile::tempdir().unwrap();
    let sources = folder.path().join("sources");
    fs::create_dir(&sources).unwrap();
    let home = |name: String| -> PathBuf { folder.path().join(name) };
    let versions: Vec<String> = (0..2)
        .map(|version| {
            write_sources(&sources, version);
            let home = home(format!("undisturbed{version}"));
            assert!(parse_rest(&sources, &home).status().unwrap().success());
            export(&home)
        })
        .collect();
    let mut killed = 0;
    for tenth in [0, 2, 4, 6, 8, 9] {
        let home = home(format!("killed{tenth}"));
        for (version, expected) in versions.iter().enumerate() {
            write_sources(&sources, version);
            killed += usize::from(kill_at(parse_rest(&sources, &home), tenth));
            if home.join("graph.db").exists() {
                export(&home);
            }
            assert!(parse_rest(&sources, &home).status().unwrap().success());
            assert_eq!(&export(&home), expected, "killed at {tenth}0 %, version {version}");
        }
    }
    assert!(killed >= 6, "only {killed} of 12 runs were still there to be killed");
}
