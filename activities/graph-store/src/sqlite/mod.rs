//! The embedded store: one SQLite file that several processes of a host may use at once.
//!
//! Rowid tables with a unique (collection, key) index, BEGIN IMMEDIATE, few and large transactions, a long WAL: each was
//! measured against its alternative (decision record 0005). Commits are flushed to the disk (`synchronous=FULL`), because
//! a heartbeat tells the next attempt to go on after them.

mod links;
mod query;
mod schema;
mod write;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use fs4::fs_std::FileExt;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::{
    document::{EdgeDocument, EdgeKind, EntityDocument, FileGraph, FileLinks},
    error::{StoreError, StoreResult},
    query::{Direction, Find, Order, Stored, Visit},
    store::{Counts, GraphStore, IndexedFile, Removed, Repository, Run, Written},
};

/// "Gntr": marks the file as ours.
const APPLICATION_ID: i64 = 0x476e_7472;
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// A graph in a SQLite file.
pub struct SqliteGraph {
    connection: Connection,
    path: PathBuf,
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
        let lock_path = path.with_extension("db-lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_path).map_err(at)?;
        lock.lock_exclusive().map_err(at)?;
        let mut store =
            Self { connection: Connection::open(path).map_err(|e| sqlite_error(path, e))?, path: path.to_owned() };
        store.configure()?;
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

    fn configure(&self) -> StoreResult<()> {
        let c = &self.connection;
        self.check(c.busy_timeout(BUSY_TIMEOUT))?;
        let application_id: i64 = self.check(c.pragma_query_value(None, "application_id", |r| r.get(0)))?;
        let tables: i64 = self.check(c.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0)))?;
        if application_id != APPLICATION_ID && (application_id != 0 || tables != 0) {
            return Err(StoreError::NotAGraph { path: self.path.display().to_string() });
        }
        self.check(c.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = OFF;
             PRAGMA wal_autocheckpoint = 16384;
             PRAGMA journal_size_limit = 67108864;
             PRAGMA cache_size = -65536;
             PRAGMA mmap_size = 0;
             PRAGMA temp_store = MEMORY;",
        ))?;
        c.set_prepared_statement_cache_capacity(64);
        Ok(())
    }

    fn migrate(&mut self) -> StoreResult<()> {
        let path = self.path.clone();
        let wrap = |e| sqlite_error(&path, e);
        let found: i64 = self.connection.pragma_query_value(None, "user_version", |r| r.get(0)).map_err(wrap)?;
        // Opening must not wait for a writer that is busy, or that hangs.
        if found == schema::VERSION {
            return Ok(());
        }
        let tx = self.begin()?;
        if found > schema::VERSION {
            return Err(StoreError::NewerSchema { path: path.display().to_string(), found, known: schema::VERSION });
        }
        schema::migrate(&tx, found).map_err(wrap)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID).map_err(wrap)?;
        tx.commit().map_err(wrap)
    }

    fn begin(&mut self) -> StoreResult<Transaction<'_>> {
        let path = &self.path;
        self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| sqlite_error(path, e))
    }

    /// Reads in one snapshot.
    fn read<T>(&mut self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> StoreResult<T> {
        let Self { connection, path } = self;
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
        let mut sum = Written::default();
        for file in files {
            let one = write::replace_file(&tx, repository, file).map_err(|e| sqlite_error(&path, e))?;
            sum.written += one.written;
            sum.removed += one.removed;
        }
        tx.commit().map_err(|e| sqlite_error(&path, e))?;
        Ok(sum)
    }

    fn facts(&mut self, repository: &Repository) -> StoreResult<HashMap<String, Vec<u8>>> {
        self.check(links::facts(&self.connection, repository))
    }

    fn link_files(&mut self, run: &Run, files: &[FileLinks], packages: &[EntityDocument]) -> StoreResult<Written> {
        let path = self.path.clone();
        let wrap = |e| sqlite_error(&path, e);
        let tx = self.begin()?;
        let repository = fence(&tx, run, &path)?;
        let written = links::replace(&tx, repository, files, packages).map_err(wrap)?;
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
        self.read(|tx| {
            let filter = Filter(repository);
            Ok(Counts {
                entities: tally(tx, &filter.sql("SELECT d.kind, count(*) FROM entity d", "GROUP BY d.kind"), &filter)?,
                edges: tally(
                    tx,
                    &filter.sql("SELECT d.collection, count(*) FROM edge d", "GROUP BY d.collection"),
                    &filter,
                )?,
                languages: tally(
                    tx,
                    &filter.sql(
                        "SELECT json_extract(d.doc, '$.language') AS language, count(*) FROM entity d",
                        "AND d.kind = 'file' AND language IS NOT NULL GROUP BY language",
                    ),
                    &filter,
                )?,
            })
        })
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
        let filter = Filter(repository);
        let mut seen = 0;
        for (collection, is_edge) in query::collections(order) {
            let mut statement = query::of_collection(&tx, &filter, collection, is_edge).map_err(wrap)?;
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next().map_err(wrap)? {
                let json = row.get_ref(0).and_then(|v| Ok(v.as_str()?)).map_err(wrap)?;
                visit(Stored { collection, is_edge, json })?;
                seen += 1;
            }
        }
        Ok(seen)
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

/// The repository's row id and epoch, if it is there; refuses a run that a later one has replaced.
fn check_right(tx: &Transaction<'_>, run: &Run, path: &Path) -> StoreResult<Option<(i64, i64)>> {
    let Repository { org_id, repo_id } = &run.repository;
    let row: Option<(i64, i64, String)> = tx
        .prepare_cached("SELECT id, epoch, org_id FROM repository WHERE repo_id = ?1")
        .and_then(|mut s| s.query_row([repo_id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).optional())
        .map_err(|e| sqlite_error(path, e))?;
    let Some((id, current, owner)) = row else { return Ok(None) };
    if owner != *org_id {
        return Err(StoreError::OtherOrganisation { repo_id: repo_id.clone(), org_id: org_id.clone(), owner });
    }
    if current > run.epoch {
        return Err(StoreError::Fenced { repo_id: repo_id.clone(), epoch: run.epoch, current });
    }
    Ok(Some((id, current)))
}

/// Takes the right to write from earlier runs; the repository's row id.
fn fence(tx: &Transaction<'_>, run: &Run, path: &Path) -> StoreResult<i64> {
    match check_right(tx, run, path)? {
        Some((id, current)) if current == run.epoch => Ok(id),
        _ => tx
            .query_row(
                "INSERT INTO repository (repo_id, org_id, epoch) VALUES (?1, ?2, ?3)
                 ON CONFLICT (repo_id) DO UPDATE SET epoch = excluded.epoch RETURNING id",
                params![run.repository.repo_id, run.repository.org_id, run.epoch],
                |r| r.get(0),
            )
            .map_err(|e| sqlite_error(path, e)),
    }
}

/// Restricts a query over documents `d` to one repository.
struct Filter<'a>(Option<&'a Repository>);

impl Filter<'_> {
    fn sql(&self, select: &str, tail: &str) -> String {
        match self.0 {
            None => format!("{select} WHERE 1 {tail}"),
            Some(_) => format!(
                "{select} JOIN file f ON f.id = d.file JOIN repository r ON r.id = f.repository
                 WHERE r.repo_id = :repo AND r.org_id = :org {tail}"
            ),
        }
    }

    fn bind(&self, statement: &mut rusqlite::Statement<'_>) -> rusqlite::Result<()> {
        if let Some(repository) = self.0 {
            bind(statement, ":repo", &repository.repo_id)?;
            bind(statement, ":org", &repository.org_id)?;
        }
        Ok(())
    }
}

fn bind(statement: &mut rusqlite::Statement<'_>, name: &str, value: &str) -> rusqlite::Result<()> {
    match statement.parameter_index(name)? {
        Some(index) => statement.raw_bind_parameter(index, value),
        None => Err(rusqlite::Error::InvalidParameterName(name.to_owned())),
    }
}

fn tally(tx: &Connection, sql: &str, filter: &Filter<'_>) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut statement = tx.prepare(sql)?;
    filter.bind(&mut statement)?;
    let mut rows = statement.raw_query();
    let mut counts = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let count: i64 = row.get(1)?;
        counts.insert(row.get(0)?, u64::try_from(count).unwrap_or_default());
    }
    Ok(counts)
}

fn io_error(path: &Path, source: std::io::Error) -> StoreError {
    let path = path.display().to_string();
    match source.kind() {
        std::io::ErrorKind::PermissionDenied => StoreError::PermissionDenied { path, source },
        std::io::ErrorKind::StorageFull => StoreError::DiskFull { path },
        _ => StoreError::Unavailable { path, reason: source.to_string() },
    }
}

fn sqlite_error(path: &Path, error: rusqlite::Error) -> StoreError {
    let code = error.sqlite_error_code();
    let path = path.display().to_string();
    match code {
        Some(ErrorCode::DiskFull) => StoreError::DiskFull { path },
        Some(ErrorCode::NotADatabase) => StoreError::NotAGraph { path },
        Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            StoreError::PermissionDenied { path, source: std::io::Error::other(error) }
        }
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OutOfMemory,
        ) => StoreError::Unavailable { path, reason: error.to_string() },
        _ => StoreError::Damaged { path, reason: error.to_string() },
    }
}
