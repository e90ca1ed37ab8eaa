//! The collection of workspaces that nobody uses.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, SystemTime},
};

use contracts::{errors::ErrorType, heavy_compute::WorkspaceGcOutput};
use heavy_compute::{steps, workspace};
use kit::{Job, WorkError, WorkResult};
use serde_json::{Value, json};

use crate::support::{Host, failure};

fn collect(host: &Host, input: Value) -> WorkResult<WorkspaceGcOutput> {
    steps::workspace_gc(&Job::<()>::detached(), &host.settings, &serde_json::from_value(input).unwrap())
}

/// Makes a workspace look as if nobody had used it for so many days.
fn age(home: &Path, days: u64) {
    let then = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
    File::options().write(true).open(home.join("lock")).unwrap().set_modified(then).unwrap();
}

/// A state folder with the workspaces of these repositories, all used now.
fn host(ids: &[&str]) -> Host {
    let host = Host::new();
    let remote = host.remote();
    remote.write("a.py", &"x = 1\n".repeat(10_000));
    remote.commit();
    for id in ids {
        host.prepare(json!({ "repoId": id, "repoUrl": remote.url() })).unwrap();
    }
    host
}

fn home(host: &Host, id: &str) -> std::path::PathBuf {
    let start = format!("default_{id}-");
    let entries = fs::read_dir(&host.settings.workspaces).unwrap().map(|entry| entry.unwrap());
    let mut homes = entries.filter(|e| e.file_name().to_string_lossy().starts_with(&start)).map(|e| e.path());
    homes.next().unwrap()
}

#[test]
fn what_nobody_used_for_a_week_goes_and_the_rest_stays() {
    let host = host(&["old", "edge", "used"]);
    age(&home(&host, "old"), 8);
    age(&home(&host, "edge"), 6);
    let old = home(&host, "old");
    let dry = collect(&host, json!({ "dryRun": true })).unwrap();
    assert_eq!(dry.removed, [old.to_str().unwrap()]);
    assert!(old.join("checkout/a.py").exists());
    let done = collect(&host, json!({})).unwrap();
    assert_eq!((done.removed, done.kept, done.errors), (dry.removed, 2, vec![]));
    assert!(
        done.freed_bytes > 60_000 && dry.freed_bytes >= done.freed_bytes,
        "{} {}",
        done.freed_bytes,
        dry.freed_bytes
    );
    assert!(!old.exists());
    let again = collect(&host, json!({})).unwrap();
    assert_eq!((again.removed.len(), again.freed_bytes, again.kept), (0, 0, 2));
    // It comes back when it is asked for.
    let url = format!("file://{}", host.path("remote").display());
    assert!(!host.prepare(json!({ "repoId": "old", "repoUrl": url })).unwrap().fresh);
    assert_eq!(collect(&host, json!({ "maxAgeDays": 0 })).unwrap().removed.len(), 3);
}

#[test]
fn a_use_is_a_preparation_or_somebody_who_reads() {
    let host = host(&["prepared", "read", "open"]);
    let url = format!("file://{}", host.path("remote").display());
    for id in ["prepared", "read", "open"] {
        age(&home(&host, id), 30);
    }
    assert!(host.prepare(json!({ "repoId": "prepared", "repoUrl": url })).unwrap().fresh);
    let job = Job::<()>::detached();
    drop(workspace::in_use(&job, &home(&host, "read").join("checkout")).unwrap());
    let reader = workspace::in_use(&job, &home(&host, "open").join("checkout")).unwrap();
    age(&home(&host, "open"), 30);
    let output = collect(&host, json!({})).unwrap();
    assert_eq!((output.removed.len(), output.kept), (0, 3));
    drop(reader);
    assert_eq!(collect(&host, json!({})).unwrap().removed.len(), 1);
}

#[test]
fn what_unfinished_work_left_goes_also_from_a_workspace_that_stays() {
    let host = host(&["a"]);
    let left = home(&host, "a").join("partial-abc");
    fs::create_dir_all(left.join("objects")).unwrap();
    fs::write(left.join("objects/pack"), "x".repeat(5000)).unwrap();
    let output = collect(&host, json!({})).unwrap();
    assert_eq!((output.removed, output.kept), (vec![left.to_str().unwrap().to_owned()], 1));
    assert!(output.freed_bytes >= 5000 && !left.exists());
    assert!(home(&host, "a").join("checkout/a.py").exists());
}

