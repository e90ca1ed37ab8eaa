//! `gantry` as people use it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{fs, process::Command};

use contracts::queues;
use e2e::{Process, Repository, World, binary, installation_root, wait_for};
use rustix::process::Signal;
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn help_and_version() {
    let world = World::without_server();
    for (name, args) in [
        ("help", vec!["--help"]),
        ("index_help", vec!["index", "--help"]),
        ("demo_help", vec!["demo", "--help"]),
        ("export_help", vec!["graph", "export", "--help"]),
        ("ship_help", vec!["ship", "--help"]),
        ("import_help", vec!["import", "--help"]),
        ("brief_help", vec!["brief", "--help"]),
        ("save_query_help", vec!["save", "query", "--help"]),
        ("version", vec!["--version"]),
    ] {
        let (code, stdout, stderr) = world.gantry(&args).await;
        assert_eq!((code, stderr.as_str()), (0, ""));
        insta::assert_snapshot!(name, stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_say_what_to_do() {
    let world = World::without_server();
    let cases: [(&[&str], i32, &str); 7] = [
        (&["index", "/no/such/folder"], 4, "give a folder, or the URL of a git repository"),
        (&["index", "/proc/self/status"], 1, "is no folder"),
        (&["index", "."], 3, "start `gantry dev`, or set TEMPORAL_ADDRESS"),
        (&["index", ".", "--credential", "ghp_secret"], 1, "env:NAME or file:PATH"),
        (&["graph", "stats"], 4, "gantry index PATH"),
        (&["graph", "export"], 4, "there is no graph at sqlite:"),
        (&["setup"], 3, "does not answer"),
    ];
    for (args, expected, hint) in cases {
        let (code, stdout, stderr) = world.gantry(args).await;
        assert_eq!((code, stdout.as_str()), (expected, ""), "{args:?}: {stderr}");
        assert!(stderr.contains(hint) && stderr.starts_with("error: "), "{args:?}: {stderr}");
        assert!(!stderr.contains("ghp_secret"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn index_prints_one_object_and_the_graph_can_be_read() {
    let world = World::new().await;
    let (_heavy, _workflows) = (world.heavy_worker(&[]), world.workflow_worker());
    let sample = Repository::sample(&world.path("sample"));
    let path = sample.folder.to_str().unwrap();
    let (code, stdout, stderr) = world.gantry(&["index", path, "--repo-id", "s", "--json"]).await;
    assert_eq!(code, 0, "{stderr}");
    let answer = json(&stdout);
    assert_eq!(answer["workflowId"], "index/default/s");
    assert_eq!((answer["files"].as_u64(), answer["byKind"]["class"].as_u64()), (Some(6), Some(2)));
    assert!(answer["durationMs"].is_u64() && answer["runId"].is_string() && answer["warnings"].is_array());
    assert!(answer.get("uiUrl").is_none(), "nobody told where the UI is");

    let (_, stats, _) = world.gantry(&["graph", "stats", "--json"]).await;
    assert_eq!(json(&stats)["entities"], answer["entities"]);
    assert_eq!(json(&stats)["repositories"], serde_json::json!([{ "orgId": "default", "repoId": "s" }]));
    let (_, export, _) = world.gantry(&["graph", "export", "--repo-id", "s"]).await;
    assert_eq!(export, world.export());
    let file = world.path("out.ndjson");
    world.gantry(&["graph", "export", "-o", file.to_str().unwrap()]).await;
    assert_eq!(fs::read_to_string(file).unwrap(), export);
    let backup = world.path("backup.db");
    let backup = backup.to_str().unwrap();
    let (code, told, _) = world.gantry(&["graph", "backup", backup]).await;
    assert!(code == 0 && told.contains(backup), "{told}");
    let elsewhere = format!("sqlite:{}", world.path("restored.db").display());
    let restored = |args: &'static [&'static str]| {
        let mut command = tokio::process::Command::new(binary("gantry"));
        command.env_clear().env("GANTRY_HOME", &world.state).env("GANTRY_GRAPH_URL", &elsewhere).args(args);
        command
    };
    assert!(restored(&["graph", "restore"]).arg(backup).output().await.unwrap().status.success());
    let exported = restored(&["graph", "export"]).output().await.unwrap();
    assert_eq!(String::from_utf8(exported.stdout).unwrap(), export);
    let refused = restored(&["graph", "restore"]).arg("/etc/hostname").output().await.unwrap();
    let refused = (refused.status.code(), String::from_utf8(refused.stderr).unwrap());
    assert!(refused.0 == Some(3) && refused.1.contains("is not a Gantry graph"), "{refused:?}");
    let (code, _, stderr) = world.gantry(&["graph", "export", "--repo-id", "other"]).await;
    assert_eq!(code, 1);
    assert!(stderr.contains("it has: s"), "{stderr}");

    let (code, table, _) = world.gantry(&["index", path, "--repo-id", "s"]).await;
    assert_eq!(code, 0);
    assert!(table.contains("6 files by language") && table.contains("6 files were unchanged"), "{table}");
    let (code, _, stderr) = world.gantry(&["index", "file:///", "--repo-id", "s"]).await;
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("PathEscape") && stderr.contains("GANTRY_ALLOWED_ROOTS"), "{stderr}");

    let (code, detached, _) = world.gantry(&["index", path, "--repo-id", "s", "--detach", "--json"]).await;
    assert_eq!((code, &json(&detached)["repoId"]), (0, &Value::from("s")));

    let (_, doctor, _) = world.gantry(&["doctor", "--json"]).await;
    let doctor = json(&doctor);
    assert_eq!(doctor["ok"], true, "{doctor}");
    let (code, text, _) = world.gantry(&["doctor"]).await;
    assert!(code == 0 && text.contains("queue heavy-compute"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dev_runs_everything_brings_back_what_dies_and_stops_on_ctrl_c() {
    let world = World::without_server();
    let sample = Repository::sample(&world.path("sample"));
    let mut command: Command = world.command(&binary("gantry"));
    command.arg("dev").env("GANTRY_ROOT", installation_root()).env_remove("TEMPORAL_ADDRESS");
    command.env_remove("TEMPORAL_CONFIG_FILE");
    let mut dev = Process::start(command, &world.path("dev.log"));
    wait_for("gantry dev", async || dev.printed().contains("ready; Ctrl-C").then_some(())).await;
    let state = json(&fs::read_to_string(world.state.join("dev.json")).unwrap());
    let gantry = async |args: &[&str]| {
        let mut command = world.command(&binary("gantry"));
        command.env("GANTRY_ROOT", installation_root()).env_remove("TEMPORAL_ADDRESS").args(args);
        let output = tokio::process::Command::from(command).output().await.unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, stdout, stderr) = gantry(&["index", sample.folder.to_str().unwrap(), "--json"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    let link = json(&stdout)["uiUrl"].as_str().unwrap().to_owned();
    assert!(link.starts_with(state["uiUrl"].as_str().unwrap()), "{link}");
    assert_eq!(reqwest::get(&link).await.unwrap().status().as_u16(), 200);
    let (code, _, stderr) = gantry(&["dev"]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("runs in") && stderr.contains("GANTRY_HOME"), "{stderr}");

    let events = state["events"]["url"].as_str().unwrap();
    let doctor = json(&gantry(&["doctor", "--json"]).await.1);
    assert_eq!(doctor["ok"], true, "{doctor}");
    let checks = doctor["checks"].as_array().unwrap();
    let service = checks.iter().find(|check| check["name"] == "service of events").unwrap();
    assert!(service["detail"].as_str().unwrap().starts_with(events) && service["status"] == "ok", "{service}");

    let workers = children_of(state["pid"].as_u64().unwrap());
    // The Temporal server, a worker for each queue.
    assert_eq!(workers.len(), queues::ACTIVITY_QUEUES.len() + 2, "{workers:?}");
    let heavy = workers.iter().find(|(_, name)| name.contains("gantry-heavy")).unwrap().0;
    rustix::process::kill_process(heavy, Signal::KILL).unwrap();
    wait_for("the worker's return", async || {
        children_of(state["pid"].as_u64().unwrap())
            .iter()
            .any(|(p, n)| n.contains("gantry-heavy") && *p != heavy)
            .then_some(())
    })
    .await;
    let (code, _, stderr) = gantry(&["index", sample.folder.to_str().unwrap(), "--json"]).await;
    assert_eq!(code, Some(0), "{stderr}");

    let processes = children_of(state["pid"].as_u64().unwrap());
    dev.signal(Signal::INT);
    let status = dev.ended().await;
    assert!(status.success(), "{status}");
    assert!(processes.iter().all(|(pid, _)| rustix::process::test_kill_process(*pid).is_err()), "something still runs");
    assert!(!world.state.join("dev.json").exists());
}

/// Processes that a process started, with their names.
fn children_of(pid: u64) -> Vec<(rustix::process::Pid, String)> {
    let children =
        fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten().map(|task| task.path().join("children"));
    children
        .filter_map(|path| fs::read_to_string(path).ok())
        .flat_map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|pid| {
            let name = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
            Some((rustix::process::Pid::from_raw(pid.parse().ok()?)?, name.split('\0').next()?.to_owned()))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_indexes_checks_and_stops() {
    let world = World::without_server();
    let sample = Repository::sample(&world.path("sample"));
    let (code, stdout, stderr) = world.gantry(&["demo", "--repo", sample.folder.to_str().unwrap()]).await;
    assert_eq!(code, 0, "{stderr}");
    for part in [
        "6 files by language",
        "edges by kind",
        "worker's peak memory",
        "6 of 6 files unchanged",
        "5000 stored",
        "all right",
    ] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    assert!(stdout.contains("/namespaces/default/workflows/index%2Fdefault%2Fsample-"), "{stdout}");
    assert!(!world.state.join("demo/dev.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_of_a_url_that_is_no_repository_fails_and_leaves_nothing_running() {
    let world = World::without_server();
    let (code, stdout, stderr) = world.gantry(&["demo", "--repo", "file:///proc"]).await;
    assert_eq!((code, stdout.as_str()), (4, ""), "{stderr}");
    assert!(stderr.contains("NotFound"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_prerequisite_is_named_with_how_to_get_it() {
    let world = World::without_server();
    let bin = world.path("bin");
    fs::create_dir(&bin).unwrap();
    for tool in ["bash", "uname", "sort", "head", "grep", "printf", "git", "python3", "cc", "cargo"] {
        let found =
            std::env::split_paths(&std::env::var_os("PATH").unwrap()).map(|f| f.join(tool)).find(|p| p.is_file());
        if let Some(found) = found {
            std::os::unix::fs::symlink(found, bin.join(tool)).unwrap();
        }
    }
    let script = installation_root().join("scripts/prerequisites.sh");
    let output = Command::new(bin.join("bash")).arg(script).env("PATH", &bin).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("missing: node 20.3.0 or newer") && said.contains("https://nodejs.org"), "{said}");
}
