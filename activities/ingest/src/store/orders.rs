//! What the writer does beside writing events: sweeps, quotas, what was refused, checks.

use std::time::SystemTime;

use super::{Quota, Rejected, Store, StoreError, Swept, catch_up, quotas, rejected, sweep, writer::Writer};
use crate::timestamp;

impl Store {
    /// Makes sessions idle and ended by the time-out of the settings, both in one go, and tells the listeners.
    /// `now` is the present when absent.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn sweep(&self, now: Option<SystemTime>) -> Result<Swept, StoreError> {
        let now = timestamp::millis_of(now.unwrap_or_else(SystemTime::now)).div_euclid(1000);
        self.order(move |writer| sweep::sweep(writer, now))
    }

    /// Sweeps when a session is due.
    pub(super) fn sweep_if_due(&self) {
        let now = timestamp::now_seconds();
        let minutes = self.settings.timeouts.session_minutes;
        let due = self.readers.read(|connection| sweep::is_due(connection, minutes, now));
        // What is shown is right without it, but for a state or two.
        if due.is_ok_and(|due| due)
            && let Err(error) = self.sweep(None)
        {
            tracing::debug!(%error, "a sweep waits for its time");
        }
    }

    /// Replaces what is known of a provider's quota.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_quota(&self, quota: Quota) -> Result<(), StoreError> {
        self.order(move |writer| quotas::write(&writer.connection, &quota))
    }

    /// Whether the file can be written, by taking and giving back the write lock through the writer's thread.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn probe(&self) -> Result<(), StoreError> {
        self.order(|writer| Ok(writer.connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?))
    }

    /// Keeps what was refused, for people to see why; the newest thousand are kept. Waits for nothing, and gives up rather
    /// than wait when the queue is full.
    pub fn note_rejected(&self, rejected: Vec<Rejected>) {
        let (events, _) = self.shared.queue.waiting();
        if events < self.settings.queue_events {
            self.shared.queue.order(Box::new(move |writer| {
                if let Err(error) = rejected::write(&writer.connection, &rejected) {
                    tracing::debug!(%error, "what was refused was not noted");
                }
            }));
        }
    }

    /// Compares the counters with the rows by SQL and builds them anew where they differ; whether they did.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn verify_counters(&self) -> Result<bool, StoreError> {
        self.order(catch_up::verify)
    }

    /// Has the writer do something, and waits for it.
    fn order<T: Send + 'static>(
        &self,
        order: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, receiver) = std::sync::mpsc::sync_channel(1);
        let open = self.shared.queue.order(Box::new(move |writer| {
            let done = order(writer);
            if done.is_err() && !writer.connection.is_autocommit() {
                // What cannot be rolled back was rolled back by SQLite itself.
                let _ = writer.connection.execute_batch("ROLLBACK");
            }
            // Who asked may be gone.
            let _ = reply.send(done);
        }));
        if !open {
            return Err(StoreError::Closed);
        }
        receiver.recv().unwrap_or(Err(StoreError::Closed))
    }
}
