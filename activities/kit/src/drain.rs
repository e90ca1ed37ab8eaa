//! The end of a worker: work that still runs when the grace period is over gives its task back.

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

    /// A token that is cancelled when this fires, and can be cancelled on its own.
    pub(crate) fn child(&self) -> CancellationToken {
        self.0.child_token()
    }
}
