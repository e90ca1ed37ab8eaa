//! Whoever waits for a call: asked whether to go on, told how far it is.

use serde::Serialize;

/// How far a call is. Numbers only grow within one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Sources done.
    pub files: u64,
    /// Sources to do.
    pub files_total: u64,
    /// Bytes of source settled: taken by the server, spooled or quarantined.
    pub bytes: u64,
    /// Bytes of source to do, as they were when the call began.
    pub bytes_total: u64,
    /// Events in batches that are settled.
    pub events: u64,
    /// Bytes of source that the server has taken.
    pub acknowledged: u64,
}

/// The caller's side of a long call. The threads of the call ask it too.
pub trait Control: Sync {
    /// Whether to go on. Asked at least a few times a second; after a `false` the call ends soon, with everything that the server
    /// has taken remembered.
    fn proceed(&self) -> bool {
        true
    }

    /// Told after each group of settled batches, by the thread that made the call.
    fn progress(&self, progress: &Progress) {
        let _ = progress;
    }
}

/// Nobody waits: to the end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unattended;

impl Control for Unattended {}
