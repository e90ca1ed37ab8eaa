//! One SQLite file of events: one owner process, one thread that writes, a few connections that read.
//!
//! A request waits in a bounded queue; the writer takes all that wait into one transaction, with a savepoint each, and
//! answers after COMMIT. Listeners hear of a row after COMMIT, never before.

mod catch_up;
mod checkpoint;
mod counters;
mod counting;
mod error;
mod filter;
mod gauges;
mod git;
mod insert;
mod lists;
mod migrate;
mod open;
mod orders;
mod owner;
mod queue;
mod quotas;
mod readers;
mod reading;
mod rejected;
mod requests;
mod rows;
mod schema;
mod sessions;
mod settings;
mod shared;
mod statistics;
mod stats;
mod subscribe;
mod sweep;
mod tally;
mod ticket;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::oneshot;

pub use error::StoreError;
pub use filter::{EventFilter, EventPage, SessionFilter, SessionPage, SessionRow};
pub use gauges::Gauges;
pub use rejected::Rejected;
pub use settings::{Durability, Settings};
pub use stats::{Quota, QuotaCredits, QuotaWindow, Stats, StatsFilter};
pub use subscribe::{Notice, Subscription};
pub use ticket::{Answer, Lane, Outcome, Ticket};

use owner::Owner;
use queue::{Request, Row};
use readers::Readers;
use shared::Shared;

pub use crate::lifecycle::Swept;
use crate::{event::NewEvent, prices::Tokens};

/// The store. Cheap to share behind an `Arc`; dropping the last one drains the queue, commits and gives the file free.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    settings: Settings,
    shared: Arc<Shared>,
    readers: Readers,
    running: Mutex<Option<(JoinHandle<()>, Owner)>>,
}

/// An event that was stored once and is put back.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// Its id then; kept where it is free.
    pub id: i64,
    /// When it was stored, in seconds since 1970.
    pub created_at: i64,
    /// What was stored.
    pub event: NewEvent,
}

/// Rows that wait to be taken by [`Store::offer`].
#[derive(Debug)]
pub struct Unsent(Vec<Row>);

/// What [`Store::offer`] says.
#[derive(Debug)]
pub enum Offered {
    /// In the queue.
    Taken(Ticket),
    /// There is no room yet.
    Full(Unsent),
}

impl Store {
    /// Opens the file or makes it, brings an older schema up, and becomes its owner.
    ///
    /// # Errors
    /// [`StoreError::Owned`] while another process owns it, [`StoreError::NewerSchema`], and what the disk says.
    pub fn open(path: &Path, settings: Settings) -> Result<Self, StoreError> {
        open::open(path, settings)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it was opened with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Puts events into the queue, as one request: all of them are stored or, when the ticket says an error, none.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the queue is full; nothing was taken then. [`StoreError::Closed`] after [`Store::close`].
    pub fn write(&self, events: Vec<NewEvent>) -> Result<Ticket, StoreError> {
        self.write_on(Lane::Live, events)
    }

    /// As [`Store::write`], on a lane of its own choice. [`Lane::Background`] waits for room instead of being refused,
    /// and is written only while nothing waits on the other.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_on(&self, lane: Lane, events: Vec<NewEvent>) -> Result<Ticket, StoreError> {
        self.request(lane, events, Vec::new())
    }

    /// As [`Store::write`], and remembers the counters in the same transaction: both are stored or none.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_remembering(&self, events: Vec<NewEvent>, counters: Vec<(String, f64)>) -> Result<Ticket, StoreError> {
        self.write_remembering_on(Lane::Live, events, counters)
    }

    /// As [`Store::write_remembering`], on a lane of its own choice.
    ///
    /// # Errors
    /// As [`Store::write_on`].
    pub fn write_remembering_on(
        &self,
        lane: Lane,
        events: Vec<NewEvent>,
        counters: Vec<(String, f64)>,
    ) -> Result<Ticket, StoreError> {
        self.request(lane, events, counters)
    }

    /// Puts events back as they were: under their ids where those are free, at their times, with what their sessions were
    /// then. For [`crate::transfer`]; on the lane of imports.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn restore(&self, events: Vec<Restored>) -> Result<Ticket, StoreError> {
        self.push(Lane::Background, events.into_iter().map(Row::restored).collect(), Vec::new())
    }

    /// Events for [`Store::offer`].
    pub fn unsent(&self, events: Vec<NewEvent>) -> Unsent {
        Unsent(self.rows(events))
    }

    /// Events that are put back, as by [`Store::restore`], for [`Store::offer`].
    pub fn unsent_restored(&self, events: Vec<Restored>) -> Unsent {
        Unsent(events.into_iter().map(Row::restored).collect())
    }

    /// Puts rows into the queue on the lane of imports, as one request. Where there is no room within `patience` they come back.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub fn offer(&self, unsent: Unsent, patience: Duration) -> Result<Offered, StoreError> {
        let (request, ticket) = Self::ticketed(unsent.0, Vec::new());
        match self.shared.queue.push_within(Lane::Background, request, Some(patience)) {
            Ok(()) => Ok(Offered::Taken(ticket)),
            Err((StoreError::Busy { .. }, request)) => Ok(Offered::Full(Unsent(request.rows))),
            Err((error, _)) => Err(error),
        }
    }

    fn rows(&self, events: Vec<NewEvent>) -> Vec<Row> {
        let row = |mut event: NewEvent| {
            self.price(&mut event);
            Row::new(event, None)
        };
        events.into_iter().map(row).collect()
    }

    fn ticketed(rows: Vec<Row>, counters: Vec<(String, f64)>) -> (Request, Ticket) {
        let (reply, receiver) = oneshot::channel();
        let weight = rows.iter().map(|row| row.event.weight()).sum();
        (Request { rows, counters, weight, reply }, Ticket { receiver })
    }

    fn request(&self, lane: Lane, events: Vec<NewEvent>, counters: Vec<(String, f64)>) -> Result<Ticket, StoreError> {
        self.push(lane, self.rows(events), counters)
    }

    fn push(&self, lane: Lane, rows: Vec<Row>, counters: Vec<(String, f64)>) -> Result<Ticket, StoreError> {
        let count = rows.len();
        let (request, ticket) = Self::ticketed(rows, counters);
        let pushed = self.shared.queue.push(lane, request);
        if let Err(StoreError::Busy { .. }) = pushed {
            self.shared.gauges.refused.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        pushed.map(|()| ticket)
    }

    fn price(&self, event: &mut NewEvent) {
        if event.cost_usd.is_some() || (event.tokens_in == 0 && event.tokens_out == 0) {
            return;
        }
        let tokens = Tokens {
            input: event.tokens_in,
            output: event.tokens_out,
            cache_read: event.cache_read_tokens,
            cache_write: event.cache_write_tokens,
        };
        event.cost_usd = event.model.as_deref().and_then(|model| self.settings.prices.cost(model, tokens));
    }

    /// Calls back on the writer's thread after each COMMIT, in the order of ids, until the subscription is dropped.
    /// The callback must be quick and must not call the store: hand the `Arc` on and return.
    pub fn subscribe(&self, listener: impl Fn(&Notice) + Send + Sync + 'static) -> Subscription {
        self.shared.listeners.add(Arc::new(listener))
    }

    /// Writes what waits, commits, gives the file free. Later calls answer [`StoreError::Closed`].
    pub fn close(&self) {
        self.shared.queue.close();
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((writer, owner)) = running {
            self.readers.close();
            // A writer that panicked has said so on its own.
            let _ = writer.join();
            drop(owner);
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}
