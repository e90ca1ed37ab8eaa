//! Tables, and how older ones become today's.

use rusqlite::{Connection, Transaction};

/// "gses" as a number: who opens another program's database is told so.
pub(super) const APPLICATION_ID: i32 = 0x6773_6573;
/// What this version writes.
pub(super) const VERSION: i64 = 1;

/// Steps from version to version: step n makes n + 1 of n.
const STEPS: [&str; 1] = ["
CREATE TABLE session (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    environment TEXT NOT NULL,
    project TEXT,
    device_id TEXT,
    cwd TEXT,
    git_repo TEXT,
    git_branch TEXT,
    provider_session_id TEXT,
    started_at INTEGER NOT NULL,
    ended_at INTEGER
);
CREATE TABLE source (number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE event (
    number INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES session (number),
    source INTEGER NOT NULL REFERENCES source (number),
    source_offset INTEGER NOT NULL,
    identity BLOB NOT NULL,
    role TEXT NOT NULL,
    content_text TEXT,
    tool_name TEXT,
    tool_input_json TEXT,
    tool_output_text TEXT,
    timestamp INTEGER NOT NULL,
    tool_call_id TEXT,
    item_index INTEGER,
    raw_json TEXT
);
CREATE UNIQUE INDEX event_key ON event (session, source, source_offset, identity);
"];

pub(super) fn migrate(tx: &Transaction<'_>, found: i64) -> rusqlite::Result<()> {
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)
}

pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // What was answered with 200 is never sent again: it is on the disk before the answer.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -65_536)
}
