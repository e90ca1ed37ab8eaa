//! The database itself: opened, made, written in transactions.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::error::{of, of_io};
use crate::engine::{Error, ErrorKind};

/// How long a statement waits for another program that has the database locked.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The older daemon's tables, as it makes them.
const OLDER: &str = "
CREATE TABLE IF NOT EXISTS file_state (
    path TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    queued_offset INTEGER NOT NULL DEFAULT 0,
    acked_offset INTEGER NOT NULL DEFAULT 0,
    session_id TEXT,
    provider_session_id TEXT,
    last_updated TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS spool_queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    file_path TEXT NOT NULL,
    start_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    session_id TEXT,
    created_at TEXT NOT NULL,
    retry_count INTEGER DEFAULT 0,
    next_retry_at TEXT NOT NULL,
    last_error TEXT,
    status TEXT DEFAULT 'pending'
);
CREATE INDEX IF NOT EXISTS idx_spool_status ON spool_queue(status, next_retry_at);
";

/// Ours. The index on the older table is invisible to whoever reads it; without it each acknowledgement would read the whole spool.
const OURS: &str = "
CREATE TABLE IF NOT EXISTS gantry_book (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gantry_file (
    path TEXT PRIMARY KEY,
    device INTEGER, inode INTEGER, birth INTEGER, mtime INTEGER, size INTEGER,
    head_length INTEGER, head BLOB,
    tail_offset INTEGER, tail BLOB,
    metadata TEXT, metadata_offset INTEGER,
    first_seen INTEGER
);
CREATE INDEX IF NOT EXISTS gantry_file_identity ON gantry_file(inode, device);
CREATE TABLE IF NOT EXISTS gantry_range (
    path TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    PRIMARY KEY (path, start, end)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gantry_spool (id INTEGER PRIMARY KEY, metadata TEXT, metadata_offset INTEGER, died_at INTEGER);
CREATE TABLE IF NOT EXISTS gantry_quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL, provider TEXT NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL,
    reason TEXT NOT NULL, status_code INTEGER,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS gantry_copy (path TEXT PRIMARY KEY, provider TEXT NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS gantry_quarantine_range ON gantry_quarantine(path, start, end);
CREATE INDEX IF NOT EXISTS gantry_spool_path ON spool_queue(file_path, status, start_offset);
INSERT OR IGNORE INTO gantry_book (key, value) VALUES ('schema', '1');
";

/// The version of our tables. A database of a later one is refused.
const SCHEMA: u64 = 1;

/// What every statement here stands on; fails on a table of the same name with other columns.
const PROBES: [&str; 8] = [
    "SELECT path, provider, queued_offset, acked_offset, session_id, provider_session_id, last_updated FROM file_state LIMIT 1",
    "SELECT id, provider, file_path, start_offset, end_offset, session_id, created_at, retry_count, next_retry_at, last_error, status \
     FROM spool_queue LIMIT 1",
    "SELECT path, device, inode, birth, mtime, size, head_length, head, tail_offset, tail, metadata, metadata_offset, first_seen \
     FROM gantry_file LIMIT 1",
    "SELECT path, start, end FROM gantry_range LIMIT 1",
    "SELECT id, metadata, metadata_offset, died_at FROM gantry_spool LIMIT 1",
    "SELECT id, path, provider, start, end, reason, status_code, created_at, state FROM gantry_quarantine LIMIT 1",
    "SELECT key, value FROM gantry_book LIMIT 1",
    "SELECT path, provider FROM gantry_copy LIMIT 1",
];

/// The database of one engine, for writing.
#[derive(Debug)]
pub(crate) struct Database {
    pub(super) path: PathBuf,
    connection: Mutex<Connection>,
}

impl Database {
    /// Opens the database, or makes it, readable by its user alone.
    ///
    /// # Errors
    ///
    /// `StoreUnavailable` for a file that is damaged, no database, or of a later version: it is never replaced.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        create_private(path).map_err(|error| of_io(path, "the database cannot be made", &error))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)
            .and_then(|connection| prepare(&connection).map(|()| connection))
            .map_err(|error| of(path, &error))?;
        let version: u64 = connection
            .query_row("SELECT value FROM gantry_book WHERE key = 'schema'", [], |row| {
                Ok(super::values::unsigned(row, 0))
            })
            .map_err(|error| of(path, &error))?;
        if version > SCHEMA {
            return Err(Error::new(
                ErrorKind::StoreUnavailable,
                format!("the state is of version {version}, this program knows {SCHEMA}"),
                path.display().to_string(),
                "use the newer program",
            ));
        }
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        work(&self.connection()).map_err(|error| of(&self.path, &error))
    }

    /// Writes, all or nothing.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, Error> {
        let mut connection = self.connection();
        let run = || {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = work(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        };
        run().map_err(|error| of(&self.path, &error))
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // Views and triggers of a file from elsewhere do not run as ours.
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch(OLDER)?;
    connection.execute_batch(OURS)?;
    for probe in PROBES {
        connection.prepare(probe)?.query([])?.next()?;
    }
    Ok(())
}

#[cfg(unix)]
fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().create(true).append(true).open(path).map(drop)
}
