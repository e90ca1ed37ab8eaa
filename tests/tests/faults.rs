//! Processes die and servers go away; the graph ends up the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "in a test, what goes wrong ends it")]

use std::{
    collections::HashSet,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use e2e::{FailedRun, GitServer, Process, Repository, Run, World, checkpoint_of, wait_for};
use rustix::process::Signal;
use serde_json::json;
use tokio::sync::OnceCell;

/// Enough to be killed in the middle of, in any build profile.
const FILES: usize = 1500;

/// A repository that takes a while, and the export of an undisturbed run over it. All tests here share it.
struct Big {
    repository: Repository,
    undisturbed: String,
    _folder: tempfile::TempDir,
}

impl Big {
    async fn get() -> &'static Self {
        static BIG: OnceCell<Big> = OnceCell::const_new();
        BIG.get_or_init(async || {
            let folder = tempfile::tempdir().unwrap();
            let repository = Repository::large(&folder.path().join("big"), FILES);
            let world = World::new().await;
            let (_heavy, _workflows) = (world.heavy_worker(&[("GANTRY_ALLOWED_ROOTS", "/")]), world.workflow_worker());
            let run = Run::start(&world.client().await, "big", json!({ "path": repository.folder })).await;
            assert_eq!(usize::try_from(run.result().await.unwrap().counts.files).unwrap(), FILES);
            Big { undisturbed: world.export(), repository, _folder: folder }
        })
        .await
    }

    async fn start(&self, world: &World) -> Run {
        Run::start_or_join(&world.client().await, "big", json!({ "path": self.repository.folder })).await
    }
}

/// A worker that is slow enough to be interrupted.
const SLOW: [(&str, &str); 2] = [("GANTRY_SLOTS", "1"), ("GANTRY_ALLOWED_ROOTS", "/")];

