//! The embedded store: one SQLite file that several processes of a host may use at once.
//!
//! Rowid tables with a unique (collection, key) index, BEGIN IMMEDIATE, few and large transactions, a long WAL: each was
//! measured against its alternative (decision record 0005). Commits are flushed to the disk (`synchronous=FULL`), because
//! a heartbeat tells the next attempt to go on after them.

mod backup;
mod connection;
mod count;
mod error;
mod fence;
mod links;
mod query;
mod schema;
mod write;

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params};

use self::{
    count::Filter,
    error::{io_error, sqlite_error, store_error},
    fence::{check_right, fence},
};
use crate::{
    document::{EdgeDocument, EdgeKind, EntityDocument, FileGraph, FileLinks},
    error::{StoreError, StoreResult},
    query::{Direction, Find, Order, Visit},
    store::{Counts, GraphStore, IndexedFile, Removed, Repository, Run, Written},
};

/// In KiB, as SQLite wants it: negative.
const WRITER_CACHE: i64 = -196_608;

/// A graph in a SQLite file.
pub struct SqliteGraph {
    connection: Connection,
    path: PathBuf,
    /// Whether it has written, and has the cache for that.
    is_writer: bool,
}

impl SqliteGraph {
    /// Opens the file, and creates it with its folder when it is not there.
    ///
    /// # Errors
    /// When the file cannot be opened, is something else, or has a newer schema.
    pub fn open(path: &Path) -> StoreResult<Self> {
        let at = |source: std::io::Error| io_error(path, source);
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(at)?;
        }
        // Two processes that switch a new file to WAL at the same moment can fail in spite of the busy time-out.
        let lock = connection::lock(path)?;
        let mut store = Self {
            connection: Connection::open(path).map_err(|e| sqlite_error(path, e))?,
            path: path.to_owned(),
            is_writer: false,
        };
        connection::configure(&mut store.connection, path)?;
        store.migrate()?;
        drop(lock);
        Ok(store)
    }

    /// Opens the file to read from it; it must be there.
    ///
    /// # Errors
    /// As [`Self::open`], and when there is no such file.
    pub fn open_existing(path: &Path) -> StoreResult<Self> {
        fs::metadata(path).map_err(|source| io_error(path, source))?;
        Self::open(path)
    }

    fn migrate(&mut self) -> StoreResult<()> {
        let path = self.path.clone();
        let wrap = |e| sqlite_error(&path, e);
        let found: i64 = self.connection.pragma_query_value(None, "user_version", |r| r.get(0)).map_err(wrap)?;
        // Opening must not wait for a writer that is busy, or that hangs.
        if found == schema::VERSION {
            return Ok(());
        }
        if found > schema::VERSION {
            return Err(StoreError::NewerSchema { path: path.display().to_string(), found, known: schema::VERSION });
        }
        let tx = self.begin()?;
        schema::migrate(&tx, found).map_err(wrap)?;
        tx.pragma_update(None, "application_id", connection::APPLICATION_ID).map_err(wrap)?;
        tx.commit().map_err(wrap)
    }

    fn begin(&mut self) -> StoreResult<Transaction<'_>> {
        let path = &self.path;
        if !self.is_writer {
            // A writer of millions comes back to every page of the indexes; a reader to few.
            self.connection.pragma_update(None, "cache_size", WRITER_CACHE).map_err(|e| sqlite_error(path, e))?;
            self.is_writer = true;
        }
        self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| sqlite_error(path, e))
    }

    /// Reads in one snapshot.
    fn read<T>(&mut self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> StoreResult<T> {
        let Self { connection, path, .. } = self;
        connection.transaction().and_then(|tx| read(&tx)).map_err(|e| sqlite_error(path, e))
    }

    /// Reads what depends on these ids. One statement is a snapshot by itself, and half as dear without a transaction.
    fn read_of<T>(&mut self, ids: &[&str], read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> StoreResult<T> {
        if ids.len() > 1 { self.read(read) } else { self.check(read(&self.connection)) }
    }

    fn check<T>(&self, result: rusqlite::Result<T>) -> StoreResult<T> {
        result.map_err(|e| sqlite_error(&self.path, e))
    }
}

impl GraphStore for SqliteGraph {
    fn begin_run(&mut self, repository: &Repository, epoch: i64) -> StoreResult<Run> {
        let path = self.path.clone();
        let run = Run { repository: repository.clone(), epoch };
        let tx = self.connection.transaction().map_err(|e| sqlite_error(&path, e))?;
        check_right(&tx, &run, &path)?;
        Ok(run)
    }

    fn indexed_files(&mut self, repository: &Repository) -> StoreResult<HashMap<String, IndexedFile>> {
        let query = || {
            self.connection
                .prepare_cached(
                    "SELECT path, content_sha256, extractor, links FROM file
                     WHERE repository = (SELECT id FROM repository WHERE repo_id = ?1 AND org_id = ?2) AND path <> ''",
                )?
                .query_map(params![repository.repo_id, repository.org_id], |r| {
                    Ok((r.get(0)?, IndexedFile { content_sha256: r.get(1)?, extractor: r.get(2)?, links: r.get(3)? }))
                })?
                .collect()
        };
        self.check(query())
    }

    fn replace_files(&mut self, run: &Run, files: &[FileGraph]) -> StoreResult<Written> {
        let path = self.path.clone();
        let tx = self.begin()?;
        let repository = fence(&tx, run, &path)?;
        let written = write::replace_files(&tx, repository, files).map_err(|e| store_error(&path, e))?;
        tx.commit().map_err(|e| sqlite_error(&path, e))?;
        Ok(written)
    }

    fn facts(&mut self, repository: &Repository) -> StoreResult<HashMap<String, Vec<u8>>> {
        self.check(links::facts(&self.connection, repository))
    }

    fn link_files(&mut self, run: &Run, files: &[FileLinks], packages: &[EntityDocument]) -> StoreResult<Written> {
        let path = self.path.clone();
        let wrap = |e| sqlite_error(&path, e);
        let tx = self.begin()?;
        let repository = fence(&tx, run, &path)?;
        let written = links::replace(&tx, repository, files, packages).map_err(|e| store_error(&path, e))?;
        tx.commit().map_err(wrap)?;
        Ok(written)
    }

    fn finish_links(&mut self, run: &Run, summary: &str) -> StoreResult<Written> {
        let path = self.path.clone();
        let wrap = |e| sqlite_error(&path, e);
        let tx = self.begin()?;
        let repository = fence(&tx, run, &path)?;
        let written = links::finish(&tx, repository, summary).map_err(wrap)?;
        tx.commit().map_err(wrap)?;
        Ok(written)
    }

    fn link_summary(&mut self, repository: &Repository) -> StoreResult<Option<String>> {
        let query = self
            .connection
            .query_row(
                "SELECT link_summary FROM repository WHERE repo_id = ?1 AND org_id = ?2",
                params![repository.repo_id, repository.org_id],
                |r| r.get(0),
            )
            .optional();
        Ok(self.check(query)?.flatten())
    }

    fn drop_repository(&mut self, repository: &Repository) -> StoreResult<Removed> {
        let path = self.path.clone();
        let wrap = |e| sqlite_error(&path, e);
        let tx = self.begin()?;
        let removed = write::drop_repository(&tx, repository).map_err(wrap)?;
        tx.commit().map_err(wrap)?;
        Ok(removed)
    }

    fn retain_files(&mut self, run: &Run, scanned: &HashSet<String>, commit: Option<&str>) -> StoreResult<Removed> {
        let path = self.path.clone();
        let wrap = |e| sqlite_error(&path, e);
        {
            // A reader does not wait for writers, and most runs find nothing to remove.
            let tx = self.connection.transaction().map_err(wrap)?;
            if let Some((id, _)) = check_right(&tx, run, &path)?
                && write::vanished_files(&tx, id, scanned).map_err(wrap)?.is_empty()
                && write::last_commit(&tx, id).map_err(wrap)?.as_deref() == commit
            {
                return Ok(Removed::default());
            }
        }
        let tx = self.begin()?;
        let repository = fence(&tx, run, &path)?;
        let removed = write::retain(&tx, repository, scanned).map_err(wrap)?;
        tx.execute("UPDATE repository SET last_commit = ?2 WHERE id = ?1", params![repository, commit])
            .map_err(wrap)?;
        tx.commit().map_err(wrap)?;
        Ok(removed)
    }

    fn counts(&mut self, repository: Option<&Repository>) -> StoreResult<Counts> {
        self.read(|connection| count::counts(connection, repository))
    }

    fn repositories(&mut self) -> StoreResult<Vec<Repository>> {
        let query = || {
            self.connection
                .prepare("SELECT org_id, repo_id FROM repository ORDER BY repo_id")?
                .query_map([], |r| Ok(Repository { org_id: r.get(0)?, repo_id: r.get(1)? }))?
                .collect()
        };
        self.check(query())
    }

    fn find(&mut self, find: &Find<'_>, limit: usize) -> StoreResult<Vec<EntityDocument>> {
        self.check(query::find(&self.connection, find, limit))
    }

    fn entities(&mut self, ids: &[&str]) -> StoreResult<Vec<EntityDocument>> {
        self.read_of(ids, |connection| query::entities(connection, ids))
    }

    fn neighbours(
        &mut self,
        ids: &[&str],
        direction: Direction,
        kinds: &[EdgeKind],
        limit: usize,
    ) -> StoreResult<Vec<EdgeDocument>> {
        self.read_of(ids, |connection| query::neighbours(connection, ids, direction, kinds, limit))
    }

    fn scan(&mut self, repository: Option<&Repository>, order: Order, visit: &mut Visit<'_>) -> StoreResult<u64> {
        let path = self.path.clone();
        let wrap = |e| sqlite_error(&path, e);
        let tx = self.connection.transaction().map_err(wrap)?;
        query::scan(&tx, &Filter(repository), order, wrap, visit)
    }

    fn tidy(&mut self) -> StoreResult<()> {
        // Another writer may be busy; the log is then cut by the next one.
        let query = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        match query {
            Err(rusqlite::Error::SqliteFailure(e, _)) if e.code == ErrorCode::DatabaseBusy => Ok(()),
            other => self.check(other),
        }
    }
}
