//! Connections to the file, and the file among processes.

use std::{
    fs::File,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use fs4::fs_std::FileExt;
use rusqlite::Connection;

use super::error::{io_error, sqlite_error};
use crate::error::{StoreError, StoreResult};

/// "Gntr": marks the file as ours.
pub(super) const APPLICATION_ID: i64 = 0x476e_7472;
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// Prepares a connection, and refuses a file that is something else.
pub(super) fn configure(connection: &mut Connection, path: &Path) -> StoreResult<()> {
    let wrap = |e| sqlite_error(path, e);
    connection.busy_handler(Some(wait_for_others())).map_err(wrap)?;
    let application_id: i64 = connection.pragma_query_value(None, "application_id", |r| r.get(0)).map_err(wrap)?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0)).map_err(wrap)?;
    if application_id != APPLICATION_ID && (application_id != 0 || tables != 0) {
        return Err(StoreError::NotAGraph { path: path.display().to_string() });
    }
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = OFF;
             PRAGMA wal_autocheckpoint = 65536;
             PRAGMA journal_size_limit = 67108864;
             PRAGMA cache_size = -65536;
             PRAGMA mmap_size = 0;
             PRAGMA temp_store = FILE;",
        )
        .map_err(wrap)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Waits while another connection writes. Who has waited for longer tries more often: SQLite's own handler tries less and
/// less often, so that of eight writers whoever came last goes first.
fn wait_for_others() -> impl FnMut(i32) -> bool {
    let mut since = Instant::now();
    move |tries| {
        if tries == 0 {
            since = Instant::now();
        }
        let waited = since.elapsed();
        thread::sleep(Duration::from_micros(match waited.as_millis() {
            0..50 => 8_000,
            50..200 => 4_000,
            200..400 => 2_000,
            _ => 500,
        }));
        waited < BUSY_TIMEOUT
    }
}

/// Keeps other processes from opening, creating and replacing the file, until it is dropped.
pub(super) fn lock(path: &Path) -> StoreResult<File> {
    let at = |source: std::io::Error| io_error(path, source);
    let lock_path = path.with_extension("db-lock");
    let lock = File::options().create(true).truncate(false).write(true).open(&lock_path).map_err(at)?;
    lock.lock_exclusive().map_err(at)?;
    Ok(lock)
}

/// The file that SQLite keeps beside another one.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
