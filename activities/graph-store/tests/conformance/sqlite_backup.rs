//! Copies of the embedded store, and back.

use std::{fs, path::Path, thread};

use graph_store::{GraphStore, SqliteGraph, StoreError};
use rusqlite::Connection;

use crate::{
    Home,
    fixtures::{assert_whole, export, file, repository, run},
    sqlite::{SqliteHome, of_version},
};

fn with_files(home: &SqliteHome, files: &[&str]) -> SqliteGraph {
    let mut store = SqliteGraph::open(&home.path()).unwrap();
    let run = run(&mut store);
    for path in files {
        store.replace_files(&run, &[file(path, "1", &["f", "g"])]).unwrap();
    }
    store
}

fn read(path: &Path) -> String {
    export(&mut SqliteGraph::open_existing(path).unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_restored_as_what_was_there() {
    let (home, other) = (SqliteHome::new(), SqliteHome::new());
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("a copy #1?.db");
    let mut store = with_files(&home, &["a.ts", "b.ts"]);
    let before = export(&mut store);
    let bytes = store.backup(&copy).unwrap();
    assert_eq!(bytes, fs::metadata(&copy).unwrap().len());
    assert_eq!(names(folder.path()), ["a copy #1?.db"], "one file");

    let run = run(&mut store);
    store.replace_files(&run, &[file("c.ts", "1", &[])]).unwrap();
    assert_ne!(export(&mut store), before);
    drop(store);
    // In the place of what is there, and where there is nothing.
    for home in [&home, &other] {
        assert_eq!(SqliteGraph::restore(&home.path(), &copy).unwrap(), bytes);
        let mut store = SqliteGraph::open(&home.path()).unwrap();
        assert_eq!(export(&mut store), before);
        let again = crate::fixtures::run(&mut store);
        store.replace_files(&again, &[file("c.ts", "1", &[])]).unwrap();
        home.check();
    }
    assert_eq!(names(folder.path()), ["a copy #1?.db"], "nothing beside it");
    // Over the older one.
    let mut store = SqliteGraph::open(&home.path()).unwrap();
    store.backup(&copy).unwrap();
    assert_eq!(read(&copy), export(&mut store));
}

#[test]
fn a_backup_is_one_moment_of_a_store_that_is_written() {
    let home = SqliteHome::new();
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..300).map(|n| format!("f{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (mut store, mut writer) = (home.open(), home.open());
    let mut backups = SqliteGraph::open(&home.path()).unwrap();
    let first = run(&mut *store);
    let pair = |n: u32| ["a.ts", "b.ts"].map(|path| file(path, &n.to_string(), &names));
    writer.replace_files(&first, &pair(0)).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 1.. {
                writer.replace_files(&first, &pair(n)).unwrap();
                if done.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
            }
        });
        for n in 0..12 {
            let copy = folder.path().join(format!("{n}.db"));
            backups.backup(&copy).unwrap();
            let mut copy = SqliteGraph::open_existing(&copy).unwrap();
            assert_whole(&export(&mut copy));
            let files = copy.indexed_files(&repository()).unwrap();
            assert_eq!(files["a.ts"].content_sha256, files["b.ts"].content_sha256);
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn what_is_no_backup_is_not_restored_and_the_store_stays() {
    let home = SqliteHome::new();
    let before = export(&mut with_files(&home, &["a.ts"]));
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("diary"), "this is a diary, not a database; it is longer than a header\n".repeat(9)).unwrap();
    fs::write(at("empty"), "").unwrap();
    Connection::open(at("other")).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    for name in ["newer", "cut", "torn"] {
        with_files(&home, &[]).backup(&at(name)).unwrap();
    }
    Connection::open(at("newer")).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let whole = fs::read(at("cut")).unwrap();
    fs::write(at("cut"), &whole[..whole.len() / 2]).unwrap();
    let mut torn = whole;
    let middle = torn.len() / 2..torn.len() / 2 + 4_096;
    torn[middle].fill(0xa5);
    fs::write(at("torn"), torn).unwrap();

    type Is = fn(&StoreError) -> bool;
    let cases: [(&str, Is); 7] = [
        ("diary", |e| matches!(e, StoreError::NotAGraph { .. })),
        ("empty", |e| matches!(e, StoreError::NotAGraph { .. })),
        ("other", |e| matches!(e, StoreError::NotAGraph { .. })),
        ("newer", |e| matches!(e, StoreError::NewerSchema { found: 99, .. })),
        ("cut", |e| matches!(e, StoreError::Damaged { .. })),
        ("torn", |e| matches!(e, StoreError::Damaged { .. })),
        ("none", |e| matches!(e, StoreError::Unavailable { .. })),
    ];
    for (name, is) in cases {
        let refused = SqliteGraph::restore(&home.path(), &at(name)).unwrap_err();
        assert!(is(&refused), "{name}: {refused:?}");
        assert!(refused.to_string().contains(name), "{refused}");
        assert_eq!(read(&home.path()), before, "{name}");
    }
    let itself = SqliteGraph::restore(&home.path(), &home.path()).unwrap_err();
    assert!(itself.to_string().contains("the store itself"), "{itself}");

    // Nor does a backup or a restore write over what is something else.
    let mut store = SqliteGraph::open(&home.path()).unwrap();
    let diary = fs::read(at("diary")).unwrap();
    assert!(matches!(store.backup(&at("diary")), Err(StoreError::NotAGraph { .. })));
    assert!(matches!(store.backup(&home.path()), Err(StoreError::Rejected { .. })));
    let used = SqliteHome::new();
    let mut other = with_files(&used, &["z.ts"]);
    assert!(matches!(store.backup(&used.path()), Err(StoreError::Rejected { .. })), "another store, in use");
    assert_eq!(export(&mut other).lines().count(), 6);
    store.backup(&at("good")).unwrap();
    assert!(matches!(SqliteGraph::restore(&at("diary"), &at("good")), Err(StoreError::NotAGraph { .. })));
    assert_eq!(fs::read(at("diary")).unwrap(), diary);
    assert!(!names(folder.path()).iter().any(|name| name.ends_with(".tmp")), "{:?}", names(folder.path()));
}

#[test]
fn a_store_that_is_open_anywhere_is_not_replaced() {
    let home = SqliteHome::new();
    let copy = home.path().with_file_name("copy.db");
    let mut store = with_files(&home, &["a.ts"]);
    store.backup(&copy).unwrap();
    let first = run(&mut store);
    store.replace_files(&first, &[file("b.ts", "1", &[])]).unwrap();
    let before = export(&mut store);
    let refused = SqliteGraph::restore(&home.path(), &copy).unwrap_err();
    assert!(
        matches!(&refused, StoreError::Unavailable { reason, .. } if reason.contains("stop the workers")),
        "{refused}"
    );
    // It goes on as if nothing had been asked.
    assert_eq!(export(&mut store), before);
    store.replace_files(&first, &[file("c.ts", "1", &[])]).unwrap();
    drop(store);
    let writing = Connection::open(home.path()).unwrap();
    writing.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(SqliteGraph::restore(&home.path(), &copy), Err(StoreError::Unavailable { .. })));
    drop(writing);
    SqliteGraph::restore(&home.path(), &copy).unwrap();
    assert_ne!(read(&home.path()), before);
    home.check();
}

#[test]
fn a_backup_of_an_older_version_is_restored_and_a_foreign_log_is_not_taken_for_its_own() {
    for version in [1, 2, 3] {
        let home = SqliteHome::new();
        let old = home.path().with_file_name("old.db");
        of_version(version, &old);
        let left = home.path().with_file_name("graph.db-wal");
        fs::write(&left, "of another graph").unwrap();
        let refused = SqliteGraph::restore(&home.path(), &old).unwrap_err();
        assert!(refused.to_string().contains("move it away"), "{refused}");
        fs::remove_file(left).unwrap();
        SqliteGraph::restore(&home.path(), &old).unwrap();
        let mut store = SqliteGraph::open(&home.path()).unwrap();
        assert_eq!(export(&mut store).lines().count(), 6, "version {version}");
        home.check();
    }
}
