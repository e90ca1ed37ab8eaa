//! Another place for what is received.

use std::{fmt, pin::Pin, sync::Arc};

use crate::{batch::Batch, refusal::Refusal};

/// What [`Sink::keep`] returns.
pub type Kept = Pin<Box<dyn Future<Output = Result<(), Refusal>> + Send>>;

/// Takes every body that the store of a receiver has taken, those of which it had everything already too. A sender is told that
/// its body was taken after both have it; what comes again must be the same to a sink as what came once.
pub trait Sink: fmt::Debug + Send + Sync {
    /// Takes a body for good.
    ///
    /// # Errors
    /// Inside of the future: what the sender is answered with. It comes again.
    fn keep(&self, batch: Arc<Batch>) -> Kept;
}
