//! Files of the existing system open, stay what they are, and stay usable by it.

use ingest::store::{Outcome, Settings, Store, StoreError};

use crate::support::{Place, event, put, with_id};

/// Of an early version: fewer columns, a closed list of types, metadata that is no JSON. With a column, a table and a
/// trigger that others added.
const EARLY: &str = "
PRAGMA journal_mode = WAL;
CREATE TABLE agents (id TEXT PRIMARY KEY, agent_type TEXT NOT NULL, name TEXT,
  registered_at TEXT NOT NULL DEFAULT (datetime('now')), last_seen_at TEXT NOT NULL DEFAULT (datetime('now')));
CREATE TABLE sessions (id TEXT PRIMARY KEY, agent_id TEXT NOT NULL, agent_type TEXT NOT NULL, project TEXT, branch TEXT,
  status TEXT NOT NULL DEFAULT 'active', started_at TEXT NOT NULL DEFAULT (datetime('now')), ended_at TEXT,
  last_event_at TEXT NOT NULL DEFAULT (datetime('now')), metadata TEXT DEFAULT '{}');
CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT UNIQUE, schema_version INTEGER NOT NULL DEFAULT 1,
  session_id TEXT NOT NULL, agent_type TEXT NOT NULL,
  event_type TEXT NOT NULL CHECK (event_type IN ('tool_use', 'session_start', 'session_end', 'error')),
  tool_name TEXT, status TEXT NOT NULL DEFAULT 'success' CHECK (status IN ('success', 'error', 'timeout')),
  tokens_in INTEGER DEFAULT 0, tokens_out INTEGER DEFAULT 0, branch TEXT, project TEXT, duration_ms INTEGER,
  created_at TEXT NOT NULL DEFAULT (datetime('now')), metadata TEXT DEFAULT '{}', study_id TEXT);
CREATE INDEX idx_events_created_at ON events(created_at);
CREATE INDEX idx_events_event_type ON events(event_type);
CREATE INDEX idx_events_tool_name ON events(tool_name);
CREATE INDEX idx_events_study_id ON events(study_id) WHERE study_id IS NOT NULL;
CREATE INDEX idx_sessions_status ON sessions(status);
CREATE TABLE import_state (file_path TEXT PRIMARY KEY, file_hash TEXT NOT NULL);
CREATE TABLE seen (id INTEGER);
CREATE TRIGGER see AFTER INSERT ON events BEGIN INSERT INTO seen VALUES (new.id); END;
INSERT INTO sessions (id, agent_id, agent_type, project) VALUES ('old', 'x-default', 'x', 'p');
INSERT INTO events (event_id, session_id, agent_type, event_type, tool_name, metadata, study_id, created_at)
  VALUES ('e1', 'old', 'x', 'tool_use', 'Bash', 'plain \"text\"', 'study', '2026-01-01 00:00:00'),
         ('e2', 'old', 'x', 'error', NULL, '{\"k\": 1}', NULL, '2026-01-01 00:00:01'),
         ('e3', 'old', 'x', 'error', NULL, NULL, NULL, '2026-01-01 00:00:02'),
         ('e9', 'old', 'x', 'error', NULL, '{}', NULL, '2026-01-01 00:00:03');
DELETE FROM events WHERE event_id = 'e9';
DELETE FROM seen;
";

/// Of the newest version, as far as it is shared.
const NEWEST: &str = "
ALTER TABLE events ADD COLUMN study TEXT;
CREATE INDEX idx_events_agent_type ON events(agent_type);
CREATE INDEX idx_events_model ON events(model);
CREATE INDEX idx_events_session_cost ON events(session_id, tokens_in, tokens_out, cost_usd);
CREATE INDEX idx_events_created_model ON events(created_at, model, tokens_in, tokens_out, cost_usd);
CREATE INDEX idx_events_session_reconcile ON events(session_id, agent_type, source);
CREATE INDEX idx_events_usage_ts ON events(datetime(COALESCE(client_timestamp, created_at)));
DROP INDEX IF EXISTS idx_events_session_id;
";

