//! The behaviour that every graph store owes its callers. A new store is done when it passes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{collections::HashSet, fs, path::Path, sync::Barrier, thread};

use graph_store::{
    EdgeDocument, EdgeKind, EntityDocument, EntityKind, FileGraph, GraphStore, Origin, Repository, SqliteGraph,
    StoreError, Written,
};
use proptest::prelude::*;

/// Later runs have larger epochs.
fn next_epoch() -> i64 {
    static EPOCH: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(1);
    EPOCH.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

fn repository() -> Repository {
    Repository { org_id: "default".into(), repo_id: "demo".into() }
}

/// A file that defines `names`, the first of which calls all the others.
fn file(path: &str, content: &str, names: &[&str]) -> FileGraph {
    let repository = repository();
    let name = path.rsplit('/').next().unwrap();
    let mut entity = EntityDocument::new(&repository, path, EntityKind::File, name, None, Origin::Syntax);
    entity.language = Some("typescript".into());
    entity.content_sha256 = Some(content.into());
    let mut entities = vec![entity];
    let mut edges = Vec::new();
    for name in names {
        let signature = Some(format!("function {name}()"));
        let function = EntityDocument::new(&repository, path, EntityKind::Function, name, signature, Origin::Syntax);
        edges.push(EdgeDocument::new(
            &repository,
            entities[0].id(),
            function.id(),
            EdgeKind::Contains,
            Origin::Syntax,
            1.0,
        ));
        if entities.len() > 1 {
            let (from, to) = (entities[1].id(), function.id());
            edges.push(EdgeDocument::new(&repository, from, to, EdgeKind::Calls, Origin::Syntax, 0.9));
        }
        entities.push(function);
    }
    FileGraph {
        path: path.into(),
        content_sha256: content.into(),
        extractor: "1".into(),
        entities,
        edges,
        facts: Vec::new(),
    }
}

fn open(folder: &Path) -> SqliteGraph {
    SqliteGraph::open(&folder.join("graph.db")).unwrap()
}

fn export(store: &mut dyn GraphStore) -> String {
    let mut bytes = Vec::new();
    store.export(None, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn writing_twice_leaves_what_writing_once_leaves_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let files = [file("a.ts", "1", &["f", "g"]), file("b/c.ts", "2", &["h"])];
    let run = store.begin_run(&repository(), next_epoch()).unwrap();
    let first = store.replace_files(&run, &files).unwrap();
    assert_eq!(first, Written { written: 9, removed: 0 });
    let bytes = export(&mut store);
    let run = store.begin_run(&repository(), next_epoch()).unwrap();
    assert_eq!(store.replace_files(&run, &files).unwrap(), Written::default());
    assert_eq!(export(&mut store), bytes);
}

#[test]
fn a_changed_file_changes_exactly_its_own_part() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let run = store.begin_run(&repository(), next_epoch()).unwrap();
    store.replace_files(&run, &[file("a.ts", "1", &["f", "g"]), file("b.ts", "2", &["h"])]).unwrap();
    let changed = store.replace_files(&run, &[file("a.ts", "3", &["f", "i"])]).unwrap();
    // Gone: g, file to g, f to g. Written: the file, i, file to i, f to i.
    assert_eq!(changed, Written { written: 4, removed: 3 });

    let other = tempfile::tempdir().unwrap();
    let mut fresh = open(other.path());
    let run = fresh.begin_run(&repository(), next_epoch()).unwrap();
    fresh.replace_files(&run, &[file("b.ts", "2", &["h"]), file("a.ts", "3", &["f", "i"])]).unwrap();
    assert_eq!(export(&mut store), export(&mut fresh));
}

#[test]
fn a_vanished_file_takes_its_documents_and_every_edge_to_them_along() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let run = store.begin_run(&repository(), next_epoch()).unwrap();
    let gone = file("gone.ts", "1", &["f"]);
    let mut stays = file("stays.ts", "2", &["g"]);
    let (from, to) = (stays.entities[1].id(), gone.entities[1].id());
    stays.edges.push(EdgeDocument::new(&repository(), from, to, EdgeKind::Calls, Origin::Syntax, 0.5));
    store.replace_files(&run, &[gone, stays]).unwrap();
    let removed = store.retain_files(&run, &HashSet::from(["stays.ts".to_owned()]), Some("c0ffee")).unwrap();
    assert_eq!((removed.entities, removed.edges), (2, 2));
    let counts = store.counts(Some(&repository())).unwrap();
    assert_eq!(counts.entities.values().sum::<u64>(), 2);
    assert_eq!(counts.edges.get("calls"), None);
    assert_eq!(counts.languages["typescript"], 1);
    assert_eq!(store.indexed_files(&repository()).unwrap().len(), 1);
}

#[test]
fn an_attempt_that_was_replaced_cannot_write_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut zombie = open(folder.path());
    let mut successor = open(folder.path());
    let old = zombie.begin_run(&repository(), next_epoch()).unwrap();
    let new = successor.begin_run(&repository(), next_epoch()).unwrap();
    successor.replace_files(&new, &[file("a.ts", "new", &["f"])]).unwrap();
    let before = export(&mut successor);
    let refused = zombie.replace_files(&old, &[file("a.ts", "old", &["g"])]).unwrap_err();
    assert!(matches!(refused, StoreError::Fenced { .. }), "{refused}");
    let refused = zombie.retain_files(&old, &HashSet::new(), None).unwrap_err();
    assert!(matches!(refused, StoreError::Fenced { .. }), "{refused}");
    assert_eq!(export(&mut successor), before);
}

