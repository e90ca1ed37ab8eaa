//! The thread that writes: all requests that wait go into one transaction.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{
    Answer, Notice, Outcome, Settings, StoreError,
    checkpoint::Checkpoints,
    counters::{self, Table},
    counting::{count, counted},
    git::{Heads, Known, Sought},
    queue::{Next, Request, Row},
    requests::{Clock, Rows},
    sessions::Sessions,
    shared::Shared,
};
use crate::{event::CommittedEvent, timestamp};

/// The counters in memory are written to the file after so many events, or so many keys, or so long without work.
const TAIL_EVENTS: usize = 20_000;
const TAIL_KEYS: usize = 4096;
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) settings: Settings,
    pub(super) shared: Arc<Shared>,
    pub(super) sessions: Sessions,
    heads: Option<Heads>,
    checkpoints: Option<Checkpoints>,
    /// What the transaction adds to the counters.
    added: Table,
    key: Vec<u8>,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        checkpoints: Option<Checkpoints>,
        settings: Settings,
        shared: Arc<Shared>,
    ) -> Self {
        let heads = settings.projects_dir.clone().map(|folder| Heads::start(folder, Arc::clone(&shared)));
        Self {
            connection,
            settings,
            shared,
            sessions: Sessions::default(),
            heads,
            checkpoints,
            added: Table::default(),
            key: Vec::new(),
        }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        // Whatever ends this thread, nobody waits for it any more.
        let _ended = Ended(&shared);
        let mut answered = 0;
        loop {
            let whole = self.shared.tail.lock().whole;
            let patience = if whole { PATIENCE } else { Duration::ZERO };
            match self.shared.queue.next(self.settings.group_rows, patience, answered) {
                Next::Requests(requests) => {
                    // Of those that were answered together most come back together: they are waited for a moment, which
                    // one sender alone never is.
                    let rows = requests.iter().map(|request| request.rows.len()).sum();
                    answered = if requests.len() > 1 { rows } else { 0 };
                    self.write(requests);
                }
                Next::Order(order) => order(&mut self),
                Next::Idle if whole => self.write_counters(),
                Next::Idle => {}
                Next::Closed => break,
            }
            if !whole {
                self.catch_up();
            }
        }
        self.write_counters();
        self.heads = None;
        // Before the connection: the last one that closes puts the log into the file and removes it.
        if let Some(checkpoints) = self.checkpoints.take() {
            checkpoints.end(&mut self.connection);
        }
    }

    fn write(&mut self, mut requests: Vec<Request>) {
        let answers = self.group(&mut requests);
        let gauges = &self.shared.gauges;
        let answers = answers.unwrap_or_else(|error| {
            tracing::warn!(%error, requests = requests.len(), "a transaction failed; its requests are refused");
            requests.iter().map(|_| Err(error.clone())).collect()
        });
        let (mut committed, mut sought) = (Vec::new(), Vec::new());
        let listened = self.shared.listeners.any();
        for (request, answer) in requests.into_iter().zip(answers) {
            let rows = u64::try_from(request.rows.len()).unwrap_or(u64::MAX);
            match &answer {
                Err(_) => gauges.failed.fetch_add(rows, Ordering::Relaxed),
                Ok(outcomes) => {
                    let kept = outcomes.iter().filter(|outcome| outcome.stored().is_some()).count();
                    let kept = u64::try_from(kept).unwrap_or(u64::MAX);
                    if listened || self.heads.is_some() {
                        self.hand_on(request.rows, outcomes, listened, &mut committed, &mut sought);
                    }
                    gauges.duplicates.fetch_add(rows - kept, Ordering::Relaxed);
                    gauges.stored.fetch_add(kept, Ordering::Relaxed)
                }
            };
            // Who asked may be gone.
            let _ = request.reply.send(answer);
        }
        if !committed.is_empty() {
            self.shared.listeners.tell(&Notice::Events(committed.into()));
        }
        if let Some(heads) = &self.heads {
            heads.seek(sought);
        }
    }

    /// Rows that are stored, for listeners and for those that look for branches.
    fn hand_on(
        &self,
        rows: Vec<Row>,
        outcomes: &[Outcome],
        listened: bool,
        committed: &mut Vec<Arc<CommittedEvent>>,
        sought: &mut Vec<Sought>,
    ) {
        let now = Clock::at(self.shared.last_clock.load(Ordering::Relaxed));
        for (row, outcome) in rows.into_iter().zip(outcomes) {
            let (Some(id), None) = (outcome.stored(), row.restored) else { continue };
            if let (Some(heads), Some(project)) = (&self.heads, &row.event.project)
                && !self.settings.timeouts.historical(&row.event, now.seconds * 1000)
                && matches!(heads.known(project), Known::No)
            {
                sought.push(Sought { project: project.clone(), session: row.event.session_id.clone(), id });
            }
            if listened {
                committed.push(Arc::new(CommittedEvent::new(id, now.text.clone(), row.event)));
            }
        }
    }

    /// One transaction. An error is one of all requests; those of single requests are among the answers.
    ///
    /// A savepoint for each request would have SQLite copy each page that a request changes, at a third of the rate. So the
    /// first attempt has none, and only when a request fails all are written again with them.
    fn group(&mut self, requests: &mut [Request]) -> Result<Vec<Answer>, StoreError> {
        let mut result = self.attempt(requests, false);
        if !matches!(result, Ok(Some(_))) {
            self.roll_back();
        }
        if matches!(result, Ok(None)) {
            requests.iter_mut().flat_map(|request| &mut request.rows).for_each(Row::reset);
            result = self.attempt(requests, true);
            if !matches!(result, Ok(Some(_))) {
                self.roll_back();
            }
        }
        self.added.clear();
        result.map(Option::unwrap_or_default)
    }

    fn roll_back(&mut self) {
        if !self.connection.is_autocommit() {
            // What cannot be rolled back was rolled back by SQLite itself.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        self.sessions.forget();
        self.added.clear();
    }

    /// `None` when a request failed without a savepoint to go back to.
    fn attempt(&mut self, requests: &mut [Request], guarded: bool) -> Result<Option<Vec<Answer>>, StoreError> {
        let now = Clock::at(timestamp::now_seconds());
        self.shared.last_clock.store(now.seconds, Ordering::Relaxed);
        statement(&self.connection, "BEGIN IMMEDIATE")?;
        let mut answers = Vec::with_capacity(requests.len());
        let mut rows =
            Rows::new(&self.connection, &mut self.sessions, self.heads.as_ref(), &self.settings.timeouts, &now)?;
        for request in requests.iter_mut() {
            if guarded {
                statement(&self.connection, "SAVEPOINT request")?;
            }
            let answer = rows.write(request);
            if let Err(error) = &answer {
                if self.connection.is_autocommit() {
                    return Err(error.clone());
                }
                if !guarded {
                    return Ok(None);
                }
                statement(&self.connection, "ROLLBACK TO request")?;
            }
            if guarded {
                statement(&self.connection, "RELEASE request")?;
            }
            answers.push(answer);
        }
        drop(rows);
        self.sessions.write(&self.connection)?;
        let tail = self.count(requests, &answers, &now)?;
        let started = Instant::now();
        statement(&self.connection, "COMMIT")?;
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.shared.gauges.commit_micros.fetch_add(micros, Ordering::Relaxed);
        self.shared.gauges.commits.fetch_add(1, Ordering::Relaxed);
        self.keep_counters(tail);
        Ok(Some(answers))
    }

    /// Counts the rows that were stored; returns the new end of the counters and whether they were written to the file.
    fn count(&mut self, requests: &[Request], answers: &[Answer], now: &Clock) -> Result<Option<Counts>, StoreError> {
        if !self.shared.tail.lock().whole {
            return Ok(None);
        }
        let (mut last, mut events, mut changed) = (0, 0, false);
        let rows = requests.iter().zip(answers).filter_map(|(request, answer)| Some((request, answer.as_ref().ok()?)));
        for (row, outcome) in rows.flat_map(|(request, outcomes)| request.rows.iter().zip(outcomes)) {
            let Some(id) = outcome.stored() else { continue };
            let second = row.restored.map_or(now.seconds, |(_, created_at)| created_at);
            changed |= count(&self.connection, &mut self.added, &mut self.key, &counted(id, &row.event, second))?;
            last = last.max(id);
            events += 1;
        }
        let tail = self.shared.tail.lock();
        let end = last.max(tail.last);
        let due = tail.events + events >= TAIL_EVENTS || tail.table.len() + self.added.len() >= TAIL_KEYS;
        if changed || due {
            counters::write(&self.connection, &[&tail.table, &self.added], end)?;
        }
        Ok(Some(Counts { end, events, written: changed || due }))
    }

    fn keep_counters(&mut self, counts: Option<Counts>) {
        let Some(counts) = counts else { return };
        let mut tail = self.shared.tail.lock();
        tail.last = counts.end;
        if counts.written {
            tail.base = counts.end;
            tail.events = 0;
            tail.table.clear();
        } else {
            tail.events += counts.events;
            for (key, sums) in &self.added {
                counters::add(&mut tail.table, key, sums);
            }
        }
    }

    /// Writes the counters in memory to the file; what fails now is tried again.
    pub(super) fn write_counters(&mut self) {
        let mut tail = self.shared.tail.lock();
        if !tail.whole || (tail.events == 0 && tail.table.is_empty()) {
            return;
        }
        let written = self.connection.unchecked_transaction().and_then(|transaction| {
            counters::write(&transaction, &[&tail.table], tail.last)?;
            transaction.commit()
        });
        match written {
            Ok(()) => {
                tail.base = tail.last;
                tail.events = 0;
                tail.table.clear();
            }
            Err(error) => tracing::debug!(%error, "the counters stay in memory"),
        }
    }
}

fn statement(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    Ok(connection.prepare_cached(sql)?.execute([]).map(|_| ())?)
}

struct Counts {
    end: i64,
    events: usize,
    written: bool,
}

struct Ended<'a>(&'a Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.queue.abandon();
    }
}