fn schema(place: &Place) -> String {
    place.look().rows("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name").join("\n")
}

#[test]
fn an_early_file_is_brought_up_and_loses_nothing() {
    let place = Place::new();
    place.look().0.execute_batch(EARLY).unwrap();
    let store = place.open();
    let look = place.look();
    assert_eq!(
        look.rows(
            "SELECT event_id, metadata, study_id, source, payload_truncated, cache_read_tokens FROM events ORDER BY id"
        ),
        [
            r#"Text("e1")|Text("\"plain \\\"text\\\"\"")|Text("study")|Text("api")|Integer(0)|Integer(0)"#,
            r#"Text("e2")|Text("{\"k\": 1}")|Null|Text("api")|Integer(0)|Integer(0)"#,
            r#"Text("e3")|Null|Null|Text("api")|Integer(0)|Integer(0)"#,
        ]
    );
    // A type that the old list refused; an id that was never given before.
    let new = event(r#"{"session_id":"old","agent_type":"x","event_type":"instruction_load"}"#);
    assert_eq!(put(&store, new), Outcome::Stored(5));
    assert_eq!(look.text("SELECT project FROM events WHERE id = 5").as_deref(), Some("p"));
    assert_eq!(put(&store, with_id("old", "e2")), Outcome::Duplicate);
    assert_eq!(look.rows("SELECT id FROM seen"), ["Integer(5)"], "the trigger was kept");
    assert_eq!(look.number("SELECT COUNT(*) FROM sqlite_master WHERE name = 'idx_events_study_id'"), 1);
    assert_eq!(store.events_after(0, 10).unwrap().len(), 4);
    drop(store);
    let once = schema(&place);
    drop(place.open());
    assert_eq!(schema(&place), once, "opening again changes nothing");
}

#[test]
fn the_newest_file_keeps_its_indexes_and_gets_only_tables_of_ours() {
    let place = Place::new();
    drop(place.open());
    place.look().0.execute_batch(NEWEST).unwrap();
    let before = schema(&place);
    let store = place.open();
    put(&store, with_id("s", "e"));
    drop(store);
    assert_eq!(schema(&place), before);
    // The existing system goes on writing.
    place
        .look()
        .0
        .execute_batch("INSERT INTO events (session_id, agent_type, event_type) VALUES ('s', 'a', 'response')")
        .unwrap();
    assert_eq!(place.open().last_id().unwrap(), 2);
}

#[test]
fn a_new_file_has_the_tables_of_the_reference() {
    let place = Place::new();
    drop(place.open());
    let look = place.look();
    let found: Vec<String> = look
        .rows("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name")
        .into_iter()
        .chain(["agents", "sessions", "events"].into_iter().flat_map(|table| {
            look.rows(&format!(
                "SELECT '{table}', name, type, [notnull], dflt_value, pk FROM pragma_table_info('{table}')"
            ))
        }))
        .collect();
    let found = found.join("\n").replace("Text(\"", "").replace("\")", "");
    let reference = include_str!("schema.txt");
    assert_eq!(found, reference.trim_end(), "the schema is shared with another program");
    assert_eq!(look.text("PRAGMA journal_mode").as_deref(), Some("wal"));
    assert!(
        look.0
            .execute_batch(
                "INSERT INTO events (session_id, agent_type, event_type, status) VALUES ('s', 'a', 'b', 'odd')"
            )
            .is_err()
    );
}

#[test]
fn a_file_of_a_newer_version_is_refused_untouched() {
    let place = Place::new();
    drop(place.open());
    place.look().0.execute_batch("UPDATE gantry_meta SET value = 99 WHERE key = 'schema'").unwrap();
    let before = schema(&place);
    let error = Store::open(&place.database(), Settings::default()).unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 99, .. }), "{error}");
    assert_eq!(schema(&place), before);
}
