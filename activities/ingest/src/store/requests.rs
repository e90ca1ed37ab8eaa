//! The rows of a transaction, request by request.

use rusqlite::{CachedStatement, Connection};

use super::{
    Answer, Outcome, StoreError,
    git::{Heads, Known},
    insert::{insert, is_there, move_to, prepare},
    queue::{Request, Row},
    sessions::Sessions,
};
use crate::{event::NewEvent, lifecycle::Timeouts, timestamp};

/// The time of a transaction, or of a row that is put back.
pub(super) struct Clock {
    pub(super) seconds: i64,
    pub(super) text: String,
}

impl Clock {
    pub(super) fn at(seconds: i64) -> Self {
        Self { seconds, text: timestamp::to_sqlite(seconds) }
    }
}

/// What writing rows needs, for as long as a transaction.
pub(super) struct Rows<'a> {
    connection: &'a Connection,
    statement: CachedStatement<'a>,
    sessions: &'a mut Sessions,
    heads: Option<&'a Heads>,
    timeouts: &'a Timeouts,
    now: &'a Clock,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        sessions: &'a mut Sessions,
        heads: Option<&'a Heads>,
        timeouts: &'a Timeouts,
        now: &'a Clock,
    ) -> rusqlite::Result<Self> {
        Ok(Self { connection, statement: prepare(connection)?, sessions, heads, timeouts, now })
    }

    /// Writes a request. After an error its sessions are as before; the caller sees to its rows.
    pub(super) fn write(&mut self, request: &mut Request) -> Answer {
        self.sessions.begin();
        let answer = self.request(request);
        if answer.is_err() {
            self.sessions.undo();
        }
        answer
    }

    fn request(&mut self, request: &mut Request) -> Answer {
        let mut outcomes = Vec::with_capacity(request.rows.len());
        for row in &mut request.rows {
            outcomes.push(self.row(row)?);
        }
        for (key, value) in &request.counters {
            let mut remember = self.connection.prepare_cached(
                "INSERT INTO gantry_remembered (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )?;
            remember.execute(rusqlite::params![key, value])?;
        }
        Ok(outcomes)
    }

    fn row(&mut self, row: &mut Row) -> Result<Outcome, StoreError> {
        if let Some((id, created_at)) = row.restored {
            return self.restored(row, id, &Clock::at(created_at));
        }
        let event = &mut row.event;
        let given = (event.project.is_some(), event.branch.is_some());
        self.sessions.fill_in(self.connection, event)?;
        let now_millis = self.now.seconds * 1000;
        let mut head = None;
        if let (Some(heads), Some(project)) = (self.heads, &event.project)
            && !self.timeouts.historical(event, now_millis)
            && let Known::Yes(branch) = heads.known(project)
        {
            if event.branch.is_none() {
                event.branch.clone_from(&branch);
            }
            head = branch;
        }
        row.filled = (!given.0 && event.project.is_some(), !given.1 && event.branch.is_some());
        let Some(id) = insert(self.connection, &mut self.statement, event, &self.now.text)? else {
            return Ok(Outcome::Duplicate);
        };
        let state = self.timeouts.after(event, now_millis);
        self.sessions.touch(event, self.now.seconds, state, head.as_ref());
        Ok(Outcome::Stored(id))
    }

    /// Puts a row back as it was, and its session as it was then.
    fn restored(&mut self, row: &mut Row, old: i64, then: &Clock) -> Result<Outcome, StoreError> {
        if row.event.event_id.is_none() && is_there(self.connection, row, old, &then.text)? {
            return Ok(Outcome::Duplicate);
        }
        let Some(new) = insert(self.connection, &mut self.statement, &row.event, &then.text)? else {
            return Ok(Outcome::Duplicate);
        };
        let id = if new == old { new } else { move_to(self.connection, new, old)? };
        let mut seen = NewEvent::new(row.event.session_id.clone(), row.event.agent_type.clone(), row.event.event_type);
        seen.project.clone_from(&row.event.project);
        seen.branch.clone_from(&row.event.branch);
        self.sessions.fill_in(self.connection, &mut seen)?;
        let state = self.timeouts.after(&row.event, then.seconds * 1000);
        self.sessions.touch(&seen, then.seconds, state, None);
        Ok(Outcome::Stored(id))
    }
}
