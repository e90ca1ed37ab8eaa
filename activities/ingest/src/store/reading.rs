//! What a store answers.

use rusqlite::{Connection, OptionalExtension};

use super::{
    EventFilter, EventPage, Rejected, SessionFilter, SessionPage, SessionRow, Stats, StatsFilter, Store, StoreError,
    lists, rejected, rows, statistics,
    tally::{self, Snapshot},
};
use crate::event::CommittedEvent;

/// How often to look again for a moment at which file and memory fit, before the rows themselves are counted.
const MOMENTS: usize = 100;

impl Store {
    /// The body of `GET /api/stats`. Sweeps first when a session is due.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn stats(&self, filter: &StatsFilter) -> Result<Stats, StoreError> {
        self.sweep_if_due();
        self.read_counted(|connection, snapshot| statistics::stats(connection, snapshot, filter))
    }

    /// The body of `GET /api/events`: newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn events(&self, filter: &EventFilter) -> Result<EventPage, StoreError> {
        self.read_counted(|connection, snapshot| lists::events(connection, snapshot, filter))
    }

    /// The body of `GET /api/sessions`: active first, then idle, then ended, each newest first. Sweeps first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sessions(&self, filter: &SessionFilter) -> Result<SessionPage, StoreError> {
        self.sweep_if_due();
        self.readers.read(|connection| lists::sessions(connection, filter))
    }

    /// One session and its newest events, for `GET /api/sessions/ID`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn session(&self, id: &str, events: u64) -> Result<Option<(SessionRow, Vec<CommittedEvent>)>, StoreError> {
        self.readers.read(|connection| lists::session(connection, id, events))
    }

    /// Events with a greater id, oldest first, at most `limit`: what a stream that resumes has missed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn events_after(&self, id: i64, limit: u64) -> Result<Vec<CommittedEvent>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.readers.read(|connection| rows::select(connection, "WHERE id > ?1 ORDER BY id LIMIT ?2", &[&id, &limit]))
    }

    /// As [`Store::events_after`], of those stored within bounds that SQLite's `datetime()` reads.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn events_within(
        &self,
        id: i64,
        limit: u64,
        since: Option<&str>,
        until: Option<&str>,
    ) -> Result<Vec<CommittedEvent>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rest = "WHERE id > ?1 AND (?3 IS NULL OR created_at >= datetime(?3))
            AND (?4 IS NULL OR created_at <= datetime(?4)) ORDER BY id LIMIT ?2";
        self.readers.read(|connection| rows::select(connection, rest, &[&id, &limit, &since, &until]))
    }

    /// The greatest id that is committed; 0 when there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_id(&self) -> Result<i64, StoreError> {
        self.readers.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT COALESCE(MAX(id), 0) FROM events")?;
            Ok(statement.query_row([], |row| row.get(0))?)
        })
    }

    /// A cumulative counter that outlives the process, by key; `None` when it was never set. For what OTLP metrics count up.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn remembered(&self, key: &str) -> Result<Option<f64>, StoreError> {
        self.readers.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT value FROM gantry_remembered WHERE key = ?1")?;
            Ok(statement.query_row([key], |row| row.get(0)).optional()?)
        })
    }

    /// What was refused, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rejected(&self, limit: u64) -> Result<Vec<Rejected>, StoreError> {
        self.readers.read(|connection| rejected::read(connection, limit))
    }

    /// Reads with the counters in memory that belong to what is read.
    fn read_counted<T>(
        &self,
        mut read: impl FnMut(&Connection, &Snapshot) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        for _ in 0..MOMENTS {
            let done = self.readers.read(|connection| match tally::snapshot(connection, &self.shared.tail)? {
                Some(snapshot) => read(connection, &snapshot).map(Some),
                None => Ok(None),
            })?;
            if let Some(done) = done {
                return Ok(done);
            }
            std::thread::yield_now();
        }
        self.readers.read(|connection| read(connection, &Snapshot::NotYet))
    }
}
