//! Runs the work of an activity: the input checked, heartbeats, resume, cancellation and drain, the result small enough.

use std::{sync::Arc, time::Duration};

use contracts::{
    Input,
    errors::ErrorType,
    shared::{Heartbeat, MAX_RESULT_BYTES, OrBlob, ResultBlob},
};
use serde::{Serialize, de::DeserializeOwned};
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinError,
    time::{Instant, MissedTickBehavior},
};

use crate::{
    BlobStore, Drain, Failure, Job, Stop, WorkError, WorkResult,
    telemetry::{Event, ResultOffloaded, WaitingForSlot},
};

/// How often a heartbeat is recorded. The SDK sends at most one a second of them, which is what lets a cancellation arrive
/// within two seconds.
const BEAT: Duration = Duration::from_millis(500);

/// What the activities of a worker process run with. Cloning it shares it: one set of slots, one drain, one blob store
/// for all queues that the process polls.
#[derive(Debug, Clone)]
pub struct Runner {
    drain: Drain,
    blobs: BlobStore,
    slots: Arc<Semaphore>,
}

impl Runner {
    /// Lets `slots` activities work at once; others wait for their turn with heartbeats.
    pub fn new(slots: usize, blobs: BlobStore, drain: Drain) -> Self {
        Self { drain, blobs, slots: Arc::new(Semaphore::new(slots)) }
    }

    /// The blob store.
    pub fn blobs(&self) -> &BlobStore {
        &self.blobs
    }

    /// Runs `work` on a blocking thread. It gets the input, and the checkpoint of the attempt before if there was one.
    ///
    /// Heartbeats go on all the time, also while the work waits for its turn. A cancellation and the end of the worker both
    /// stop the work ([`Job::stopped`] tells which); it ends as cancelled in the first case, and in the second its task is
    /// given back, so that another worker goes on from the last checkpoint at once. A result over 256 KiB goes to the blob
    /// store.
    ///
    /// # Errors
    /// `InvalidInput` for an input that is not as the contract says, the work's own failure, a cancellation, the end of the
    /// worker, or a panic of the work ([`ErrorType::Internal`]).
    pub async fn run<I, C, O, W>(
        &self,
        ctx: &ActivityContext,
        input: Input<I>,
        work: W,
    ) -> Result<OrBlob<O>, ActivityError>
    where
        I: Send + 'static,
        C: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
        O: Serialize + Send + 'static,
        W: FnOnce(I, Option<C>, &Job<C>) -> WorkResult<O> + Send + 'static,
    {
        let (blobs, activity) = (self.blobs.clone(), ctx.info().activity_type.clone());
        self.attempt(ctx, input, |input, resume, job| async move {
            let span = tracing::Span::current();
            tokio::task::spawn_blocking(move || {
                span.in_scope(|| work(input, resume, &job).and_then(|output| Ok(offload(&blobs, &activity, output)?)))
            })
            .await
        })
        .await
    }

    /// Runs `work` that waits more than it computes on the async threads; otherwise like [`Runner::run`]. It has to watch
    /// [`Job::until_stopped`] wherever it waits for long.
    ///
    /// # Errors
    /// As [`Runner::run`].
    pub async fn run_async<I, C, O, W, F>(
        &self,
        ctx: &ActivityContext,
        input: Input<I>,
        work: W,
    ) -> Result<OrBlob<O>, ActivityError>
    where
        I: Send + 'static,
        C: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
        O: Serialize + Send + 'static,
        W: FnOnce(I, Option<C>, Arc<Job<C>>) -> F + Send + 'static,
        F: Future<Output = WorkResult<O>> + Send + 'static,
    {
        let (blobs, activity) = (self.blobs.clone(), ctx.info().activity_type.clone());
        self.attempt(ctx, input, |input, resume, job| async move {
            // A task of its own, so that a panic ends the attempt and nothing else.
            let output = tokio::spawn(tracing::Instrument::in_current_span(work(input, resume, Arc::new(job)))).await?;
            match output {
                Ok(output) => tokio::task::spawn_blocking(move || Ok(offload(&blobs, &activity, output)?)).await,
                Err(error) => Ok(Err(error)),
            }
        })
        .await
    }

    async fn attempt<I, C, O, W, F>(
        &self,
        ctx: &ActivityContext,
        input: Input<I>,
        work: W,
    ) -> Result<OrBlob<O>, ActivityError>
    where
        C: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
        W: FnOnce(I, Option<C>, Job<C>) -> F,
        F: Future<Output = Result<WorkResult<OrBlob<O>>, JoinError>>,
    {
        let input = input.into_result().map_err(|mismatch| {
            let hint = "see the contract of this activity; `gantry job submit` checks an input before it is sent";
            Failure::new(ErrorType::InvalidInput, mismatch.what, mismatch.field, hint).into_activity_error()
        })?;
        let resume = checkpoint_of_last_attempt(ctx);
        // The first heartbeats carry the old checkpoint: an attempt that dies early must not erase it.
        let latest = watch::Sender::new(Heartbeat { progress: None, checkpoint: resume.clone() });
        let seen = latest.subscribe();
        let stop = Stop::new(&self.drain);
        let job = Job::new(latest, stop.clone(), ctx.info().current_attempt_scheduled_time);
        let slots = self.slots.clone();
        let working = async {
            let waiting = WaitingForSlot::begin();
            let _slot = tokio::select! {
                slot = slots.acquire() => slot,
                // What never began has nothing to save.
                () = stop.stopped() => return Ok(Err(WorkError::Interrupted)),
            };
            drop(waiting);
            work(input, resume, job).await
        };
        tokio::pin!(working);
        // Not at once: quick work then costs the server no heartbeat at all.
        let mut tick = tokio::time::interval_at(Instant::now() + BEAT, BEAT);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ended = loop {
            tokio::select! {
                ended = &mut working => break ended,
                _ = tick.tick() => beat(ctx, &seen).await,
                () = ctx.cancelled(), if !stop.is_cancelled() => stop.cancel(),
            }
        };
        if !matches!(ended, Ok(Ok(_))) {
            // Core keeps the last recorded details and sends them along with a failure, however short ago the one before
            // was.
            beat(ctx, &seen).await;
        }
        match ended {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(WorkError::Failed(failure))) => Err(failure.into_activity_error()),
            Ok(Err(WorkError::Interrupted)) if self.drain.fired() && !ctx.is_cancelled() => {
                Err(draining().into_activity_error())
            }
            Ok(Err(WorkError::Interrupted)) => Err(ActivityError::cancelled()),
            Err(join) => Err(panicked(ctx, join).into_activity_error()),
        }
    }
}

fn offload<O: Serialize>(blobs: &BlobStore, activity: &str, output: O) -> Result<OrBlob<O>, Failure> {
    let json = serde_json::to_vec(&output).map_err(|e| {
        Failure::new(
            ErrorType::Internal,
            format!("the result cannot be written as JSON: {e}"),
            "the result",
            "report it",
        )
    })?;
    if json.len() <= MAX_RESULT_BYTES {
        return Ok(OrBlob::Value(output));
    }
    let result_blob = blobs.put(&json)?;
    ResultOffloaded { activity, bytes: result_blob.bytes, uri: &result_blob.uri }.emit();
    Ok(OrBlob::Blob(ResultBlob { result_blob }))
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

fn panicked(ctx: &ActivityContext, join: JoinError) -> Failure {
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
