//! What only the embedded store owes: other files, older files, other processes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use graph_store::{EdgeKind, Find, GraphStore, IndexedFile, Matching, SqliteGraph, StoreError};
use rusqlite::Connection;

use crate::{
    Home,
    fixtures::{edge, export, file, function, links, next_epoch, repository, run},
};

pub(crate) struct SqliteHome {
    folder: tempfile::TempDir,
}

impl SqliteHome {
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("graph.db")
    }
}

impl Home for SqliteHome {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn open(&self) -> Box<dyn GraphStore> {
        Box::new(SqliteGraph::open(&self.path()).unwrap())
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }

    fn check(&self) {
        let connection = Connection::open(self.path()).unwrap();
        let verdict: String = connection.query_row("PRAGMA integrity_check", [], |r| r.get(0)).unwrap();
        assert_eq!(verdict, "ok");
    }

    fn state(&self) -> Vec<u8> {
        let mut bytes = fs::read(self.path()).unwrap();
        bytes.extend(fs::read(self.path().with_extension("db-wal")).unwrap());
        bytes
    }
}

#[test]
fn a_graph_can_be_opened_and_read_while_another_process_hangs_in_a_write() {
    let home = SqliteHome::new();
    let mut store = home.open();
    let first = run(&mut *store);
    store.replace_files(&first, &[file("a.ts", "1", &["f"])]).unwrap();
    let hanging = Connection::open(home.path()).unwrap();
    hanging.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begin = std::time::Instant::now();
    assert_eq!(export(&mut *home.open()).lines().count(), 3);
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
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(matches!(SqliteGraph::open(&path).err(), Some(StoreError::NotAGraph { .. })));

    let path = folder.path().join("newer.db");
    drop(SqliteGraph::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refused = SqliteGraph::open(&path).err().unwrap().to_string();
    assert!(refused.contains("schema 99") && refused.contains("use a newer gantry"), "{refused}");
}

/// Makes a graph as an older build left it: one file with two functions, one of which calls the other.
pub(crate) fn of_version(version: i64, path: &Path) {
    let dump = match version {
        1 => include_str!("older/version-1.sql"),
        2 => include_str!("older/version-2.sql"),
        3 => include_str!("older/version-3.sql"),
        other => panic!("no dump of version {other}"),
    };
    let old = Connection::open(path).unwrap();
    old.pragma_update(None, "journal_mode", "WAL").unwrap();
    old.execute_batch(dump).unwrap();
    assert_eq!(old.pragma_query_value(None, "user_version", |r| r.get::<_, i64>(0)).unwrap(), version);
}

#[test]
fn a_graph_of_an_older_version_is_read_and_written_on() {
    for version in [1, 2, 3] {
        let home = SqliteHome::new();
        of_version(version, &home.path());
        let mut store = SqliteGraph::open(&home.path()).unwrap();
        // Before version 3, its builds made all edges from one file alone.
        let links_then = (version == 3).then(|| "1".to_owned());
        let as_before = IndexedFile { content_sha256: "1".into(), extractor: "1".into(), links: links_then };
        assert_eq!(store.indexed_files(&repository()).unwrap()["a.ts"], as_before, "version {version}");
        assert_eq!(store.link_summary(&repository()).unwrap().is_some(), version == 3);
        let find = Find { name: "F", matching: Matching::Prefix, kind: None, repository: None };
        assert_eq!(store.find(&find, 9).unwrap().len(), 1);

        // A newer indexer makes the call while linking; the old edge goes, the new one comes.
        let new = SqliteHome::new();
        let mut fresh = new.open();
        let mut graph = file("a.ts", "1", &["f", "g"]);
        let call = graph.edges.pop().unwrap();
        for store in [&mut store as &mut dyn GraphStore, &mut *fresh] {
            let run = store.begin_run(&repository(), next_epoch()).unwrap();
            store.replace_files(&run, std::slice::from_ref(&graph)).unwrap();
            store.link_files(&run, &[links("a.ts", "1", vec![call.clone()])], &[]).unwrap();
            store.finish_links(&run, "").unwrap();
        }
        assert_eq!(export(&mut store), export(&mut *fresh));
        let objects = |path| -> Vec<(String, String)> {
            let connection = Connection::open(path).unwrap();
            let mut select = connection.prepare("SELECT type, name FROM sqlite_schema ORDER BY 1, 2").unwrap();
            select.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().map(Result::unwrap).collect()
        };
        assert_eq!(objects(home.path()), objects(new.path()));
    }
}

#[test]
fn an_edge_to_an_entity_that_is_not_there_is_named_and_nothing_is_written() {
    let home = SqliteHome::new();
    let mut store = home.open();
    let first = run(&mut *store);
    let graph = file("a.ts", "1", &["f"]);
    let nowhere = edge(&graph.entities[1].id(), &function("b.ts", "g").id(), EdgeKind::Calls);
    let mut with_it = graph.clone();
    with_it.edges.push(nowhere.clone());
    let is_named = |refused: StoreError| {
        let id = format!("calls/{}", nowhere.key);
        assert!(matches!(&refused, StoreError::Rejected { document: Some(it), .. } if *it == id), "{refused}");
        assert!(refused.to_string().contains(&nowhere.to), "{refused}");
    };
    is_named(store.replace_files(&first, &[with_it.clone()]).unwrap_err());
    assert_eq!(export(&mut *store), "");
    store.replace_files(&first, &[graph]).unwrap();
    is_named(store.link_files(&first, &[links("a.ts", "1", vec![nowhere.clone()])], &[]).unwrap_err());
    assert_eq!(export(&mut *store).lines().count(), 3);
    // To a file of the same call, whichever comes first.
    store.replace_files(&first, &[with_it, file("b.ts", "1", &["g"])]).unwrap();
    assert_eq!(export(&mut *store).lines().count(), 7);
}

#[test]
fn names_and_edges_are_found_by_an_index() {
    let home = SqliteHome::new();
    drop(home.open());
    let connection = Connection::open(home.path()).unwrap();
    for (query, index) in [
        ("SELECT doc FROM entity WHERE name = 'x' COLLATE NOCASE AND name = 'x'", "entity_name"),
        ("SELECT doc FROM entity WHERE name >= 'x' COLLATE NOCASE AND name < 'y' COLLATE NOCASE", "entity_name"),
        ("SELECT doc FROM edge WHERE from_id = 1 AND collection IN ('calls', 'imports')", "sqlite_autoindex_edge_1"),
        ("SELECT doc FROM edge WHERE to_id = 1 AND collection IN ('calls', 'imports')", "edge_to"),
        ("SELECT doc FROM edge WHERE to_id = 1", "edge_to"),
    ] {
        let plan = plan(&connection, query);
        assert!(plan.contains(index), "{query}: {plan}");
    }
}

#[test]
fn an_export_sorts_no_documents() {
    let home = SqliteHome::new();
    drop(home.open());
    let connection = Connection::open(home.path()).unwrap();
    let of = "JOIN file f ON f.id = d.file JOIN repository r ON r.id = f.repository
              WHERE r.repo_id = 'x' AND r.org_id = 'y'";
    let entities = format!("SELECT d.doc FROM entity d {of} AND d.collection = 'z' ORDER BY d.key");
    let entities = plan(&connection, &entities);
    assert!(!entities.contains("TEMP B-TREE"), "{entities}");
    for filter in [of, ""] {
        let keys =
            format!("SELECT d.id, d.collection, d.key FROM edge d {filter} ORDER BY d.collection, d.key LIMIT -1");
        let edges =
            plan(&connection, &format!("SELECT o.collection, e.doc FROM ({keys}) o CROSS JOIN edge e ON e.id = o.id"));
        let (sorted, fetched) =
            (edges.find("TEMP B-TREE").unwrap(), edges.find("SEARCH e USING INTEGER PRIMARY KEY").unwrap());
        assert!(sorted < fetched, "{edges}");
    }
}

fn plan(connection: &Connection, query: &str) -> String {
    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
    let steps = explain.query_map([], |r| r.get::<_, String>("detail")).unwrap();
    steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
}
