//! `/api/agents/`: the receiver of sessions, hosted. Limits and answers are its own; who may ask is the service's to say.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, body::Body, http::Response, response::IntoResponse};
use session_receiver::{Access, Batch, Kept, Limits, Receiver, Sink, Store as Sessions, agents_router};
use tokio::{
    sync::Semaphore,
    task::JoinHandle,
    time::{Duration, sleep},
};

use super::{answer::Problem, app::App, guard};
use crate::{event::NewEvent, shipped, store::Outcome};

/// Events that are stored together.
const GROUP_EVENTS: usize = 500;
/// Bodies whose events are made and stored at a time.
const TOGETHER: usize = 4;
/// How often, and after how long, a full queue is asked again before the sender is told to come again.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// A refusal in the words of the receiver.
pub(super) fn refused(refusal: guard::Refusal) -> Response<Body> {
    use session_receiver::Refusal::{Forbidden, Unauthorized};
    let answer = match refusal {
        guard::Refusal::Token => Unauthorized,
        guard::Refusal::Host => {
            Forbidden("the service is not known by this host name: name it in GANTRY_INGEST_ALLOWED_HOSTS".to_owned())
        }
        guard::Refusal::Origin => {
            Forbidden("pages of this origin may not ask: name it in GANTRY_INGEST_ALLOWED_ORIGINS".to_owned())
        }
    };
    answer.into_response()
}

/// The receiver of a service.
pub(super) struct Agents {
    app: Arc<App>,
    sessions: Sessions,
    receiver: Receiver,
    closing: Arc<AtomicBool>,
}

impl Agents {
    pub(super) fn new(app: &Arc<App>, sessions: Sessions) -> Self {
        let per_minute = Some(app.config.agents_per_minute).filter(|events| *events > 0);
        let sink = Arc::new(Rows { app: Arc::clone(app), turn: Arc::new(Semaphore::new(TOGETHER)) });
        let limits = Limits::default();
        let receiver = Receiver::with_sink(sessions.clone(), Access::checked_before(), limits, per_minute, Some(sink));
        Self { app: Arc::clone(app), sessions, receiver, closing: Arc::default() }
    }

    pub(super) fn router(&self) -> Router {
        agents_router(self.receiver.clone())
    }

    /// Looks for what the events' store is lacking, beside the requests. Whether it was done to the end.
    pub(super) fn catch_up(&self) -> JoinHandle<bool> {
        let (app, sessions, closing) = (Arc::clone(&self.app), self.sessions.clone(), Arc::clone(&self.closing));
        tokio::task::spawn_blocking(move || {
            let redact = |event: &mut NewEvent| app.redact(event);
            let proceed = || !closing.load(Ordering::Acquire);
            match shipped::catch_up(&sessions, &app.store, &app.limits, &redact, &proceed) {
                Ok(done) => {
                    if done.stored > 0 {
                        tracing::info!(events = done.stored, "shipped events that were not among the events are now");
                    }
                    done.finished
                }
                Err(error) => {
                    tracing::warn!(%error, "shipped events may be missing among the events until the next start");
                    false
                }
            }
        })
    }

    /// After the last request: remembers that nothing is missing, where that is so, and closes the receiver's store.
    pub(super) async fn close(self, catching_up: JoinHandle<bool>) {
        self.closing.store(true, Ordering::Release);
        let caught_up = catching_up.await.unwrap_or(false);
        let closed = tokio::task::spawn_blocking(move || {
            if caught_up
                && self.receiver.is_settled()
                && let Err(error) = shipped::remember(&self.sessions, &self.app.store)
            {
                tracing::debug!(%error, "the next start looks at the shipped events again");
            }
            // The last of them waits for its writer.
            drop(self);
        });
        if let Err(error) = closed.await {
            tracing::error!(%error, "closing the store of sessions broke off");
        }
    }
}

/// The events' store as the second place of every body.
struct Rows {
    app: Arc<App>,
    turn: Arc<Semaphore>,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rows")
    }
}

impl Sink for Rows {
    fn keep(&self, batch: Arc<Batch>) -> Kept {
        let (app, turn) = (Arc::clone(&self.app), Arc::clone(&self.turn));
        Box::pin(async move {
            let _turn = turn.acquire_owned().await;
            let kept = keep(&app, &batch).await;
            kept.map_err(|problem| {
                app.metrics.rejected.with_label_values(&[problem.label()]).inc();
                refusal(&problem)
            })
        })
    }
}

async fn keep(app: &Arc<App>, batch: &Arc<Batch>) -> Result<(), Problem> {
    for start in (0..batch.events.len()).step_by(GROUP_EVENTS) {
        let mut tries = 0;
        loop {
            match store(app, batch, start).await {
                Err(Problem::Busy(_)) if tries < TRIES => {
                    tries += 1;
                    sleep(PAUSE).await;
                }
                stored => break stored?,
            }
        }
    }
    Ok(())
}

/// Makes events and stores them, of one group.
async fn store(app: &Arc<App>, batch: &Arc<Batch>, start: usize) -> Result<(), Problem> {
    let (making, from) = (Arc::clone(app), Arc::clone(batch));
    let made = tokio::task::spawn_blocking(move || {
        let group = from.events.iter().skip(start).take(GROUP_EVENTS);
        let make = |event| {
            let mut row = shipped::event(&from.session, event, &making.limits);
            making.redact(&mut row);
            row
        };
        group.map(make).collect::<Vec<NewEvent>>()
    });
    let events = made.await.map_err(|error| {
        tracing::error!(%error, "making events of a body broke off");
        Problem::Internal
    })?;
    let _: Vec<Outcome> = app.store_events(events).await?;
    Ok(())
}

/// What a shipper does about it is to come again, as with the receiver's own store.
fn refusal(problem: &Problem) -> session_receiver::Refusal {
    use session_receiver::Refusal::{Busy, Store};
    match problem {
        Problem::Busy(wait) => Busy { seconds: wait.as_secs().max(1) },
        Problem::Closing => Busy { seconds: 5 },
        Problem::Full => Busy { seconds: 60 },
        _ => Store("the events could not be stored".to_owned()),
    }
}