#[test]
fn a_repository_id_belongs_to_one_organisation() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let run = store.begin_run(&repository(), next_epoch()).unwrap();
    store.replace_files(&run, &[file("a.ts", "1", &["f"])]).unwrap();
    let other = Repository { org_id: "other".into(), ..repository() };
    let refused = store.begin_run(&other, next_epoch()).unwrap_err().to_string();
    assert!(refused.contains("belongs to organisation default"), "{refused}");
}

#[test]
fn the_export_is_sorted_and_names_the_collection_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let run = store.begin_run(&repository(), next_epoch()).unwrap();
    store.replace_files(&run, &[file("b.ts", "2", &["x", "y", "z"]), file("a.ts", "1", &["f"])]).unwrap();
    let keys: Vec<(String, String)> = export(&mut store)
        .lines()
        .map(|line| {
            assert!(line.starts_with("{\"collection\":\""), "{line}");
            let document: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(document.as_object().unwrap().values().all(|v| !v.is_null()), "{line}");
            (document["collection"].as_str().unwrap().to_owned(), document["_key"].as_str().unwrap().to_owned())
        })
        .collect();
    let mut sorted = keys.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(keys, sorted);
    assert_eq!(keys.len(), 12);
}

#[test]
fn several_writers_of_one_new_file_lose_nothing() {
    const WRITERS: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    let barrier = Barrier::new(WRITERS);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (folder, barrier) = (folder.path(), &barrier);
            scope.spawn(move || {
                barrier.wait();
                let mut store = open(folder);
                let own = Repository { org_id: "default".into(), repo_id: format!("r{writer}") };
                let run = store.begin_run(&own, next_epoch()).unwrap();
                for n in 0..20 {
                    let path = format!("{writer}/{n}.ts");
                    store.replace_files(&run, &[file(&path, "1", &["f", "g"])]).unwrap();
                }
            });
        }
    });
    let mut store = open(folder.path());
    let counts = store.counts(None).unwrap();
    assert_eq!(counts.entities["file"], 160);
    assert_eq!(counts.entities["function"], 320);
    assert_eq!(counts.edges["calls"], 160);
    assert_eq!(store.repositories().unwrap().len(), WRITERS);
}

#[test]
fn a_graph_can_be_opened_and_read_while_another_process_hangs_in_a_write() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let run = store.begin_run(&repository(), next_epoch()).unwrap();
    store.replace_files(&run, &[file("a.ts", "1", &["f"])]).unwrap();
    let hanging = rusqlite::Connection::open(folder.path().join("graph.db")).unwrap();
    hanging.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begin = std::time::Instant::now();
    assert_eq!(export(&mut open(folder.path())).lines().count(), 3);
    // It would wait for the busy time-out of 30 s.
    assert!(begin.elapsed().as_secs() < 15);
}

#[test]
fn foreign_and_newer_files_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.db");
    fs::write(&path, "this is a diary, not a database; it is longer than a header\n".repeat(9)).unwrap();
    let before = fs::read(&path).unwrap();
    let refused = SqliteGraph::open(&path).err().unwrap();
    assert!(matches!(refused, StoreError::NotAGraph { .. }), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), before);

    let path = folder.path().join("other.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(matches!(SqliteGraph::open(&path).err(), Some(StoreError::NotAGraph { .. })));

    let path = folder.path().join("newer.db");
    drop(SqliteGraph::open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refused = SqliteGraph::open(&path).err().unwrap().to_string();
    assert!(refused.contains("schema 99") && refused.contains("use a newer gantry"), "{refused}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// However a state was reached, the export is that of writing it once.
    #[test]
    fn any_order_of_edits_ends_in_the_same_bytes(
        edits in prop::collection::vec((0u8..4, prop::option::of(prop::collection::vec(0u8..5, 0..4))), 1..12),
    ) {
        const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let mut state = std::collections::BTreeMap::new();
        for (n, (path, names)) in edits.iter().enumerate() {
            let path = format!("{path}.ts");
            let run = store.begin_run(&repository(), next_epoch()).unwrap();
            match names {
                Some(names) => {
                    let unique: std::collections::BTreeSet<&str> = names.iter().map(|i| NAMES[usize::from(*i)]).collect();
                    let graph = file(&path, &n.to_string(), &unique.into_iter().collect::<Vec<_>>());
                    store.replace_files(&run, std::slice::from_ref(&graph)).unwrap();
                    state.insert(path, graph);
                }
                None => {
                    state.remove(&path);
                    store.retain_files(&run, &state.keys().cloned().collect(), None).unwrap();
                }
            }
        }
        let other = tempfile::tempdir().unwrap();
        let mut fresh = open(other.path());
        let run = fresh.begin_run(&repository(), next_epoch()).unwrap();
        fresh.replace_files(&run, &state.into_values().collect::<Vec<_>>()).unwrap();
        prop_assert_eq!(export(&mut store), export(&mut fresh));
    }
}
