//! The answer to a request, which comes after COMMIT.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::StoreError;

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lane {
    /// Requests that someone waits for.
    #[default]
    Live,
    /// Imports: written while nothing waits on the other lane.
    Background,
}

/// What became of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Stored under this id.
    Stored(i64),
    /// Its `event_id` was there already; nothing was touched.
    Duplicate,
}

impl Outcome {
    /// The id of the row that was stored.
    pub fn stored(self) -> Option<i64> {
        match self {
            Self::Stored(id) => Some(id),
            Self::Duplicate => None,
        }
    }
}

/// One outcome for each event of the request, in its order, or one error for all.
pub type Answer = Result<Vec<Outcome>, StoreError>;

/// Where the answer will be. A future; or [`Ticket::wait`] from a thread.
#[derive(Debug)]
pub struct Ticket {
    pub(super) receiver: oneshot::Receiver<Answer>,
}

impl Ticket {
    /// Waits for the answer. Not from within an async task: await the ticket there.
    ///
    /// # Errors
    /// When the transaction failed; nothing of the request is stored then.
    pub fn wait(self) -> Answer {
        self.receiver.blocking_recv().unwrap_or(Err(StoreError::Closed))
    }
}

impl Ticket {
    /// As [`Ticket::wait`], for so long at most; `None` when there is no answer by then. It can be asked again.
    pub fn wait_for(&mut self, patience: Duration) -> Option<Answer> {
        let until = Instant::now() + patience;
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(answer) = Pin::new(&mut *self).poll(&mut context) {
                return Some(answer);
            }
            match until.saturating_duration_since(Instant::now()) {
                Duration::ZERO => return None,
                left => thread::park_timeout(left),
            }
        }
    }
}

/// Wakes a thread that waits for an answer.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Future for Ticket {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        Pin::new(&mut self.receiver).poll(context).map(|received| received.unwrap_or(Err(StoreError::Closed)))
    }
}
