//! A copy of the graph in one file, and back.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use fs4::fs_std::FileExt;
use rusqlite::{
    Connection, ErrorCode, OpenFlags,
    backup::{Backup, StepResult},
};

use super::{
    SqliteGraph,
    connection::{APPLICATION_ID, beside, lock},
    error::{io_error, sqlite_error},
    schema,
};
use crate::error::{StoreError, StoreResult};

/// Pages that are copied at a time.
const PAGES: i32 = 4_096;
/// How long other connections have to let go of the store before a restore gives up.
const PATIENCE: Duration = Duration::from_secs(2);

impl SqliteGraph {
    /// Copies the graph into one file, as it is now: what is written meanwhile, by this process or another one, is not in
    /// it, and need not wait. A file that is there is replaced, if it is a backup. Returns its size in bytes.
    ///
    /// # Errors
    /// When the store cannot be read or the file not be written; then what was there before is still there. `NotAGraph`
    /// when the file is something else, `Rejected` when it is the store itself.
    pub fn backup(&mut self, to: &Path) -> StoreResult<u64> {
        if same_file(&self.path, to) {
            return Err(itself(to));
        }
        if to.exists() {
            open_file(to)?;
            if beside(to, "-wal").exists() {
                let reason = "it is a graph that is in use; name another file".to_owned();
                return Err(StoreError::Rejected { path: to.display().to_string(), document: None, reason });
            }
        }
        let snapshot = self.connection.transaction().map_err(|e| sqlite_error(&self.path, e))?;
        // A transaction begins with its first statement.
        snapshot
            .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
            .map_err(|e| sqlite_error(&self.path, e))?;
        let copy = Unfinished::beside(to)?;
        let bytes = copy_all(&snapshot, &self.path, &copy.path)?;
        copy.put(to)?;
        Ok(bytes)
    }

    /// Makes a backup the store at `path`; it need not be there. Returns its size in bytes.
    ///
    /// # Errors
    /// `NotAGraph` and `NewerSchema` when the backup, or what is in its place, is not what it should be; `Damaged` when the
    /// backup is; `Unavailable` while any process has the store open, since it would go on in a file that is gone. Then
    /// the store is as it was.
    pub fn restore(path: &Path, backup: &Path) -> StoreResult<u64> {
        if same_file(path, backup) {
            return Err(itself(backup));
        }
        let source = open_backup(backup)?;
        let at = |source: io::Error| io_error(path, source);
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(at)?;
        }
        // Whoever opens the store waits for this.
        let lock = lock(path)?;
        let store = if path.exists() { Some(alone(path)?) } else { None };
        if store.is_none() {
            refuse_leftovers(path)?;
        }
        let copy = Unfinished::beside(path)?;
        let bytes = copy_all(&source, backup, &copy.path)?;
        copy.put(path)?;
        // Until here, nobody could open what was there.
        drop(store);
        FileExt::unlock(&lock).map_err(at)?;
        Ok(bytes)
    }
}

/// The connection to a backup: a graph, of a version that is known, and whole.
fn open_backup(path: &Path) -> StoreResult<Connection> {
    let wrap = |e| sqlite_error(path, e);
    let connection = open_file(path)?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |r| r.get(0)).map_err(wrap)?;
    if found > schema::VERSION {
        return Err(StoreError::NewerSchema { path: path.display().to_string(), found, known: schema::VERSION });
    }
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |r| r.get(0)).map_err(wrap)?;
    if verdict != "ok" {
        return Err(StoreError::Damaged { path: path.display().to_string(), reason: verdict });
    }
    Ok(connection)
}

/// The path as SQLite takes it with parameters (<https://www.sqlite.org/uri.html>).
fn uri(path: &Path, parameters: &str) -> StoreResult<String> {
    let absolute = std::path::absolute(path).map_err(|e| io_error(path, e))?;
    let mut uri = "file:".to_owned();
    for byte in absolute.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(uri + parameters)
}

