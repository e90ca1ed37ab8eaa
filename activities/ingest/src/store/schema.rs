//! The tables: those of the existing system, which stay as they are, and our own, whose names begin with `gantry_`.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;

/// Version of our own tables.
pub(super) const VERSION: i64 = 1;

pub(super) const EVENTS: &str = "(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT UNIQUE,
  schema_version INTEGER NOT NULL DEFAULT 1,
  session_id TEXT NOT NULL,
  agent_type TEXT NOT NULL,
  event_type TEXT NOT NULL,
  tool_name TEXT,
  status TEXT NOT NULL DEFAULT 'success' CHECK (status IN ('success', 'error', 'timeout')),
  tokens_in INTEGER DEFAULT 0,
  tokens_out INTEGER DEFAULT 0,
  branch TEXT,
  project TEXT,
  duration_ms INTEGER,
  created_at TEXT NOT NULL DEFAULT (datetime('now')),
  client_timestamp TEXT,
  metadata TEXT DEFAULT '{}',
  payload_truncated INTEGER NOT NULL DEFAULT 0 CHECK (payload_truncated IN (0, 1)),
  model TEXT,
  cost_usd REAL,
  cache_read_tokens INTEGER DEFAULT 0,
  cache_write_tokens INTEGER DEFAULT 0,
  source TEXT DEFAULT 'api'";

const SHARED: &str = "
CREATE TABLE IF NOT EXISTS agents (
  id TEXT PRIMARY KEY,
  agent_type TEXT NOT NULL,
  name TEXT,
  registered_at TEXT NOT NULL DEFAULT (datetime('now')),
  last_seen_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY,
  agent_id TEXT NOT NULL,
  agent_type TEXT NOT NULL,
  project TEXT,
  branch TEXT,
  status TEXT NOT NULL DEFAULT 'active',
  started_at TEXT NOT NULL DEFAULT (datetime('now')),
  ended_at TEXT,
  last_event_at TEXT NOT NULL DEFAULT (datetime('now')),
  metadata TEXT DEFAULT '{}'
);";

/// The indexes that our reads need. What the existing system has beside them is made by it when it opens the file, and
/// kept here: each costs a tenth of the rate or more, and the counters answer what they are for.
const INDEXES: &str = "
CREATE INDEX IF NOT EXISTS idx_events_created_at ON events(created_at);
CREATE INDEX IF NOT EXISTS idx_sessions_status ON sessions(status);";

const OWN: &str = "
CREATE TABLE IF NOT EXISTS gantry_meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gantry_counters (
  span INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  agent_type TEXT NOT NULL,
  event_type TEXT NOT NULL,
  tool_name TEXT NOT NULL,
  model TEXT NOT NULL,
  events INTEGER NOT NULL,
  tokens_in INTEGER NOT NULL,
  tokens_out INTEGER NOT NULL,
  cost_usd REAL NOT NULL,
  PRIMARY KEY (span, bucket, agent_type, event_type, tool_name, model)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gantry_codex_import (
  session_id TEXT PRIMARY KEY,
  newest INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gantry_codex_otel (
  session_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  id INTEGER NOT NULL,
  key BLOB NOT NULL,
  tokens_in INTEGER NOT NULL,
  tokens_out INTEGER NOT NULL,
  cost_usd REAL NOT NULL,
  PRIMARY KEY (session_id, at, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gantry_quotas (provider TEXT PRIMARY KEY, quota TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gantry_remembered (key TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gantry_rejected (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  origin TEXT NOT NULL,
  errors TEXT NOT NULL,
  sample TEXT NOT NULL
);";

/// Columns that older files lack.
const ADDED: [(&str, &str); 7] = [
    ("client_timestamp", "TEXT"),
    ("payload_truncated", "INTEGER NOT NULL DEFAULT 0"),
    ("model", "TEXT"),
    ("cost_usd", "REAL"),
    ("cache_read_tokens", "INTEGER DEFAULT 0"),
    ("cache_write_tokens", "INTEGER DEFAULT 0"),
    ("source", "TEXT DEFAULT 'api'"),
];

/// Makes the tables or brings them up, in one transaction.
pub(super) fn prepare(connection: &mut Connection, path: &std::path::Path) -> Result<(), StoreError> {
    let found = version(connection)?;
    if let Some(found) = found.filter(|found| *found > VERSION) {
        return Err(StoreError::NewerSchema { path: path.to_owned(), found, known: VERSION });
    }
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    transaction.execute_batch(SHARED)?;
    transaction.execute_batch(&format!("CREATE TABLE IF NOT EXISTS events {EVENTS})"))?;
    transaction.execute_batch(OWN)?;
    add_columns(&transaction)?;
    super::migrate::quote_metadata(&transaction)?;
    super::migrate::drop_type_check(&transaction)?;
    transaction.execute_batch(INDEXES)?;
    if !has_session_index(&transaction)? {
        transaction.execute_batch("CREATE INDEX idx_events_session_id ON events(session_id)")?;
    }
    set_meta(&transaction, "schema", VERSION)?;
    transaction.commit()?;
    Ok(())
}

fn version(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let table = "SELECT 1 FROM sqlite_master WHERE name = 'gantry_meta'";
    if connection.query_row(table, [], |_| Ok(())).optional()?.is_none() {
        return Ok(None);
    }
    meta(connection, "schema").map_err(StoreError::from)
}

fn add_columns(connection: &Connection) -> Result<(), StoreError> {
    let known = super::migrate::columns(connection, "events")?;
    for (name, kind) in ADDED {
        if !known.iter().any(|(column, _)| column == name) {
            connection.execute_batch(&format!("ALTER TABLE events ADD COLUMN {name} {kind}"))?;
        }
    }
    Ok(())
}

/// Whether some index begins with the session: the existing system has one that holds more.
fn has_session_index(connection: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM pragma_index_list('events') AS list, pragma_index_info(list.name) AS info
               WHERE list.partial = 0 AND info.seqno = 0 AND info.name = 'session_id'";
    Ok(connection.query_row(sql, [], |_| Ok(())).optional()?.is_some())
}

/// A number that is kept in the file.
pub(super) fn meta(connection: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT value FROM gantry_meta WHERE key = ?1")?;
    statement.query_row([key], |row| row.get(0)).optional()
}

/// Keeps a number in the file.
pub(super) fn set_meta(connection: &Connection, key: &str, value: i64) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO gantry_meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    connection.prepare_cached(sql)?.execute(params![key, value])?;
    Ok(())
}
