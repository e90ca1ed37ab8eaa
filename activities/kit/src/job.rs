//! Work on a thread of its own, with heartbeats, resume, cancellation and drain.

use std::time::Duration;

use contracts::{
    errors::ErrorType,
    shared::{Heartbeat, Progress},
};
use serde::{Serialize, de::DeserializeOwned};
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::{sync::watch, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::{Drain, Failure, WorkError, WorkResult};

/// How often a heartbeat is recorded. The SDK sends at most one a second of them, which is what lets a cancellation arrive
/// within two seconds.
const BEAT: Duration = Duration::from_millis(500);

/// What running work holds: it reports progress, saves checkpoints, and asks whether to go on. It knows neither async nor
/// Temporal.
#[derive(Debug)]
pub struct Job<C> {
    latest: watch::Sender<Heartbeat<C>>,
    stop: CancellationToken,
}

impl<C> Job<C> {
    /// A job that nobody watches, for tests and command lines without Temporal.
    pub fn detached() -> Self {
        let latest = watch::Sender::new(Heartbeat { progress: None, checkpoint: None });
        Self { latest, stop: CancellationToken::new() }
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

    /// Whether the work has to stop.
    pub fn interrupted(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// [`WorkError::Interrupted`] if the work has to stop; for `?` in loops.
    ///
    /// # Errors
    /// When the work has to stop.
    pub fn proceed(&self) -> WorkResult<()> {
        if self.interrupted() { Err(WorkError::Interrupted) } else { Ok(()) }
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

/// Runs `work` on a blocking thread for an activity. It gets the checkpoint of the attempt before, if there was one.
///
/// Heartbeats go on all the time, also while the work waits for a processor. A cancellation and the end of the worker both
/// interrupt the work; it ends as cancelled in the first case, and in the second its task is given back, so that another
/// worker goes on from the last checkpoint at once.
///
/// # Errors
/// The work's own failure, a cancellation, the end of the worker, or a panic of the work ([`ErrorType::Internal`]).
pub async fn run<C, O, W>(ctx: &ActivityContext, drain: &Drain, work: W) -> Result<O, ActivityError>
where
    C: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    O: Send + 'static,
    W: FnOnce(Option<C>, &Job<C>) -> WorkResult<O> + Send + 'static,
{
    let resume = checkpoint_of_last_attempt(ctx);
    // The first heartbeats carry the old checkpoint: an attempt that dies early must not erase it.
    let latest = watch::Sender::new(Heartbeat { progress: None, checkpoint: resume.clone() });
    let seen = latest.subscribe();
    let stop = drain.child();
    let job = Job { latest, stop: stop.clone() };
    let span = tracing::Span::current();
    let mut running = tokio::task::spawn_blocking(move || span.in_scope(|| work(resume, &job)));
    let mut tick = tokio::time::interval(BEAT);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ended = loop {
        tokio::select! {
            ended = &mut running => break ended,
            _ = tick.tick() => beat(ctx, &seen).await,
            () = ctx.cancelled(), if !stop.is_cancelled() => stop.cancel(),
        }
    };
    // Core keeps the last recorded details and sends them along with a failure, however short ago the one before was.
    beat(ctx, &seen).await;
    match ended {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(WorkError::Failed(failure))) => {
            tracing::warn!(error_type = %failure.error_type, place = %failure.place, hint = %failure.hint, "{}", failure.what);
            Err(failure.into_activity_error())
        }
        Ok(Err(WorkError::Interrupted)) if drain.fired() && !ctx.is_cancelled() => {
            Err(draining().into_activity_error())
        }
        Ok(Err(WorkError::Interrupted)) => Err(ActivityError::cancelled()),
        Err(join) => {
            tracing::error!(error = %join, "the work panicked");
            Err(panicked(ctx, join).into_activity_error())
        }
    }
}

async fn beat<C: Serialize + Clone + Send + Sync + 'static>(
    ctx: &ActivityContext,
    seen: &watch::Receiver<Heartbeat<C>>,
) {
    let latest = seen.borrow().clone();
    if let Err(error) = ctx.record_heartbeat(latest).await {
        tracing::warn!(%error, "a heartbeat could not be recorded");
    }
}

fn checkpoint_of_last_attempt<C: DeserializeOwned + Serialize + 'static>(ctx: &ActivityContext) -> Option<C> {
    match ctx.heartbeat_details().deserialize::<Heartbeat<C>>() {
        Ok(beat) => beat.and_then(|b| b.checkpoint),
        Err(error) => {
            // Another version's checkpoint: starting over is right, since every activity is idempotent.
            tracing::warn!(%error, "the last attempt's heartbeat cannot be read; starting over");
            None
        }
    }
}

fn draining() -> Failure {
    Failure {
        retry_after: Some(Duration::from_millis(1)),
        ..Failure::new(
            ErrorType::WorkerDraining,
            "the worker is shutting down",
            "this attempt",
            "nothing to do: the next attempt goes on from the checkpoint",
        )
    }
}

fn panicked(ctx: &ActivityContext, join: tokio::task::JoinError) -> Failure {
    let message = match join.try_into_panic() {
        Ok(panic) => panic
            .downcast_ref::<&str>()
            .map(|s| (*s).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned()),
        Err(join) => join.to_string(),
    };
    Failure::new(
        ErrorType::Internal,
        format!("the activity panicked: {message}"),
        ctx.info().activity_type.clone(),
        "a defect of Gantry: please report it with the worker's log",
    )
}