/// A connection to the store that no other one is beside: its log is in the file, and nobody gets in until it is closed.
fn alone(path: &Path) -> StoreResult<Connection> {
    let connection = Connection::open(path).map_err(|e| sqlite_error(path, e))?;
    check_mark(&connection, path)?;
    let others = || StoreError::Unavailable {
        path: path.display().to_string(),
        reason: "a process has the graph open; stop the workers and try again".to_owned(),
    };
    let take = || -> rusqlite::Result<String> {
        connection.busy_timeout(PATIENCE)?;
        connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE")?;
        // To leave the log behind, SQLite has to be alone.
        let mode = connection.query_row("PRAGMA journal_mode = DELETE", [], |r| r.get(0))?;
        connection.execute_batch("BEGIN EXCLUSIVE")?;
        Ok(mode)
    };
    match take() {
        Ok(mode) if mode == "delete" => Ok(connection),
        Ok(_) => Err(others()),
        Err(e) if matches!(e.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => {
            Err(others())
        }
        Err(e) => Err(sqlite_error(path, e)),
    }
}

/// A log without its store would be taken for the log of the restored one.
fn refuse_leftovers(path: &Path) -> StoreResult<()> {
    for suffix in ["-wal", "-journal"] {
        let left = beside(path, suffix);
        if fs::metadata(&left).is_ok_and(|file| file.len() > 0) {
            let reason = "it is left of another graph; move it away".to_owned();
            return Err(StoreError::Damaged { path: left.display().to_string(), reason });
        }
    }
    Ok(())
}

/// Copies every page, and flushes the copy to the disk.
fn copy_all(from: &Connection, from_path: &Path, to: &Path) -> StoreResult<u64> {
    let wrap = |e| sqlite_error(to, e);
    let mut target = Connection::open(to).map_err(wrap)?;
    // It is flushed once at the end, and thrown away if something goes wrong.
    target.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(wrap)?;
    {
        let backup = Backup::new(from, &mut target).map_err(wrap)?;
        loop {
            match backup.step(PAGES).map_err(wrap)? {
                StepResult::Done => break,
                StepResult::More => {}
                // The source is a snapshot and the target is nobody else's.
                _ => {
                    let reason = "it cannot be read now; try again".to_owned();
                    return Err(StoreError::Unavailable { path: from_path.display().to_string(), reason });
                }
            }
        }
    }
    target.close().map_err(|(_, e)| wrap(e))?;
    let file = File::open(to).map_err(|e| io_error(to, e))?;
    file.sync_all().map_err(|e| io_error(to, e))?;
    Ok(file.metadata().map_err(|e| io_error(to, e))?.len())
}

/// Refuses a file that does not say of itself that it is a graph.
fn check_mark(connection: &Connection, path: &Path) -> StoreResult<()> {
    let mark = connection.pragma_query_value(None, "application_id", |r| r.get::<_, i64>(0));
    match mark.map_err(|e| sqlite_error(path, e))? {
        APPLICATION_ID => Ok(()),
        _ => Err(StoreError::NotAGraph { path: path.display().to_string() }),
    }
}

/// Opens a file to read from it. It may lie where nothing can be written, and SQLite would want files beside it: so this
/// promises that nobody writes. Only where there is a log it is a store that somebody uses, and the log is part of it.
fn open_file(path: &Path) -> StoreResult<Connection> {
    fs::metadata(path).map_err(|e| io_error(path, e))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let has_log = fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
    let name = uri(path, if has_log { "" } else { "?immutable=1" })?;
    let connection = Connection::open_with_flags(name, flags).map_err(|e| sqlite_error(path, e))?;
    check_mark(&connection, path)?;
    Ok(connection)
}

fn itself(path: &Path) -> StoreError {
    let reason = "it is the store itself; name another file".to_owned();
    StoreError::Rejected { path: path.display().to_string(), document: None, reason }
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

/// A file under another name in the folder of the one that it becomes. Removed, unless it became that.
struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    fn beside(path: &Path) -> StoreResult<Self> {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.tmp", std::process::id()));
        let unfinished = path.with_file_name(name);
        // Left by a process of the same id that was killed.
        let _ = fs::remove_file(&unfinished);
        File::create_new(&unfinished).map_err(|e| io_error(path, e))?;
        Ok(Self { path: unfinished })
    }

    fn put(self, to: &Path) -> StoreResult<()> {
        let at = |e| io_error(to, e);
        if let Ok(old) = fs::metadata(to) {
            fs::set_permissions(&self.path, old.permissions()).map_err(at)?;
        }
        fs::rename(&self.path, to).map_err(at)?;
        let folder = to.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
