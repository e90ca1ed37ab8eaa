//! What waits for the writer: two lanes, bounded by events and by bytes.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{Answer, Lane, Restored, StoreError, writer::Writer};
use crate::event::NewEvent;

/// Rows of imports that are written between two looks at the other lane.
const BACKGROUND_ROWS: usize = 2000;

/// How long the writer waits for those that it expects.
const MOMENT: Duration = Duration::from_millis(2);
/// And for how many at most: a transaction of more costs no less for each.
const EXPECTED_EVENTS: usize = 500;

/// A row to be written.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) event: NewEvent,
    /// Of a row that is put back: its id and when it was stored, in seconds since 1970.
    pub(super) restored: Option<(i64, i64)>,
    /// Whether project and branch were filled in by the store.
    pub(super) filled: (bool, bool),
}

impl Row {
    pub(super) fn new(event: NewEvent, restored: Option<(i64, i64)>) -> Self {
        Self { event, restored, filled: (false, false) }
    }

    /// A row that is put back.
    pub(super) fn restored(restored: Restored) -> Self {
        Self::new(restored.event, Some((restored.id, restored.created_at)))
    }

    /// As it came, to be written again.
    pub(super) fn reset(&mut self) {
        if std::mem::take(&mut self.filled.0) {
            self.event.project = None;
        }
        if std::mem::take(&mut self.filled.1) {
            self.event.branch = None;
        }
    }
}

/// A request: all of its rows or none.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) rows: Vec<Row>,
    /// Counters to remember with them.
    pub(super) counters: Vec<(String, f64)>,
    pub(super) weight: usize,
    pub(super) reply: oneshot::Sender<Answer>,
}

/// Something that only the writer may do.
pub(super) type Order = Box<dyn FnOnce(&mut Writer) + Send>;

enum Job {
    Request(Request),
    Order(Order),
}

/// What the writer does next.
pub(super) enum Next {
    Requests(Vec<Request>),
    Order(Order),
    /// Nothing waits.
    Idle,
    /// Closed, and nothing waits.
    Closed,
}

#[derive(Default)]
struct Waiting {
    live: VecDeque<Job>,
    background: VecDeque<Job>,
    events: usize,
    bytes: usize,
    closed: bool,
    /// Events that the writer waits for; it is not woken before they are there.
    expected: usize,
}

pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    work: Condvar,
    room: Condvar,
    events: usize,
    bytes: usize,
}

impl Queue {
    pub(super) fn new(events: usize, bytes: usize) -> Self {
        Self { waiting: Mutex::default(), work: Condvar::new(), room: Condvar::new(), events, bytes }
    }

    // A thread that panicked inside left whole jobs behind, nothing half done.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Events and bytes that wait.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let waiting = self.lock();
        (waiting.events, waiting.bytes)
    }

    pub(super) fn push(&self, lane: Lane, request: Request) -> Result<(), StoreError> {
        self.push_within(lane, request, None).map_err(|(error, _)| error)
    }

    /// As [`Queue::push`], and waits for room on the lane of imports for so long at most. What finds none comes back.
    pub(super) fn push_within(
        &self,
        lane: Lane,
        request: Request,
        patience: Option<Duration>,
    ) -> Result<(), (StoreError, Request)> {
        let until = patience.map(|patience| Instant::now() + patience);
        let busy = || StoreError::Busy { retry_after: Duration::from_secs(1) };
        let mut waiting = self.lock();
        loop {
            if waiting.closed {
                return Err((StoreError::Closed, request));
            }
            // What is larger than the whole queue gets it to itself.
            let fits = waiting.events == 0
                || (waiting.events + request.rows.len() <= self.events && waiting.bytes + request.weight <= self.bytes);
            // Imports leave half of the room to those that are waited for.
            let fits = fits && (lane == Lane::Live || waiting.events <= self.events / 2);
            if fits {
                break;
            }
            if lane == Lane::Live {
                return Err((busy(), request));
            }
            waiting = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.room.wait(waiting).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return Err((busy(), request)),
                Some(left) => self.room.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        waiting.events += request.rows.len();
        waiting.bytes += request.weight;
        match lane {
            Lane::Live => waiting.live.push_back(Job::Request(request)),
            Lane::Background => waiting.background.push_back(Job::Request(request)),
        }
        if waiting.events >= waiting.expected {
            self.work.notify_one();
        }
        Ok(())
    }

    /// Orders are few: they always fit. Whether it is still open.
    pub(super) fn order(&self, order: Order) -> bool {
        let mut waiting = self.lock();
        if !waiting.closed {
            waiting.live.push_back(Job::Order(order));
            self.work.notify_one();
        }
        !waiting.closed
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
        self.room.notify_all();
    }

    /// Closes it and drops all that waits: nobody will write it.
    pub(super) fn abandon(&self) {
        self.close();
        let mut waiting = self.lock();
        let dropped = (std::mem::take(&mut waiting.live), std::mem::take(&mut waiting.background));
        drop(waiting);
        drop(dropped);
    }

    /// All that waits, up to so many rows; waits for something for at most that long, and a moment more for a part of those
    /// senders who were answered together before, of so many events.
    pub(super) fn next(&self, rows: usize, patience: Duration, answered: usize) -> Next {
        let mut waiting = self.lock();
        if waiting.live.is_empty() && waiting.background.is_empty() && !waiting.closed {
            let nothing =
                |waiting: &mut Waiting| waiting.live.is_empty() && waiting.background.is_empty() && !waiting.closed;
            let (woken, _) =
                self.work.wait_timeout_while(waiting, patience, nothing).unwrap_or_else(PoisonError::into_inner);
            waiting = woken;
        }
        // All of them would mean that the senders stand still while the writer works, and the writer while they do.
        let expected = if answered == 0 { 0 } else { ((answered + waiting.events) / 4).min(EXPECTED_EVENTS) };
        if !waiting.live.is_empty() && waiting.events < expected {
            waiting.expected = expected.min(rows);
            let few = |waiting: &mut Waiting| waiting.events < waiting.expected && !waiting.closed;
            let (woken, _) = self.work.wait_timeout_while(waiting, MOMENT, few).unwrap_or_else(PoisonError::into_inner);
            waiting = woken;
            waiting.expected = 0;
        }
        let (mut requests, mut taken, mut bytes) = (Vec::new(), 0, 0);
        let live = !waiting.live.is_empty();
        let limit = if live { rows } else { rows.min(BACKGROUND_ROWS) };
        let lane = if live { &mut waiting.live } else { &mut waiting.background };
        while let Some(job) = lane.pop_front() {
            match job {
                Job::Order(order) if requests.is_empty() => return Next::Order(order),
                Job::Request(request) if requests.is_empty() || taken + request.rows.len() <= limit => {
                    taken += request.rows.len();
                    bytes += request.weight;
                    requests.push(request);
                }
                job => {
                    lane.push_front(job);
                    break;
                }
            }
        }
        if requests.is_empty() {
            return if waiting.closed { Next::Closed } else { Next::Idle };
        }
        waiting.events -= taken;
        waiting.bytes -= bytes;
        self.room.notify_all();
        Next::Requests(requests)
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (events, bytes) = self.waiting();
        formatter.debug_struct("Queue").field("events", &events).field("bytes", &bytes).finish_non_exhaustive()
    }
}