#[test]
fn what_is_not_ours_stays_and_is_told() {
    let host = host(&["a", "b", "c"]);
    for id in ["a", "b", "c"] {
        age(&home(&host, id), 30);
    }
    let (a, b, c) = (home(&host, "a"), home(&host, "b"), home(&host, "c"));
    fs::write(a.join("thesis.txt"), "years of work").unwrap();
    fs::write(b.join("lock"), "").unwrap();
    let stranger = host.settings.workspaces.join("photos-0123456789ab");
    fs::create_dir_all(stranger.join("checkout")).unwrap();
    let link = host.settings.workspaces.join("link-0123456789ab");
    std::os::unix::fs::symlink(host.path("remote"), &link).unwrap();
    let output = collect(&host, json!({ "maxAgeDays": 1 })).unwrap();
    assert_eq!(output.removed, [c.to_str().unwrap()]);
    let mut told: Vec<&str> = output.errors.iter().map(|error| error.path.as_str()).collect();
    told.sort_unstable();
    let mut expected = [&a, &b, &stranger, &link].map(|path| path.to_str().unwrap());
    expected.sort_unstable();
    assert_eq!(told, expected);
    assert!(a.join("thesis.txt").exists() && b.join("checkout/a.py").exists() && stranger.join("checkout").exists());
    assert!(host.path("remote/a.py").exists());
}

#[test]
fn a_folder_of_something_else_is_refused() {
    let host = host(&["a"]);
    let sources = host.path("remote");
    let refused = failure(collect(&host, json!({ "basePath": sources, "maxAgeDays": 0 })));
    assert_eq!(refused.error_type, ErrorType::InvalidInput, "{refused}");
    let refused = failure(collect(&host, json!({ "basePath": "/etc", "maxAgeDays": 0 })));
    assert_eq!(refused.error_type, ErrorType::PathEscape, "{refused}");
    let missing = failure(collect(&host, json!({ "basePath": host.path("missing") })));
    assert_eq!(missing.error_type, ErrorType::NotFound, "{missing}");
    fs::create_dir(host.path("empty")).unwrap();
    assert_eq!(collect(&host, json!({ "basePath": host.path("empty") })).unwrap().kept, 0);
    let named = collect(&host, json!({ "basePath": host.settings.workspaces, "maxAgeDays": 0 })).unwrap();
    assert_eq!(named.removed.len(), 1);
    assert!(sources.join("a.py").exists());
    assert_eq!(collect(&Host::new(), json!({})).unwrap().kept, 0, "a worker that never prepared anything");
}

#[test]
fn a_collection_that_is_cancelled_leaves_nothing_half_under_a_good_name() {
    let host = host(&["a"]);
    age(&home(&host, "a"), 30);
    let job = Job::<()>::detached();
    job.interrupt();
    let input = serde_json::from_value(json!({})).unwrap();
    assert_eq!(steps::workspace_gc(&job, &host.settings, &input).unwrap_err(), WorkError::Interrupted);
    let url = format!("file://{}", host.path("remote").display());
    let output = host.prepare(json!({ "repoId": "a", "repoUrl": url })).unwrap();
    assert_eq!(output.file_count, 1);
    assert!(host.home().join("checkout/a.py").exists());
}

#[test]
fn the_hosts_are_told_in_order() {
    let told = steps::list_workspace_hosts(&Job::<()>::detached(), &Host::new().settings).unwrap();
    assert_eq!(told.host_queues, ["heavy-compute@host", "heavy-compute@other"]);
}

#[test]
fn indexes_go_with_the_workers_own_workspaces_and_not_with_those_of_a_folder_that_is_named() {
    let host = host(&["used"]);
    let folder = host.settings.indexes.join("0123456789abcdef");
    fs::create_dir_all(&folder).unwrap();
    let index = folder.join("scip-typescript-0123456789abcdef.scip");
    for path in [&index, &index.with_extension("json")] {
        fs::write(path, "index").unwrap();
        let then = SystemTime::now() - Duration::from_secs(8 * 24 * 60 * 60);
        File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
    }
    let named = collect(&host, json!({ "basePath": host.settings.workspaces })).unwrap();
    assert!(named.removed.is_empty() && index.exists());
    let done = collect(&host, json!({})).unwrap();
    assert_eq!((done.removed, done.kept), (vec![index.to_str().unwrap().to_owned()], 1));
    assert!(!folder.exists());
}
