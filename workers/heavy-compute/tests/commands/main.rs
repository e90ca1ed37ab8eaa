//! The commands of the built binary, as people and programs call them.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

mod arango;
mod place;
mod scip;

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    os::unix::{
        fs::{PermissionsExt, symlink},
        process::CommandExt,
    },
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant, SystemTime},
};

use rustix::{
    fs::{FlockOperation, flock},
    process::{Pid, Signal, kill_process},
};
use serde_json::Value;

use crate::place::{BINARY, Place, finish};

#[test]
fn help_and_version() {
    let place = Place::new();
    for (name, args) in [
        ("help", &["--help"][..]),
        ("prepare_workspace_help", &["prepare-workspace", "--help"]),
        ("scip_parse_help", &["scip-parse", "--help"]),
        ("parse_rest_help", &["parse-rest", "--help"]),
        ("workspace_gc_help", &["workspace-gc", "--help"]),
    ] {
        let answer = place.run(args);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        insta::assert_snapshot!(name, answer.stdout);
    }
    assert!(place.run(&["--version"]).stdout.starts_with("gantry-heavy-compute "));
}

#[test]
fn a_remote_is_checked_out_updated_and_found_by_its_folder() {
    let place = Place::new();
    let url = place.remote();
    let folder = place.text("data/workspaces/acme/sample");
    let args = ["prepare-workspace", "--repo-url", &url, "--branch", "main", "--workspace-dir", &folder];
    let first = place.run(&args);
    let answer = first.json();
    let checkout = format!("{}/checkout", fs::canonicalize(&folder).unwrap().display());
    assert_eq!(answer["workspaceDir"], Value::from(checkout.as_str()));
    assert_eq!(answer["workspacePath"], answer["workspaceDir"]);
    assert_eq!((answer["fileCount"].as_u64(), answer["branch"].as_str()), (Some(3), Some("main")));
    assert_eq!((&answer["fresh"], &answer["packageRoots"]), (&false.into(), &answer["workspaceRoots"]));
    assert!(answer["durationMs"].is_u64() && answer["peakMemoryMb"].as_u64() > Some(0));
    assert_eq!(first.progress().first(), Some(&0));
    assert!(first.progress().is_sorted() && first.stderr.ends_with("PROGRESS:100 Complete\n"), "{}", first.stderr);

    fs::write(place.path("remote/c.py"), "c = 1\n").unwrap();
    place.commit();
    assert_eq!(place.run(&args).json()["fresh"], true, "the last fetch is young");
    let forced = [&args[..], &["--force", "--output-format", "summary"]].concat();
    let again = place.run(&forced).json();
    assert_eq!((again["fileCount"].as_u64(), &again["workspacePath"]), (Some(4), &answer["workspaceDir"]));
    assert!(again.get("workspaceDir").is_none() && place.path("data/workspaces/acme/sample/checkout/c.py").exists());

    let parsed = place.run(&["parse-rest", "--workspace-dir", &folder, "--repo-id", "s"]).json();
    assert_eq!((parsed["files"].as_u64(), parsed["byKind"]["function"].as_u64()), (Some(4), Some(2)));
    assert!(!place.path("state/workspaces").exists(), "there is a folder for it");
}

#[test]
fn a_workspace_without_a_folder_is_the_workers_own() {
    let place = Place::new();
    let url = place.remote();
    let args = ["prepare-workspace", "--repo-url", &url, "--repo-id", "sample"];
    let answer = place.run(&args).json();
    let start = format!("{}/default_sample-", fs::canonicalize(place.path("state/workspaces")).unwrap().display());
    assert!(answer["workspaceDir"].as_str().unwrap().starts_with(&start), "{answer}");
    let older = place.text("older");
    let mut command = place.command(&args);
    let answer = finish(command.env_remove("GANTRY_HOME").env("WORKSPACE_BASE_PATH", &older)).json();
    let older = fs::canonicalize(older).unwrap();
    assert!(Path::new(answer["workspaceDir"].as_str().unwrap()).starts_with(older), "{answer}");
}

