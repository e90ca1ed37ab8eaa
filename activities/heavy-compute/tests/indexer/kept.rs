//! Indexes that are used again, and those that go.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use heavy_compute::{
    indexer::{Ran, collect, discard},
    workspace::Collected,
};
use kit::Job;

use crate::support::Project;

const SCRIPT: &str = "echo index > \"$output\"";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn made(project: &Project) -> bool {
    match project.run().unwrap() {
        Ran::Made(_) => true,
        Ran::Reused(_) => false,
        Ran::Failed(shortfall) => panic!("{shortfall:?}"),
    }
}

#[test]
fn an_index_is_made_again_only_when_something_that_it_depends_on_changed() {
    let project = Project::new(SCRIPT);
    assert!(made(&project));
    assert!(!made(&project));
    project.write("README.md", "not read by it");
    project.write("x.ts", "another language");
    assert!(!made(&project));
    let Ran::Reused(index) = project.run().unwrap() else { panic!() };
    assert_eq!((index.version.as_str(), index.bytes, index.ms), ("fake 1.0", 6, 0));

    project.write("a.py", "changed");
    assert!(made(&project) && !made(&project));
    project.write("deep/new.py", "");
    assert!(made(&project) && !made(&project));
    fs::remove_file(project.workspace.join("deep/new.py")).unwrap();
    assert!(made(&project) && !made(&project));
    project.write("fake.lock", "manifest");
    assert!(made(&project) && !made(&project));
    fs::create_dir(project.workspace.join("fake_modules")).unwrap();
    assert!(made(&project) && !made(&project));
    let text = fs::read_to_string(project.bin.join("fake")).unwrap();
    project.install("fake", &text.replace("fake 1.0", "fake 1.1"));
    assert!(made(&project) && !made(&project));
}

#[test]
fn a_package_depends_on_the_sources_of_all_packages() {
    let project = Project::new(SCRIPT);
    project.write("a/fake.toml", "");
    project.write("a/b/fake.toml", "");
    project.write("a/b/x.py", "");
    let planned = project.plan(&["a/b"]).planned.into_iter().next().unwrap();
    let now = || project.fingerprint(&planned, "1").digest;
    let first = now();
    assert_ne!(first, project.fingerprint(&planned, "2").digest);
    project.write("other.txt", "");
    assert_eq!(now(), first);
    project.write("other.py", "");
    let before = now();
    assert_ne!(before, first, "one package may use another");
    project.write("a/fake.lock", "");
    let second = now();
    assert_ne!(second, before);
    fs::create_dir(project.workspace.join("fake_modules")).unwrap();
    let third = now();
    assert_ne!(third, second);
    project.write("a/b/deep/z.py", "");
    assert_ne!(now(), third);
}

#[test]
fn what_is_damaged_is_not_used_again() {
    let project = Project::new(SCRIPT);
    let Ran::Made(index) = project.run().unwrap() else { panic!() };
    fs::write(&index.path, "cut").unwrap();
    assert!(made(&project));
    fs::write(index.path.with_extension("json"), "{").unwrap();
    assert!(made(&project));
    fs::remove_file(&index.path).unwrap();
    assert!(made(&project));
    discard(&index).unwrap();
    discard(&index).unwrap();
    assert!(made(&project) && !made(&project));
}

#[test]
fn a_failed_run_leaves_the_index_that_was_there() {
    let project = Project::new("grep -q bad a.py && exit 1\necho index > \"$output\"");
    assert!(made(&project));
    let before = fs::read_to_string(project.workspace.join("a.py")).unwrap();
    project.write("a.py", "bad");
    assert!(matches!(project.run().unwrap(), Ran::Failed(_)));
    project.write("a.py", &before);
    assert!(!made(&project));
}

#[test]
fn the_collection_takes_what_was_not_used_for_so_long() {
    let project = Project::new(SCRIPT);
    let Ran::Made(index) = project.run().unwrap() else { panic!() };
    let old = |path: &std::path::Path| {
        fs::File::open(path).unwrap().set_modified(SystemTime::now() - DAY * 8).unwrap();
    };
    let record = index.path.with_extension("json");
    let partial = project.folder().join("partial-left");
    fs::create_dir_all(partial.join("home/a/b")).unwrap();
    fs::create_dir(project.indexes.join("somebody's")).unwrap();
    let collect = |dry| {
        let mut collected = Collected::default();
        collect(&Job::<()>::detached(), &project.indexes, DAY * 7, dry, &mut collected).unwrap();
        assert!(collected.errors.is_empty(), "{:?}", collected.errors);
        collected
    };
    assert!(collect(false).removed.is_empty());

    old(&index.path);
    old(&record);
    assert!(!made(&project), "a use makes it young again");
    assert!(collect(false).removed.is_empty());

    old(&record);
    old(&partial);
    assert_eq!(collect(true).removed, [index.path.clone(), partial.clone()]);
    assert!(index.path.exists() && partial.exists());
    let collected = collect(false);
    assert_eq!(collected.removed, [index.path.clone(), partial]);
    assert!(collected.freed >= index.bytes);
    assert!(!project.folder().exists() && project.indexes.join("somebody's").exists());
    assert!(made(&project));
}
