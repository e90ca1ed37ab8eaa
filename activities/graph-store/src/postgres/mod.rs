//! PostgreSQL: for those who run one, and for worker processes on several hosts.
//!
//! New documents are copied into a table of the session and put with one statement, one transaction a call. What is written
//! of a repository is written under the lock of its row, so writers of one repository wait for each other and those of
//! several do not.
//!
//! Temporary tables and prepared statements belong to a connection: a pooler between has to work by session.

mod error;
mod fence;
mod links;
mod query;
mod schema;
mod session;
mod stage;
mod text;
mod url;
mod write;

use std::{
    collections::{HashMap, HashSet},
    thread,
    time::Duration,
};

use zeroize::Zeroizing;

pub use self::url::{Encryption, PostgresUrl};
use self::{
    error::Fault,
    fence::{check_right, fence},
    session::{Access, Session, Tx},
};
use crate::{
    document::{EdgeDocument, EdgeKind, EntityDocument, FileGraph, FileLinks},
    error::StoreResult,
    query::{Direction, Find, Order, Visit},
    store::{Counts, GraphStore, IndexedFile, Removed, Repository, Run, Written},
};

/// How often a transaction is run that others are in the way of.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);

/// A graph in a PostgreSQL database.
///
/// A connection that was lost makes the call fail as [`crate::StoreError::Unavailable`]; the next call makes another one.
/// Every call can be repeated, also when it is not known whether the server had carried it out.
///
/// Calls block. The client brings an async runtime of its own, so they panic on a thread that drives one: call them, and
/// drop the store, from `spawn_blocking` or a thread without.
pub struct PostgresGraph {
    at: PostgresUrl,
    options: PostgresOptions,
    session: Option<Session>,
}

/// How to get into a server. The password is kept for new connections, and shown nowhere.
#[derive(Clone, Default)]
pub struct PostgresOptions {
    /// Where the server asks for one.
    pub password: Option<Zeroizing<String>>,
}

impl PostgresOptions {
    /// With this password.
    pub fn with_password(password: &str) -> Self {
        Self { password: Some(Zeroizing::new(password.to_owned())) }
    }
}

impl std::fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresOptions").field("password", &self.password.as_ref().map(|_| "***")).finish()
    }
}

impl PostgresGraph {
    /// Connects, and creates the tables when they are not there.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses the user or the password, or the schema `gantry` is something else or of
    /// a newer version.
    pub fn open(at: &PostgresUrl, options: PostgresOptions) -> StoreResult<Self> {
        let mut store = Self { at: at.clone(), options, session: None };
        store.ask(|_| Ok(()))?;
        Ok(store)
    }

    /// The connection, made anew if there is none.
    fn session(&mut self) -> StoreResult<&mut Session> {
        let Self { at, options, session } = self;
        match session {
            Some(session) => Ok(session),
            None => {
                let mut new = Session::connect(at, options.password.as_deref().map(String::as_str))?;
                schema::migrate(&mut new, at).map_err(|fault| fault.into_store(at))?;
                Ok(session.insert(new))
            }
        }
    }

    /// Does something with the connection, again if it was lost before or others were in the way.
    fn attempt<T>(&mut self, attempts: u32, mut work: impl FnMut(&mut Session) -> Result<T, Fault>) -> StoreResult<T> {
        let mut attempt = 1;
        loop {
            let fault = match work(self.session()?) {
                Ok(done) => return Ok(done),
                Err(fault) => fault,
            };
            if fault.is_lost() {
                self.session = None;
            }
            // Of a connection that was lost before, nothing was asked.
            let is_stale = matches!(fault, Fault::Stale(_));
            if !is_stale && (attempt >= attempts || !fault.is_conflict()) {
                return Err(fault.into_store(&self.at));
            }
            thread::sleep(PAUSE * attempt);
            attempt += 1;
        }
    }

    /// Asks single questions. What was asked of a connection that had been lost is asked once more of a new one.
    fn ask<T>(&mut self, mut question: impl FnMut(&mut Session) -> Result<T, Fault>) -> StoreResult<T> {
        let mut is_old = self.session.is_some();
        self.attempt(ATTEMPTS, |session| {
            let was_old = std::mem::take(&mut is_old);
            question(session).map_err(|fault| match fault {
                Fault::Server(error) if was_old && error::is_lost(&error) => Fault::Stale(error),
                other => other,
            })
        })
    }

    fn within<T>(
        &mut self,
        access: Access,
        attempts: u32,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, Fault>,
    ) -> StoreResult<T> {
        let mut is_old = self.session.is_some();
        self.attempt(attempts, |session| {
            let was_old = std::mem::take(&mut is_old);
            let stale = |error| if was_old && error::is_lost(&error) { Fault::Stale(error) } else { error.into() };
            if access == Access::Write {
                stage::prepare(session).map_err(stale)?;
            }
            let mut tx = session.begin(access).map_err(stale)?;
            let done = work(&mut tx)?;
            tx.commit()?;
            Ok(done)
        })
    }

