//! Why running work has to stop: somebody cancelled it, or the worker goes away.

use tokio_util::sync::CancellationToken;

/// Fires when running work has to save its checkpoint and stop because the worker is going away. The runtime fires it, the
/// activities watch it. Temporal's own cancellation does not tell a worker's end from a user's wish, so this is kept apart.
#[derive(Debug, Clone, Default)]
pub struct Drain(CancellationToken);

impl Drain {
    /// Asks all running work to stop.
    pub fn fire(&self) {
        self.0.cancel();
    }

    /// Whether it was fired.
    pub fn fired(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// Why work has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Nobody wants its result any more, or its time is over.
    Cancelled,
    /// The worker is going away; another one goes on from the last checkpoint.
    Draining,
}

/// A cancellation token that also fires on the worker's shutdown, and tells the two apart.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    cancelled: CancellationToken,
    drain: Drain,
}

impl Stop {
    pub(crate) fn new(drain: &Drain) -> Self {
        Self { cancelled: CancellationToken::new(), drain: drain.clone() }
    }

    pub(crate) fn cancel(&self) {
        self.cancelled.cancel();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.is_cancelled()
    }

    /// A cancellation goes before a drain: what nobody wants need not be given back.
    pub(crate) fn reason(&self) -> Option<StopReason> {
        if self.cancelled.is_cancelled() {
            Some(StopReason::Cancelled)
        } else if self.drain.fired() {
            Some(StopReason::Draining)
        } else {
            None
        }
    }

    pub(crate) async fn stopped(&self) {
        tokio::select! { () = self.cancelled.cancelled() => {}, () = self.drain.0.cancelled() => {} }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancellation_and_the_end_of_the_worker_are_told_apart() {
        let drain = Drain::default();
        let (one, other) = (Stop::new(&drain), Stop::new(&drain));
        assert_eq!(one.reason(), None);
        one.cancel();
        assert_eq!((one.reason(), other.reason()), (Some(StopReason::Cancelled), None));
        drain.fire();
        assert_eq!((one.reason(), other.reason()), (Some(StopReason::Cancelled), Some(StopReason::Draining)));
    }
}