#[test]
fn the_rest_is_parsed_into_a_graph_or_printed() {
    let place = Place::new();
    place.remote();
    let folder = place.text("remote");
    let args = ["parse-rest", "--workspace-dir", &folder, "--repo-id", "sample"];
    let summary = place.run(&args);
    let answer = summary.json();
    assert_eq!(summary.progress().last(), Some(&100));
    assert!(summary.progress().is_sorted() && summary.progress().len() > 10, "each tenth: {}", summary.stderr);
    let edges: u64 = answer["edges"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!((&answer["entityCount"], &answer["edgeCount"]), (&answer["entities"], &edges.into()));
    assert_eq!((&answer["coveredFiles"], &answer["errors"]), (&0.into(), &Value::Array(vec![])));
    assert!(place.path("state/graph.db").exists());

    // Another state folder shows what is written.
    let covered = place.path("covered.json");
    fs::write(&covered, "[\"src/a.ts\"]").unwrap();
    let json =
        [&args[..], &["--output-format", "json", "--arango-url", "http://localhost:8529", "--arango-db", "kap10"]];
    let json = json.concat();
    let print = |more: &[&str]| {
        let mut command = place.command(&[&json[..], more].concat());
        let answer = finish(command.env("GANTRY_HOME", place.path("unused")));
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        let lines = answer.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect::<Vec<Value>>()
    };
    let documents = print(&[]);
    let functions = |documents: &[Value]| {
        let all = documents.iter().filter(|d| d["collection"] == "functions");
        all.map(|d| d["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut names = functions(&documents);
    names.sort_unstable();
    assert_eq!(
        (names, documents.iter().filter(|d| d["collection"] == "files").count()),
        (vec!["a".into(), "b".into()], 3)
    );
    for covered in ["[\"src/a.ts\"]", covered.to_str().unwrap()] {
        let documents = print(&["--covered-files", covered]);
        assert_eq!(functions(&documents), ["b"]);
        assert_eq!(documents.iter().filter(|d| d["collection"] == "files").count(), 3);
    }
    assert!(!place.path("unused").exists(), "nothing is kept");
}

#[test]
fn files_that_are_gone_leave_the_graph_when_the_rest_is_parsed_again() {
    let place = Place::new();
    place.remote();
    let args = ["parse-rest", "--workspace-dir", &place.text("remote"), "--repo-id", "sample"];
    let before = place.run(&args).json();
    fs::remove_file(place.path("remote/src/a.ts")).unwrap();
    let after = place.run(&args).json();
    let count = |answer: &Value, name: &str| answer[name].as_u64().unwrap();
    assert_eq!(count(&before["byKind"], "file"), count(&after["byKind"], "file") + 1);
    assert!(count(&after, "removed") >= 2, "the file and what it defines: {after}");
    assert!(count(&after, "entityCount") < count(&before, "entityCount"), "{after}");
    assert_eq!(count(&place.run(&args).json(), "removed"), 0);
}

#[test]
fn old_workspaces_are_removed_wherever_they_were_put() {
    let place = Place::new();
    let url = place.remote();
    let place_of = |name: &str| place.text(&format!("data/{name}"));
    for name in ["acme/old", "acme/used", "gone/old", "old"] {
        place.run(&["prepare-workspace", "--repo-url", &url, "--workspace-dir", &place_of(name)]).json();
    }
    for name in ["acme/old", "gone/old", "old"] {
        let lock = File::options().write(true).open(place.path(&format!("data/{name}/lock"))).unwrap();
        lock.set_modified(SystemTime::now() - Duration::from_secs(8 * 24 * 60 * 60)).unwrap();
    }
    fs::create_dir_all(place.path("data/photos/2025")).unwrap();
    let data = place.text("data");
    let args = ["workspace-gc", "--base-path", &data, "--max-age-days", "7"];
    let removed = Value::from(["acme/old", "gone/old", "old"].map(place_of).to_vec());
    let dry = place.run(&[&args[..], &["--dry-run"]].concat()).json();
    assert_eq!((&dry["removed"], &dry["dryRun"], &dry["kept"]), (&removed, &true.into(), &1.into()));
    assert!(place.path("data/acme/old").exists());
    let done = place.run(&args);
    assert_eq!(done.json()["removed"], removed);
    assert_eq!(done.json()["errors"][0]["path"], place_of("photos"));
    assert!(done.progress().is_sorted() && done.progress().last() == Some(&100));
    assert!(!place.path("data/gone").exists() && !place.path("data/acme/old").exists());
    assert!(place.path("data/acme/used/checkout/b.py").exists() && place.path("data/photos/2025").exists());
    let summary = place.run(&[&args[..], &["--output-format", "summary"]].concat()).json();
    assert_eq!((&summary["removedCount"], &summary["kept"], &summary["errorCount"]), (&0.into(), &1.into(), &1.into()));
    assert_eq!(place.run(&["workspace-gc"]).json()["kept"], 0, "a host that never prepared anything");
}

#[test]
fn mistakes_end_with_their_code_and_say_what_to_do() {
    let place = Place::new();
    let url = place.remote();
    let (remote, file) = (place.text("remote"), place.text("remote/b.py"));
    let missing = place.text("missing");
    fs::write(place.path("words.txt"), "a, b").unwrap();
    fs::write(place.path("other.db"), "this is no database, and long enough to be looked at".repeat(100)).unwrap();
    let other = format!("sqlite:{}", place.text("other.db"));
    let rest = ["parse-rest", "--repo-id", "r", "--workspace-dir"];
    let prepare = ["prepare-workspace", "--repo-id", "r"];
    let nobody = ["--repo-url", "http://127.0.0.1:1/none.git"];
    let cases: [(&[&str], &[&str], i32, &str); 17] = [
        (&["parse-rest", "--no-such-flag"], &[], 1, "unexpected argument '--no-such-flag'"),
        (&["no-such-command"], &[], 1, "unrecognized subcommand"),
        (&["parse-rest"], &[], 1, "required arguments"),
        (&["workspace-gc", "--max-age-days=-1"], &[], 1, "--max-age-days"),
        (&["--check-health", "workspace-gc"], &[], 1, "cannot be used with"),
        (&prepare, &[], 1, "--repo-url"),
        (&prepare, &["--repo-url", "nonsense"], 1, "InvalidInput"),
        (&prepare, &["--repo-url", &url, "--branch", "none"], 4, "NotFound"),
        (&prepare, &["--repo-url", &url, "--workspace-dir", &remote], 1, "is no workspace"),
        (&prepare, &["--path", &missing], 4, "NotFound"),
        (&prepare, &nobody, 3, "NetworkUnavailable"),
        (&rest, &[&missing], 4, "NotFound"),
        (&rest, &[&file], 1, "the path is no folder"),
        (&rest, &[&remote, "--covered-files", "words.txt"], 1, "give a JSON array of paths"),
        (&rest, &[&remote, "--graph-url", &other], 3, "is not a Gantry graph"),
        (&rest, &[&remote, "--arango-url", "ftp://localhost", "--arango-db", "kap10"], 1, "no store for"),
        (&["workspace-gc", "--base-path"], &[&remote], 1, "no folder of workspaces"),
    ];
    for (command, more, code, hint) in cases {
        let args = [command, more].concat();
        let answer = place.run(&args);
        assert_eq!((answer.code, answer.stdout.as_str()), (code, ""), "{args:?}: {}", answer.stderr);
        assert!(answer.stderr.contains(hint), "{args:?}: {}", answer.stderr);
        assert!(!answer.stderr.contains("PROGRESS:100"), "{args:?}: {}", answer.stderr);
    }
    assert!(place.path("remote/.git").exists() && place.path("remote/b.py").exists());
}

#[test]
fn a_folder_that_may_not_be_read_is_an_error_of_the_filesystem() {
    let place = Place::new();
    fs::create_dir(place.path("closed")).unwrap();
    fs::set_permissions(place.path("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    let mut command = place.command(&["parse-rest", "--repo-id", "r", "--workspace-dir", &place.text("closed")]);
    if rustix::process::geteuid().is_root() {
        // The superuser may read everything.
        fs::set_permissions(place.0.path(), fs::Permissions::from_mode(0o777)).unwrap();
        command.uid(65534).gid(65534);
    }
    let answer = finish(&mut command);
    assert_eq!(answer.code, 4, "{}", answer.stderr);
    assert!(answer.stderr.contains("PermissionDenied") && answer.stdout.is_empty(), "{}", answer.stderr);
}

#[test]
fn an_older_name_means_its_command() {
    let place = Place::new();
    for (name, command) in [
        ("prepare-workspace", "--repo-url"),
        ("scip-parse", "--list-covered"),
        ("parse-rest", "--covered-files"),
        ("workspace-gc", "--base-path"),
    ] {
        let link = place.path(&format!("kap10-{name}"));
        symlink(BINARY, &link).unwrap();
        let help = finish(&mut place.command_of(&link, &["--help"]));
        assert!(help.code == 0 && help.stdout.contains(command), "{}", help.stdout);
        let version = finish(&mut place.command_of(&link, &["--version"]));
        assert!(version.code == 0 && version.stdout.contains(env!("CARGO_PKG_VERSION")), "{}", version.stderr);
    }
}

/// Waits until the text of a file of the process holds `word`.
fn wait_for(child: &Child, file: &str, word: &str) -> String {
    let begin = Instant::now();
    loop {
        let text = fs::read(format!("/proc/{}/{file}", child.id())).unwrap();
        let text = String::from_utf8_lossy(&text).into_owned();
        if text.contains(word) {
            return text;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "waited for {word} in {text:?}");
        std::thread::yield_now();
    }
}

#[test]
fn a_typed_secret_is_warned_about_and_taken_out_of_the_list_of_processes() {
    let place = Place::new();
    place.remote();
    let server = ["--arango-url", "ftp://localhost", "--arango-db", "kap10", "--arango-auth", "me:hunter2"];
    let folder = place.text("remote");
    let rest = ["parse-rest", "--repo-id", "r", "--workspace-dir", &folder, "--covered-files", "-"];
    let mut command = place.command(&[&rest[..], &server].concat());
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // It waits for its list meanwhile.
    let mut child = piped.spawn().unwrap();
    let seen = wait_for(&child, "cmdline", "env:GANTRY_TYPED_ARANGO_AUTH");
    assert!(!seen.contains("hunter2"), "{seen}");
    child.stdin.take().unwrap().write_all(b"[]").unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]), "{stderr}");
    assert!(stderr.starts_with("warning: --arango-auth") && stderr.contains("`ps`"), "{stderr}");
    assert!(stderr.contains("no store for") && !stderr.contains("hunter2"), "{stderr}");
    // A reference with nothing behind it is an error, and no warning.
    let unset = [&rest[..5], &server[..4], &["--arango-auth", "env:GANTRY_NO_SUCH_SECRET"]].concat();
    let answer = place.run(&unset);
    assert!(answer.code == 4 && !answer.stderr.contains("warning"), "{}", answer.stderr);
}

#[test]
fn a_signal_ends_the_work_without_an_answer() {
    let place = Place::new();
    let url = place.remote();
    let folder = place.text("workspace");
    let args = ["prepare-workspace", "--repo-url", &url, "--workspace-dir", &folder];
    place.run(&args).json();
    // Somebody else changes the workspace, so the command waits.
    let lock = File::open(place.path("workspace/lock")).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut command = place.command(&args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert!(line.starts_with("PROGRESS:0 "), "{line}");
        kill_process(Pid::from_child(&child), signal).unwrap();
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(code), &b""[..]), "{rest}");
        assert!(rest.contains("interrupted"), "{rest}");
    }
    drop(lock);
    place.run(&args).json();
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let place = Place::new();
    place.remote();
    let folder = place.text("remote");
    let args = ["parse-rest", "--repo-id", "r", "--workspace-dir", &folder, "--output-format", "json"];
    let mut child = place.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
