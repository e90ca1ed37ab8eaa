//! How much source goes into one body: what was asked for, less where the server or the line cannot take it.

use std::sync::atomic::{AtomicU64, Ordering};

/// No body is made smaller than this by what is learned; a single line that is larger goes alone.
const SMALLEST: u64 = 64 * 1024;

/// The size of batches as it was learned so far.
#[derive(Debug)]
pub(super) struct BatchLimit {
    now: AtomicU64,
    /// What the server has not called too large.
    ceiling: AtomicU64,
}

impl BatchLimit {
    pub(super) fn new(bytes: u64) -> Self {
        Self { now: AtomicU64::new(bytes.max(1)), ceiling: AtomicU64::new(bytes.max(1)) }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// The server said 413 to so much.
    pub(super) fn too_large(&self, bytes: u64) {
        let half = (bytes / 2).max(SMALLEST);
        self.ceiling.fetch_min(half, Ordering::Relaxed);
        self.now.fetch_min(half, Ordering::Relaxed);
    }

    /// So much did not get through in time. A body that can never be sent in the time there is would be tried for ever.
    pub(super) fn too_slow(&self, bytes: u64) {
        self.now.fetch_min((bytes / 2).max(SMALLEST), Ordering::Relaxed);
    }

    /// A body got through.
    pub(super) fn passed(&self) {
        let now = self.now.load(Ordering::Relaxed);
        let ceiling = self.ceiling.load(Ordering::Relaxed);
        if now < ceiling {
            self.now.store(now.saturating_mul(2).min(ceiling), Ordering::Relaxed);
        }
    }
}