/// Two seconds are promised and about one is usual; a busy machine gets more, but far less than the heartbeat time-out
/// of 30 s, which is what ends an attempt that does not listen.
fn stopped_quickly(begin: Instant) {
    println!("stopped after {:?}", begin.elapsed());
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

/// Waits until the server knows of a checkpoint in the middle of the work.
async fn middle(run: &Run) -> u64 {
    wait_for("a checkpoint of parseRest", async || {
        let done = run.pending("parseRest").await.as_ref().and_then(checkpoint_of)?;
        (done > 0).then_some(done)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_in_parse_rest_is_resumed_from_its_last_heartbeat() {
    let world = World::new().await;
    let big = Big::get().await;
    let (heavy, _workflows) = (world.heavy_worker(&SLOW), world.workflow_worker());
    let run = big.start(&world).await;
    let done = middle(&run).await;
    heavy.kill();
    assert!(done < u64::try_from(FILES).unwrap(), "it was too quick to be killed in the middle");

    // Only the heartbeat time-out tells the server; nobody has to wait for it here.
    let heavy = world.heavy_worker(&[SLOW[1]]);
    let output = run.result().await.unwrap();
    let log = heavy.printed();
    assert!(log.contains("going on after the last checkpoint"), "{log}");
    assert_eq!(usize::try_from(output.counts.files).unwrap(), FILES);
    assert_eq!(world.export(), big.undisturbed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_told_to_stop_gives_its_task_back_at_once() {
    let world = World::new().await;
    let big = Big::get().await;
    let settings = [SLOW[0], SLOW[1], ("GANTRY_GRACE_SECONDS", "0")];
    let (heavy, _workflows) = (world.heavy_worker(&settings), world.workflow_worker());
    let run = big.start(&world).await;
    middle(&run).await;
    let begin = Instant::now();
    let status = heavy.terminate().await;
    assert!(status.success(), "{status}");
    let heavy = world.heavy_worker(&[SLOW[1]]);
    wait_for("the next attempt", async || (run.pending("parseRest").await?.attempt == 2).then_some(())).await;
    // Without the hand-back the next attempt would wait for the heartbeat time-out of 30 s.
    assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
    let output = run.result().await.unwrap();
    assert!(heavy.printed().contains("going on after the last checkpoint"));
    assert_eq!(usize::try_from(output.counts.files).unwrap(), FILES);
    assert_eq!(world.export(), big.undisturbed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_worker_that_wakes_up_again_cannot_write_over_its_successor() {
    let world = World::new().await;
    let big = Big::get().await;
    let (zombie, _workflows) = (world.heavy_worker(&SLOW), world.workflow_worker());
    let run = big.start(&world).await;
    middle(&run).await;
    stop_outside_of_a_transaction(&zombie, &world.state.join("graph.db")).await;
    let _heavy = world.heavy_worker(&[SLOW[1]]);
    run.result().await.unwrap();
    let before = world.export();
    zombie.signal(Signal::CONT);
    // It goes on where it was, and ends only when its work has: refused by the store, or told by the server first.
    assert!(zombie.terminate().await.success());
    assert_eq!(world.export(), before);
}

/// A process that is stopped in the middle of a write keeps all others from writing, and only its end can help; here it
/// is to be one that others can overtake.
async fn stop_outside_of_a_transaction(process: &Process, graph: &Path) {
    wait_for("a moment without a transaction", async || {
        process.signal(Signal::STOP);
        let other = rusqlite::Connection::open(graph).unwrap();
        other.busy_timeout(Duration::from_millis(100)).unwrap();
        let free = other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok();
        if !free {
            process.signal(Signal::CONT);
        }
        free.then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_and_started_again_loses_no_run() {
    let mut world = World::new().await;
    let big = Big::get().await;
    let (_heavy, _workflows) = (world.heavy_worker(&SLOW), world.workflow_worker());
    let run = big.start(&world).await;
    middle(&run).await;
    world.kill_server();
    world.start_server().await;
    let run = big.start(&world).await;
    let output = run.result().await.unwrap();
    assert_eq!(usize::try_from(output.counts.files).unwrap(), FILES);
    assert_eq!(world.export(), big.undisturbed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_stops_soon_and_leaves_whole_files() {
    let world = World::new().await;
    let big = Big::get().await;
    let (_heavy, _workflows) = (world.heavy_worker(&SLOW), world.workflow_worker());
    let run = big.start(&world).await;
    middle(&run).await;
    let begin = Instant::now();
    run.cancel().await;
    assert_eq!(run.result().await.unwrap_err(), FailedRun::Cancelled);
    stopped_quickly(begin);
    // Whole files or nothing: what was written is a part of what a full run writes.
    let part = world.export();
    let whole: HashSet<&str> = big.undisturbed.lines().collect();
    assert!(!part.is_empty() && part.lines().all(|line| whole.contains(line)));
    assert_eq!(files_below(&world.state.join("blobs")), 0, "a blob of an unfinished run is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_clone_leaves_no_process_and_no_files() {
    let world = World::new().await;
    Repository::sample(&world.path("srv/sample"));
    let server = GitServer::start(&world.path("srv"), None).await;
    server.close_gate();
    let (_heavy, _workflows) = (world.heavy_worker(&[]), world.workflow_worker());
    let run = Run::start(&world.client().await, "slow", json!({ "repoUrl": server.url("sample") })).await;
    wait_for("git to ask for objects", async || server.was_asked().then_some(())).await;
    let begin = Instant::now();
    run.cancel().await;
    assert_eq!(run.result().await.unwrap_err(), FailedRun::Cancelled);
    stopped_quickly(begin);
    for workspace in fs::read_dir(world.state.join("workspaces")).unwrap().flatten() {
        let names: Vec<_> = fs::read_dir(workspace.path()).unwrap().flatten().map(|e| e.file_name()).collect();
        assert_eq!(names, ["lock"]);
    }
    let url = server.url("sample");
    wait_for("the end of git", async || (!runs_with_argument(&url)).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_indexer_leaves_no_process() {
    use std::os::unix::fs::PermissionsExt;
    // An argument that no other process has.
    const FOREVER: &str = "86399.25";
    let world = World::new().await;
    let (tools, sources) = (world.path("tools"), world.path("module"));
    fs::create_dir_all(&tools).unwrap();
    fs::create_dir_all(&sources).unwrap();
    fs::write(sources.join("go.mod"), "module example.com/a\n").unwrap();
    fs::write(sources.join("a.go"), "package a\n\nfunc F() {}\n").unwrap();
    let indexer = tools.join("scip-go");
    let script =
        format!("#!/bin/sh\n[ \"$1\" = index ] || {{ echo 0.2.9; exit; }}\nsleep {FOREVER} &\nexec sleep {FOREVER}\n");
    fs::write(&indexer, script).unwrap();
    fs::set_permissions(&indexer, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let (_heavy, _workflows) = (world.heavy_worker(&[("PATH", &path)]), world.workflow_worker());
    let input = json!({ "path": sources, "indexers": ["scip-go"] });
    let run = Run::start(&world.client().await, "slow", input).await;
    wait_for("the indexer", async || runs_with_argument(FOREVER).then_some(())).await;
    let begin = Instant::now();
    run.cancel().await;
    assert_eq!(run.result().await.unwrap_err(), FailedRun::Cancelled);
    stopped_quickly(begin);
    wait_for("the end of the indexer", async || (!runs_with_argument(FOREVER)).then_some(())).await;
    assert_eq!(world.export(), "");
}

/// Whether a process has this argument.
fn runs_with_argument(argument: &str) -> bool {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|p| fs::read(p.path().join("cmdline")).ok())
        .any(|line| line.split(|b| *b == 0).any(|a| a == argument.as_bytes()))
}

fn files_below(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}
