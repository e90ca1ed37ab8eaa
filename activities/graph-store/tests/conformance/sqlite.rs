//! What only the embedded store owes: other files, older files, other processes.

use std::{fs, path::PathBuf};

use graph_store::{Find, GraphStore, IndexedFile, Matching, SqliteGraph, StoreError};
use rusqlite::Connection;

use crate::{
    Home,
    fixtures::{export, file, links, next_epoch, repository, run},
};

pub(crate) struct SqliteHome {
    folder: tempfile::TempDir,
}

impl SqliteHome {
    fn path(&self) -> PathBuf {
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

/// The tables of version 1.
const VERSION_1: &str = "
CREATE TABLE repository (
    id INTEGER PRIMARY KEY, repo_id TEXT NOT NULL UNIQUE, org_id TEXT NOT NULL, epoch INTEGER NOT NULL, last_commit TEXT
) STRICT;
CREATE TABLE file (
    id INTEGER PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repository(id), path TEXT NOT NULL,
    content_sha256 TEXT NOT NULL, extractor TEXT NOT NULL, UNIQUE (repository, path)
) STRICT;
CREATE TABLE entity (
    id INTEGER PRIMARY KEY, collection TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES file(id), doc TEXT NOT NULL, UNIQUE (collection, key)
) STRICT;
CREATE INDEX entity_file ON entity (file);
CREATE TABLE edge (
    id INTEGER PRIMARY KEY, collection TEXT NOT NULL, key TEXT NOT NULL, from_id TEXT NOT NULL, to_id TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES file(id), doc TEXT NOT NULL, UNIQUE (collection, key)
) STRICT;
CREATE INDEX edge_file ON edge (file);
CREATE INDEX edge_from ON edge (from_id);
CREATE INDEX edge_to ON edge (to_id);
";
/// What version 2 had more.
const VERSION_2: &str = "
ALTER TABLE repository ADD COLUMN link_summary TEXT;
ALTER TABLE file ADD COLUMN links TEXT;
CREATE TABLE file_facts (file INTEGER PRIMARY KEY REFERENCES file(id), facts BLOB NOT NULL) STRICT;
ALTER TABLE entity ADD COLUMN name TEXT NOT NULL DEFAULT '';
CREATE INDEX entity_name ON entity (name);
ALTER TABLE edge ADD COLUMN linked INTEGER NOT NULL DEFAULT 0;
";

/// Makes a graph as an older build left it: one file with its functions, all edges its own.
fn of_version(version: i64, home: &SqliteHome) {
    let graph = file("a.ts", "1", &["f", "g"]);
    let old = Connection::open(home.path()).unwrap();
    old.pragma_update(None, "journal_mode", "WAL").unwrap();
    old.execute_batch(VERSION_1).unwrap();
    old.execute_batch(
        "INSERT INTO repository VALUES (1, 'demo', 'default', 0, 'c0ffee');
         INSERT INTO file VALUES (1, 1, 'a.ts', '1', '1');",
    )
    .unwrap();
    for entity in &graph.entities {
        old.execute(
            "INSERT INTO entity (collection, key, kind, file, doc) VALUES (?1, ?2, ?3, 1, ?4)",
            [entity.kind.collection(), &entity.key, entity.kind.as_str(), &serde_json::to_string(entity).unwrap()],
        )
        .unwrap();
    }
    for edge in &graph.edges {
        old.execute(
            "INSERT INTO edge (collection, key, from_id, to_id, file, doc) VALUES (?1, ?2, ?3, ?4, 1, ?5)",
            [edge.kind.collection(), &edge.key, &edge.from, &edge.to, &serde_json::to_string(edge).unwrap()],
        )
        .unwrap();
    }
    if version == 2 {
        old.execute_batch(VERSION_2).unwrap();
        old.execute_batch("UPDATE entity SET name = json_extract(doc, '$.name')").unwrap();
    }
    old.pragma_update(None, "user_version", version).unwrap();
    old.pragma_update(None, "application_id", 0x476e_7472).unwrap();
}

#[test]
fn a_graph_of_an_older_version_is_read_and_written_on() {
    for version in [1, 2] {
        let home = SqliteHome::new();
        of_version(version, &home);
        let mut store = SqliteGraph::open(&home.path()).unwrap();
        let as_before = IndexedFile { content_sha256: "1".into(), extractor: "1".into(), links: None };
        assert_eq!(store.indexed_files(&repository()).unwrap()["a.ts"], as_before, "version {version}");
        assert_eq!(store.link_summary(&repository()).unwrap(), None);
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
fn names_and_edges_are_found_by_an_index() {
    let home = SqliteHome::new();
    drop(home.open());
    let connection = Connection::open(home.path()).unwrap();
    for (query, index) in [
        ("SELECT doc FROM entity WHERE name = 'x' COLLATE NOCASE AND name = 'x'", "entity_name"),
        ("SELECT doc FROM entity WHERE name >= 'x' COLLATE NOCASE AND name < 'y' COLLATE NOCASE", "entity_name"),
        ("SELECT doc FROM edge WHERE from_id = 'x' AND +collection IN ('calls')", "edge_from"),
        ("SELECT doc FROM edge WHERE to_id = 'x'", "edge_to"),
    ] {
        let plan = plan(&connection, query);
        assert!(plan.contains(index), "{query}: {plan}");
    }
}

#[test]
fn an_export_sorts_nothing_in_memory() {
    let home = SqliteHome::new();
    drop(home.open());
    let connection = Connection::open(home.path()).unwrap();
    for table in ["entity", "edge"] {
        let plan = plan(
            &connection,
            &format!(
                "SELECT d.doc FROM {table} d JOIN file f ON f.id = d.file JOIN repository r ON r.id = f.repository
                 WHERE r.repo_id = 'x' AND r.org_id = 'y' AND d.collection = 'z' ORDER BY d.key"
            ),
        );
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}

fn plan(connection: &Connection, query: &str) -> String {
    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
    let steps = explain.query_map([], |r| r.get::<_, String>("detail")).unwrap();
    steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
}
