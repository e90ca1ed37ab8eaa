//! Runs of `indexRepo`: started, watched, ended.

use std::time::Duration;

use contracts::{
    errors::{ErrorDetails, ErrorType},
    queues,
    shared::Heartbeat,
    workflows::{IndexRepo, IndexRepoInput, IndexRepoOutput, index_repo_id},
};
use serde_json::Value;
use temporalio_client::{
    Client, WorkflowCancelOptions, WorkflowDescribeOptions, WorkflowGetResultOptions, WorkflowHandle,
    WorkflowIdConflictPolicy, WorkflowStartOptions, errors::WorkflowGetResultError,
};
use temporalio_common::protos::temporal::api::{
    failure::v1::{Failure, failure::FailureInfo},
    workflow::v1::PendingActivityInfo,
};

/// Only a broken test gets there: longer than several heartbeat time-outs on a busy machine.
const LONGEST_RUN: Duration = Duration::from_secs(240);

/// A run of `indexRepo`.
pub struct Run {
    handle: WorkflowHandle<Client, IndexRepo>,
}

/// Why a run did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailedRun {
    /// An activity or the workflow failed with this.
    Failed(Option<ErrorType>, Option<ErrorDetails>, String),
    /// It was cancelled.
    Cancelled,
}

impl Run {
    /// Starts a run of a repository.
    ///
    /// # Panics
    /// When the server refuses it.
    pub async fn start(client: &Client, repo_id: &str, input: Value) -> Self {
        Self::start_with(client, repo_id, input, WorkflowIdConflictPolicy::Fail).await
    }

    /// Joins the run of a repository.
    ///
    /// # Panics
    /// When the server refuses it.
    pub async fn start_or_join(client: &Client, repo_id: &str, input: Value) -> Self {
        Self::start_with(client, repo_id, input, WorkflowIdConflictPolicy::UseExisting).await
    }

    async fn start_with(client: &Client, repo_id: &str, input: Value, policy: WorkflowIdConflictPolicy) -> Self {
        let input: IndexRepoInput = serde_json::from_value(input).expect("this is an input");
        let options = WorkflowStartOptions::new(queues::WORKFLOWS, index_repo_id("default", repo_id))
            .id_conflict_policy(policy)
            .build();
        let handle = client.start_workflow(IndexRepo, input, options).await.expect("the run starts");
        Self { handle }
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// When it did not succeed.
    ///
    /// # Panics
    /// When the server stops answering, or the run does not end.
    pub async fn result(&self) -> Result<IndexRepoOutput, FailedRun> {
        let result = self.handle.get_result(WorkflowGetResultOptions::default());
        match tokio::time::timeout(LONGEST_RUN, result).await.expect("the run ends") {
            Ok(output) => Ok(output),
            Err(WorkflowGetResultError::Failed(error)) => Err(failure_of(error.failure())),
            Err(WorkflowGetResultError::Cancelled { .. }) => Err(FailedRun::Cancelled),
            Err(other) => panic!("{other}"),
        }
    }

    /// Asks it to stop.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn cancel(&self) {
        self.handle.cancel(WorkflowCancelOptions::default()).await.expect("the run can be cancelled");
    }

    /// The activity that is pending, if one is and the server answers.
    pub async fn pending(&self, activity: &str) -> Option<PendingActivityInfo> {
        let description = self.handle.describe(WorkflowDescribeOptions::default()).await.ok()?.into_raw();
        let named = |p: &PendingActivityInfo| p.activity_type.as_ref().is_some_and(|t| t.name == activity);
        description.pending_activities.into_iter().find(named)
    }

    /// The whole history as JSON.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn history(&self) -> String {
        let history = self.handle.fetch_history(temporalio_client::WorkflowFetchHistoryOptions::default());
        String::from_utf8(history.to_json().await.expect("the history can be fetched")).expect("JSON is UTF-8")
    }
}

/// The files that the last heartbeat of a pending activity says are done.
pub fn checkpoint_of(pending: &PendingActivityInfo) -> Option<u64> {
    let payload = pending.heartbeat_details.as_ref()?.payloads.first()?;
    let beat: Heartbeat<Value> = serde_json::from_slice(&payload.data).ok()?;
    beat.checkpoint?.get("done")?.as_u64()
}

/// What an activity's or workflow's failure says.
pub fn failure_of(failure: &Failure) -> FailedRun {
    let mut next = Some(failure);
    while let Some(failure) = next {
        if let Some(FailureInfo::ApplicationFailureInfo(info)) = &failure.failure_info
            && let Some(error_type) = ErrorType::from_name(&info.r#type)
        {
            let payload = info.details.as_ref().and_then(|d| d.payloads.first());
            let details = payload.and_then(|p| serde_json::from_slice(&p.data).ok());
            return FailedRun::Failed(Some(error_type), details, failure.message.clone());
        }
        next = failure.cause.as_deref();
    }
    FailedRun::Failed(None, None, failure.message.clone())
}
