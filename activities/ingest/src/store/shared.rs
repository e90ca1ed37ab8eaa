//! What the writer, the readers and the callers share.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
};

use super::{Notice, Settings, Subscription, counters::SharedTail, queue::Queue};

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) stored: AtomicU64,
    pub(super) duplicates: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) commits: AtomicU64,
    pub(super) commit_micros: AtomicU64,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) queue: Queue,
    pub(super) tail: SharedTail,
    pub(super) listeners: Arc<Listeners>,
    pub(super) gauges: Counts,
    /// Time of the last transaction, in seconds since 1970.
    pub(super) last_clock: AtomicI64,
}

impl Shared {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            queue: Queue::new(settings.queue_events, settings.queue_bytes),
            tail: SharedTail::default(),
            listeners: Arc::default(),
            gauges: Counts::default(),
            last_clock: AtomicI64::new(0),
        }
    }
}

type Listener = Arc<dyn Fn(&Notice) + Send + Sync>;

/// Who hears of what was committed.
#[derive(Default)]
pub(super) struct Listeners {
    all: Mutex<Vec<(u64, Listener)>>,
    next: AtomicU64,
    any: AtomicBool,
}

impl Listeners {
    pub(super) fn add(self: &Arc<Self>, listener: Listener) -> Subscription {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.all.lock().unwrap_or_else(PoisonError::into_inner).push((id, listener));
        self.any.store(true, Ordering::Release);
        Subscription::new(id, Arc::downgrade(self))
    }

    pub(super) fn remove(&self, id: u64) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(known, _)| *known != id);
        self.any.store(!all.is_empty(), Ordering::Release);
    }

    pub(super) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    pub(super) fn tell(&self, notice: &Notice) {
        // Not under the lock: a listener may drop its subscription.
        let all: Vec<Listener> = {
            let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            all.iter().map(|(_, listener)| Arc::clone(listener)).collect()
        };
        for listener in all {
            listener(notice);
        }
    }
}

impl std::fmt::Debug for Listeners {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Listeners").field("any", &self.any()).finish_non_exhaustive()
    }
}
