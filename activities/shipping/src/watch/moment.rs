//! What time it is, in the two ways that a watcher needs to tell them apart.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// One reading of both clocks of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Time that the machine was awake; it stands still while the machine sleeps, and nobody can set it.
    pub steady: Duration,
    /// Time on the wall since 1970: it goes on while the machine sleeps, and it can be set.
    pub wall: Duration,
}

impl Moment {
    /// How far the wall clock moved, in either direction, beyond what the steady clock did since `before`: sleep, or a clock
    /// that was set.
    pub fn jump_since(self, before: Self) -> Duration {
        (self.wall + before.steady).abs_diff(before.wall + self.steady)
    }
}

/// The machine's own clocks.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
}

impl Clock {
    /// A clock whose steady part begins now.
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// Both clocks, read now.
    pub fn now(self) -> Moment {
        Moment {
            steady: self.started.elapsed(),
            wall: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        }
    }
}
