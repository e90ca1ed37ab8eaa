//! What running work holds: progress, checkpoints, and the question whether to go on.

use std::time::{SystemTime, UNIX_EPOCH};

use contracts::shared::{Heartbeat, Progress};
use tokio::sync::watch;

use crate::{Drain, Stop, StopReason, WorkError, WorkResult};

/// What running work holds: it reports progress, saves checkpoints, and asks whether to go on. It knows neither async nor
/// Temporal, and any number of threads may use it at once.
#[derive(Debug)]
pub struct Job<C> {
    latest: watch::Sender<Heartbeat<C>>,
    stop: Stop,
    epoch: i64,
}

impl<C> Job<C> {
    pub(crate) fn new(latest: watch::Sender<Heartbeat<C>>, stop: Stop, scheduled: Option<SystemTime>) -> Self {
        let since = scheduled.unwrap_or_else(SystemTime::now).duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { latest, stop, epoch: i64::try_from(since.as_micros()).unwrap_or(i64::MAX) }
    }

    /// A job that nobody watches, for tests and command lines without Temporal.
    pub fn detached() -> Self {
        Self::new(
            watch::Sender::new(Heartbeat { progress: None, checkpoint: None }),
            Stop::new(&Drain::default()),
            None,
        )
    }

    /// When the server scheduled this attempt, in microseconds since 1970: a later attempt at the same work has a larger
    /// one, whichever of the two gets to write first. For fencing attempts that were given up.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Says how far the work is.
    pub fn progress(&self, phase: &str, done: u64, total: u64, unit: &str) {
        let progress = Progress { phase: phase.to_owned(), done, total, unit: unit.to_owned() };
        self.latest.send_modify(|beat| beat.progress = Some(progress));
    }

    /// Sets from where another attempt goes on. Only call it when all before that point is stored durably.
    pub fn checkpoint(&self, checkpoint: C) {
        self.latest.send_modify(|beat| beat.checkpoint = Some(checkpoint));
    }

    /// Why the work has to stop, if it has to.
    pub fn stopped(&self) -> Option<StopReason> {
        self.stop.reason()
    }

    /// Returns when the work has to stop; for `select!` in work that waits.
    pub async fn until_stopped(&self) -> StopReason {
        self.stop.stopped().await;
        self.stop.reason().unwrap_or(StopReason::Cancelled)
    }

    /// [`WorkError::Interrupted`] if the work has to stop; for `?` in loops.
    ///
    /// # Errors
    /// When the work has to stop.
    pub fn proceed(&self) -> WorkResult<()> {
        if self.stopped().is_some() { Err(WorkError::Interrupted) } else { Ok(()) }
    }

    /// Stops the job, as a cancellation does.
    pub fn interrupt(&self) {
        self.stop.cancel();
    }

    /// The last thing said, for whoever watches a detached job.
    pub fn latest(&self) -> watch::Receiver<Heartbeat<C>> {
        self.latest.subscribe()
    }
}