    fn read<T>(&mut self, work: impl FnMut(&mut Tx<'_>) -> Result<T, Fault>) -> StoreResult<T> {
        self.within(Access::Read, ATTEMPTS, work)
    }

    /// Writes as this run, if it still may.
    fn write<T>(&mut self, run: &Run, mut work: impl FnMut(&mut Tx<'_>, i64) -> Result<T, Fault>) -> StoreResult<T> {
        self.within(Access::Write, ATTEMPTS, |tx| {
            let repository = fence(tx, run)?;
            work(tx, repository)
        })
    }
}

impl GraphStore for PostgresGraph {
    fn begin_run(&mut self, repository: &Repository, epoch: i64) -> StoreResult<Run> {
        let run = Run { repository: repository.clone(), epoch };
        self.read(|tx| check_right(tx, &run))?;
        Ok(run)
    }

    fn indexed_files(&mut self, repository: &Repository) -> StoreResult<HashMap<String, IndexedFile>> {
        self.ask(|session| query::indexed_files(session, repository))
    }

    fn replace_files(&mut self, run: &Run, files: &[FileGraph]) -> StoreResult<Written> {
        self.write(run, |tx, repository| write::replace_files(tx, repository, files))
    }

    fn facts(&mut self, repository: &Repository) -> StoreResult<HashMap<String, Vec<u8>>> {
        self.ask(|session| query::facts(session, repository))
    }

    fn link_files(&mut self, run: &Run, files: &[FileLinks], packages: &[EntityDocument]) -> StoreResult<Written> {
        self.write(run, |tx, repository| links::replace(tx, repository, files, packages))
    }

    fn finish_links(&mut self, run: &Run, summary: &str) -> StoreResult<Written> {
        self.write(run, |tx, repository| links::finish(tx, repository, summary))
    }

    fn link_summary(&mut self, repository: &Repository) -> StoreResult<Option<String>> {
        self.ask(|session| query::link_summary(session, repository))
    }

    fn drop_repository(&mut self, repository: &Repository) -> StoreResult<Removed> {
        self.within(Access::Write, ATTEMPTS, |tx| write::drop_repository(tx, repository))
    }

    fn retain_files(&mut self, run: &Run, scanned: &HashSet<String>, commit: Option<&str>) -> StoreResult<Removed> {
        // A reader does not wait for writers, and most runs find nothing to remove.
        let is_as_it_should = self.read(|tx| {
            let Some((id, _)) = check_right(tx, run)? else { return Ok(false) };
            Ok(write::vanished_files(tx, id, scanned)?.is_empty() && write::last_commit(tx, id)?.as_deref() == commit)
        })?;
        if is_as_it_should {
            return Ok(Removed::default());
        }
        self.write(run, |tx, repository| {
            let removed = write::retain(tx, repository, scanned)?;
            tx.execute("UPDATE gantry.repository SET last_commit = $2 WHERE id = $1", &[&repository, &commit])?;
            Ok(removed)
        })
    }

    fn counts(&mut self, repository: Option<&Repository>) -> StoreResult<Counts> {
        self.read(|tx| query::counts(tx, repository))
    }

    fn repositories(&mut self) -> StoreResult<Vec<Repository>> {
        self.ask(query::repositories)
    }

    fn find(&mut self, find: &Find<'_>, limit: usize) -> StoreResult<Vec<EntityDocument>> {
        self.ask(|session| query::find(session, find, limit))
    }

    fn entities(&mut self, ids: &[&str]) -> StoreResult<Vec<EntityDocument>> {
        self.ask(|session| query::entities(session, ids))
    }

    fn neighbours(
        &mut self,
        ids: &[&str],
        direction: Direction,
        kinds: &[EdgeKind],
        limit: usize,
    ) -> StoreResult<Vec<EdgeDocument>> {
        self.ask(|session| query::neighbours(session, ids, direction, kinds, limit))
    }

    fn scan(&mut self, repository: Option<&Repository>, order: Order, visit: &mut Visit<'_>) -> StoreResult<u64> {
        // Once only: what was visited cannot be taken back.
        self.within(Access::Read, 1, |tx| query::scan(tx, repository, order, visit))
    }

    /// Lets the planner know what was written.
    fn tidy(&mut self) -> StoreResult<()> {
        let tables = "ANALYZE gantry.repository, gantry.file, gantry.file_facts, gantry.entity, gantry.edge";
        self.ask(|session| Ok(session.run(tables)?))
    }
}
