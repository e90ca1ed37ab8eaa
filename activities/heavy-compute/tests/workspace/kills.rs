//! Preparations that are killed, at any point: the next one makes good what is half.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::support::{Host, files, settings};

/// Names the folder in which a child of this test works.
const CHILD: &str = "GANTRY_TEST_KILLS";
/// Points of a preparation, as they are seen in the folder of the workspace.
type Seen = fn(&Path) -> bool;
const POINTS: &[(&str, Seen)] = &[
    ("locked", |home| home.join("lock").exists()),
    ("no record", |home| home.join("lock").exists() && !home.join("fetched.json").exists()),
    ("fetching anew", |home| holds(home, "partial-")),
    ("a pack begun", |home| {
        let packs = entries(home).into_iter().map(|path| path.join("objects/pack"));
        packs.into_iter().any(|packs| holds(&packs, "tmp_") || holds(&packs, ".tmp-"))
    }),
    ("a reference half", |home| home.join("cache.git/refs/gantry/wanted.lock").exists()),
    ("history cut half", |home| home.join("cache.git/shallow.lock").exists()),
    ("cache complete", |home| home.join("cache.git").exists()),
    ("registered", |home| home.join("cache.git/worktrees/checkout").exists()),
    ("linked", |home| home.join("checkout/.git").exists()),
    ("index locked", |home| home.join("cache.git/worktrees/checkout/index.lock").exists()),
    ("some files", |home| {
        home.join("checkout/d0").exists() && home.join("cache.git/worktrees/checkout/index.lock").exists()
    }),
    ("most files", |home| {
        home.join("checkout/d5").exists() && home.join("cache.git/worktrees/checkout/index.lock").exists()
    }),
];

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn holds(folder: &Path, prefix: &str) -> bool {
    let name = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
    entries(folder).iter().any(name)
}

#[test]
fn after_a_kill_at_any_point_the_next_preparation_is_whole() {
    let host = Host::new();
    let remote = host.remote();
    for n in 0..800 {
        remote.write(&format!("d{}/f{n}", n % 10), &format!("{n}\n").repeat(100));
    }
    remote.commit();
    let mut cut_short = 0;
    for (n, (point, seen)) in POINTS.iter().flat_map(|point| [point, point]).enumerate() {
        // In turn a first clone, and an update of many files.
        if n % 2 == 0 {
            let _ = fs::remove_dir_all(&host.settings.workspaces);
        }
        for file in 0..200 {
            remote.write(&format!("d{}/f{file}", file % 10), &format!("{n} {file}\n").repeat(100));
        }
        let commit = remote.commit();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kills::child"])
            .env(CHILD, host.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let at_point = || entries(&host.settings.workspaces).iter().any(|home| seen(home));
        let mut running = true;
        while running && !at_point() {
            running = child.try_wait().unwrap().is_none();
        }
        cut_short += usize::from(running);
        let _ = kill_process(Pid::from_child(&child), Signal::KILL);
        child.wait().unwrap();
        // Not forced: what was killed must not be taken for fresh.
        let output = host.prepare(json!({ "repoUrl": remote.url(), "force": !running })).unwrap();
        let found = output.commit.unwrap();
        assert!(found == commit || output.fresh, "{point}");
        assert_eq!(files(&host.checkout()), remote.tree(&found), "{point}");
        assert_eq!(entries(&host.home()).len(), 4, "{point}: {:?}", entries(&host.home()));
    }
    assert!(cut_short >= POINTS.len(), "only {cut_short} were killed");
}

/// No test of its own: what the one above kills.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let settings = settings(Path::new(&folder));
    let url = format!("file://{}/remote", Path::new(&folder).display());
    let input = serde_json::from_value(json!({ "repoId": "r", "repoUrl": url, "force": true })).unwrap();
    let _ = heavy_compute::steps::prepare_workspace(&kit::Job::<()>::detached(), &settings, &input);
}
