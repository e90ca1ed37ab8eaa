//! Around every activity: its span in the log, its events, and the count that decides when fresh workers take over.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use futures::FutureExt;
use kit::telemetry::{ActivityFinished, ActivityStarted, Event};
use temporalio_sdk::interceptors::{ActivityInboundInterceptor, ExecuteActivityInput, ExecuteActivityOutput, Next};
use tokio::sync::Notify;
use tracing::Instrument;

/// Counts the attempts that a generation of Workers has begun, and tells when there were enough of them.
#[derive(Debug)]
pub(crate) struct Counter {
    begun: AtomicU64,
    limit: u64,
    reached: Notify,
}

impl Counter {
    pub(crate) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self { begun: AtomicU64::new(0), limit, reached: Notify::new() })
    }

    pub(crate) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// Returns once the limit is reached.
    pub(crate) async fn reached(&self) {
        self.reached.notified().await;
    }

    fn count(&self) {
        if self.begun.fetch_add(1, Ordering::Relaxed) + 1 == self.limit {
            // Kept for whoever asks later.
            self.reached.notify_one();
        }
    }
}

/// The interceptor of one Worker.
pub(crate) struct Observe {
    pub(crate) queue: String,
    pub(crate) counter: Arc<Counter>,
}

impl ActivityInboundInterceptor for Observe {
    fn execute_activity<'a>(
        &'a self,
        input: ExecuteActivityInput,
        next: Next<'a, ExecuteActivityInput, ExecuteActivityOutput<'a>>,
    ) -> ExecuteActivityOutput<'a> {
        self.counter.count();
        let info = input.activity_info();
        let (activity, attempt) = (info.activity_type.clone(), info.attempt);
        // A job has no workflow; its fields stay away then.
        let of_workflow = |id: &Option<String>| id.clone().filter(|id| !id.is_empty());
        let span = tracing::info_span!(
            "activity",
            activity,
            queue = self.queue,
            attempt,
            activity_id = info.activity_id,
            workflow_id = of_workflow(&info.workflow_id),
            run_id = of_workflow(&info.workflow_run_id),
        );
        async move {
            let begin = Instant::now();
            ActivityStarted { queue: &self.queue, activity: &activity, attempt }.emit();
            let ended = next.run(input).await;
            let error = ended.as_ref().err();
            ActivityFinished { queue: &self.queue, activity: &activity, took: begin.elapsed(), error }.emit();
            ended
        }
        .instrument(span)
        .boxed()
    }
}
