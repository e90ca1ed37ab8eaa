//! Figures of a store, for metrics.

use std::sync::atomic::Ordering;

use super::Store;

/// Figures of the store since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gauges {
    /// Events that wait.
    pub queued_events: u64,
    /// About how many bytes they take.
    pub queued_bytes: u64,
    /// Events stored.
    pub stored: u64,
    /// Events whose id was there.
    pub duplicates: u64,
    /// Events refused because the queue was full.
    pub refused: u64,
    /// Events whose transaction failed.
    pub failed: u64,
    /// Transactions committed.
    pub commits: u64,
    /// Microseconds spent in COMMIT.
    pub commit_micros: u64,
    /// Bytes of the main file.
    pub database_bytes: u64,
    /// Bytes of the write-ahead log.
    pub wal_bytes: u64,
}

impl Store {
    /// What the queue, the writer and the file are doing, for metrics; cheap.
    pub fn gauges(&self) -> Gauges {
        let (queued_events, queued_bytes) = self.shared.queue.waiting();
        let counts = &self.shared.gauges;
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let bytes = |suffix: &str| {
            let mut path = self.path.as_os_str().to_owned();
            path.push(suffix);
            std::fs::metadata(path).map_or(0, |metadata| metadata.len())
        };
        Gauges {
            queued_events: count(queued_events),
            queued_bytes: count(queued_bytes),
            stored: counts.stored.load(Ordering::Relaxed),
            duplicates: counts.duplicates.load(Ordering::Relaxed),
            refused: counts.refused.load(Ordering::Relaxed),
            failed: counts.failed.load(Ordering::Relaxed),
            commits: counts.commits.load(Ordering::Relaxed),
            commit_micros: counts.commit_micros.load(Ordering::Relaxed),
            database_bytes: bytes(""),
            wal_bytes: bytes("-wal"),
        }
    }
}
