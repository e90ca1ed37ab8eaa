//! parse-rest and scip-parse are killed along their way, while they parse, join, write and link; what they left is made whole
//! by the next run, and never hangs in the air meanwhile.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

use std::{
    collections::HashSet,
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use prost::Message;
use scip_index::proto;

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

/// What an indexer would say of them.
fn write_index(file: &Path, version: usize) {
    let module = |n: usize| format!("scip-typescript npm r 1.0.0 `file{n:04}.ts`/");
    let documents = (0..FILES).map(|n| {
        let mut occurrences = vec![occurrence(0, 0, 0, module(n), true)];
        for f in 0..12_usize {
            let line = format!("export function f{version}_{f}() {{ f{version}_{}(); K.make(); }}", (f + 1) % 12);
            let called = format!("f{version}_{}", (f + 1) % 12);
            let at = line.find(&format!("{{ {called}")).unwrap() + 2;
            let name = format!("f{version}_{f}");
            occurrences.push(occurrence(f + 1, 16, 16 + name.len(), format!("{}{name}().", module(n)), true));
            occurrences.push(occurrence(f + 1, at, at + called.len(), format!("{}{called}().", module(n)), false));
            let k = line.find("K.make").unwrap();
            let next = module((n + 1) % FILES);
            occurrences.push(occurrence(f + 1, k, k + 1, format!("{next}K#"), false));
            occurrences.push(occurrence(f + 1, k + 2, k + 6, format!("{next}K#make()."), false));
        }
        occurrences.push(occurrence(13, 13, 14, format!("{}K#", module(n)), true));
        occurrences.push(occurrence(13, 24, 28, format!("{}K#make().", module(n)), true));
        proto::Document { relative_path: format!("file{n:04}.ts"), occurrences, ..proto::Document::default() }
    });
    let tool_info = Some(proto::ToolInfo { name: "scip-typescript".into(), ..proto::ToolInfo::default() });
    let metadata = Some(proto::Metadata { tool_info, ..proto::Metadata::default() });
    let index = proto::Index { metadata, documents: documents.collect(), ..proto::Index::default() };
    fs::write(file, index.encode_to_vec()).unwrap();
}

fn occurrence(line: usize, from: usize, to: usize, symbol: String, defines: bool) -> proto::Occurrence {
    let range = [line, from, to].map(|n| i32::try_from(n).unwrap()).to_vec();
    proto::Occurrence { range, symbol, symbol_roles: i32::from(defines), ..proto::Occurrence::default() }
}

fn scip_parse(index: &Path, sources: &Path, home: &Path) -> Command {
    let index = index.to_str().unwrap();
    command(&["scip-parse", "--input", index, "--repo-id", "r", "--workspace-dir"], sources, home)
}

fn parse_rest(sources: &Path, home: &Path) -> Command {
    command(&["parse-rest", "--repo-id", "r", "--output-format", "summary", "--workspace-dir"], sources, home)
}

fn command(arguments: &[&str], sources: &Path, home: &Path) -> Command {
    let mut command = Command::new(BINARY);
    let kept = std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "TMPDIR");
    command.args(arguments);
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

#[test]
fn whenever_joining_is_killed_the_next_run_ends_in_the_same_graph() {
    let folder = tempfile::tempdir().unwrap();
    let sources = folder.path().join("sources");
    fs::create_dir(&sources).unwrap();
    let index = folder.path().join("index.scip");
    let home = |name: String| -> PathBuf { folder.path().join(name) };
    let versions: Vec<String> = (0..2)
        .map(|version| {
            write_sources(&sources, version);
            write_index(&index, version);
            let home = home(format!("undisturbed{version}"));
            assert!(scip_parse(&index, &sources, &home).status().unwrap().success());
            let graph = export(&home);
            let calls = graph.lines().filter(|line| line.contains("\"kind\":\"calls\",\"origin\":\"scip\""));
            assert_eq!(calls.count(), FILES * (12 + 12), "each function calls another one and K.make");
            graph
        })
        .collect();
    let mut killed = 0;
    for tenth in [1, 4, 8] {
        let home = home(format!("killed{tenth}"));
        for (version, expected) in versions.iter().enumerate() {
            write_sources(&sources, version);
            write_index(&index, version);
            killed += usize::from(kill_at(scip_parse(&index, &sources, &home), tenth));
            if home.join("graph.db").exists() {
                export(&home);
            }
            assert!(scip_parse(&index, &sources, &home).status().unwrap().success());
            assert_eq!(&export(&home), expected, "killed at {tenth}0 %, version {version}");
        }
    }
    assert!(killed >= 3, "only {killed} of 6 runs were still there to be killed");
}
