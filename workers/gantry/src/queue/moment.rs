//! Points in time as the server tells them.

use std::time::{Duration, SystemTime};

/// A point in time, and how it is written (RFC 3339).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) time: SystemTime,
    pub(crate) text: String,
}

impl Moment {
    /// From a protobuf time stamp; `None` for one outside of what a clock can show.
    pub(crate) fn of(stamp: impl TryInto<SystemTime> + ToString) -> Option<Self> {
        let text = stamp.to_string();
        stamp.try_into().ok().map(|time| Self { time, text })
    }

    /// How long ago it was, by the clock of this machine; zero if it lies ahead.
    pub(crate) fn age(&self, now: SystemTime) -> Duration {
        now.duration_since(self.time).unwrap_or_default()
    }
}
