//! Who hears of what was committed.

use std::sync::{Arc, Weak};

use super::shared::Listeners;
use crate::{event::CommittedEvent, lifecycle::Swept};

/// What happened, after COMMIT.
#[derive(Debug, Clone)]
pub enum Notice {
    /// Rows of one transaction, ascending by id. Rows that were put back by [`super::Store::restore`] are not told of.
    Events(Arc<[Arc<CommittedEvent>]>),
    /// A sweep that made at least one session idle or ended.
    Swept(Swept),
    /// A git branch was found and put on a session and its event.
    SessionsChanged,
}

/// Keeps a listener; dropping it ends the calls.
#[derive(Debug, Default)]
pub struct Subscription {
    id: u64,
    listeners: Weak<Listeners>,
}

impl Subscription {
    pub(super) fn new(id: u64, listeners: Weak<Listeners>) -> Self {
        Self { id, listeners }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(listeners) = self.listeners.upgrade() {
            listeners.remove(self.id);
        }
    }
}
