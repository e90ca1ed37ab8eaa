//! Single activities without a workflow, for the stand-in worker.

use std::time::Duration;

use contracts::{
    heavy_compute::{PrepareWorkspace, PrepareWorkspaceInput, PrepareWorkspaceOutput},
    queues,
    shared::OrBlob,
};
use serde_json::{Value, json};
use temporalio_client::{
    ActivityCancelOptions, ActivityDescribeOptions, ActivityExecutionDescription, ActivityHandle, ActivityStartOptions,
    Client,
    errors::{ActivityResultError, StartActivityError},
};
use temporalio_common::{
    RetryPolicy, UntypedActivity,
    data_converters::{PayloadConverter, RawValue},
};

use crate::{FailedRun, failure_of};

/// Only a broken test gets there.
const LONGEST_JOB: Duration = Duration::from_secs(120);

/// A job of the stand-in worker.
pub struct Job {
    handle: ActivityHandle<Client, PrepareWorkspace>,
}

impl Job {
    /// Starts a job on the common queue; `path` says what the stand-in does.
    ///
    /// # Panics
    /// When the server refuses it.
    pub async fn start(client: &Client, id: &str, path: &str) -> Self {
        Self::start_on(client, queues::HEAVY_COMPUTE, id, path).await
    }

    /// Starts a job on a queue.
    ///
    /// # Panics
    /// When the server refuses it.
    pub async fn start_on(client: &Client, queue: &str, id: &str, path: &str) -> Self {
        let input = json!({ "repoId": id, "path": path });
        let input: PrepareWorkspaceInput = serde_json::from_value(input).expect("this is an input");
        let started = client.start_activity(PrepareWorkspace, input.into(), options(queue, id)).await;
        Self { handle: started.expect("the job starts") }
    }

    /// Starts a job with an input that need not be as the contract says.
    ///
    /// # Panics
    /// When the server refuses it.
    pub async fn start_raw(client: &Client, id: &str, input: &Value) -> Self {
        let input = RawValue::from_value(input, &PayloadConverter::default());
        let activity = UntypedActivity::new("prepareWorkspace");
        let started: Result<_, StartActivityError> =
            client.start_activity(activity, input, options(queues::HEAVY_COMPUTE, id)).await;
        started.expect("the job starts");
        Self { handle: client.get_activity_handle(PrepareWorkspace, id, None) }
    }

    /// A job that was started before.
    pub fn again(client: &Client, id: &str) -> Self {
        Self { handle: client.get_activity_handle(PrepareWorkspace, id, None) }
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// When it did not succeed.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn result(&self) -> Result<OrBlob<PrepareWorkspaceOutput>, FailedRun> {
        match tokio::time::timeout(LONGEST_JOB, self.handle.result()).await.expect("the job ends") {
            Ok(output) => Ok(output),
            Err(ActivityResultError::ActivityFailed(error)) => Err(failure_of(error.failure())),
            Err(ActivityResultError::Cancelled { .. }) => Err(FailedRun::Cancelled),
            Err(other) => panic!("{other}"),
        }
    }

    /// What the server says of it.
    pub async fn describe(&self) -> Option<ActivityExecutionDescription<PrepareWorkspace>> {
        let options =
            ActivityDescribeOptions::builder().include_heartbeat_details(true).include_last_failure(true).build();
        self.handle.describe(options).await.ok()
    }

    /// The attempt that runs or ran last.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn attempt(&self) -> u32 {
        self.describe().await.expect("the server answers").attempt()
    }

    /// Whether it has made its first steps on a worker, and on which: the worker's identity.
    pub async fn worker(&self) -> Option<String> {
        use temporalio_client::PendingActivityState::{CancelRequested, Started};
        let description = self.describe().await?;
        let on_worker = matches!(description.run_state(), Started | CancelRequested);
        // The SDK's own accessor answers only when there is none.
        on_worker.then(|| description.raw_info().last_worker_identity.clone())
    }

    /// The identity of the worker that had it last.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn last_worker(&self) -> String {
        self.describe().await.expect("the server answers").raw_info().last_worker_identity.clone()
    }

    /// Asks it to stop.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn cancel(&self) {
        self.handle.cancel(ActivityCancelOptions::default()).await.expect("the job can be cancelled");
    }
}

/// Short time-outs: a test waits for what the policy of the contract bounds with half a minute.
fn options(queue: &str, id: &str) -> ActivityStartOptions {
    let retry = RetryPolicy::builder()
        .initial_interval(Duration::from_millis(20))
        .backoff_coefficient(1.0)
        .maximum_attempts(20)
        .build();
    ActivityStartOptions::with_start_to_close_timeout(queue, id, LONGEST_JOB)
        .heartbeat_timeout(Duration::from_secs(3))
        .retry_policy(retry)
        .build()
}
