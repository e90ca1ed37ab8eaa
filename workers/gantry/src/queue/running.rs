//! Attempts that the server counts as running.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use temporalio_common::protos::temporal::api::{
    common::v1::WorkflowExecution,
    enums::v1::PendingActivityState,
    workflowservice::v1::{
        DescribeActivityExecutionRequest, DescribeWorkflowExecutionRequest, ListActivityExecutionsRequest,
        ListWorkflowExecutionsRequest,
    },
};
use tonic::{Code, IntoRequest};

use crate::{
    problem::Problem,
    queue::{
        moment::Moment,
        server::{Server, bounded, problem},
        worker::short_identity,
    },
};

/// Open activities and open workflows that are looked through, each.
const LOOKED_THROUGH: i32 = 200;
const AT_ONCE: usize = 8;

/// An attempt that a worker has and has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// `job ID` or `workflow ID`.
    of: String,
    activity: String,
    queue: String,
    attempt: i32,
    worker: String,
    started: Option<Moment>,
}

impl Attempt {
    pub(crate) fn json(&self) -> Value {
        json!({
            "of": self.of,
            "activity": self.activity,
            "queue": self.queue,
            "attempt": self.attempt,
            "worker": self.worker,
            "started": self.started.as_ref().map(|started| &started.text),
        })
    }

    pub(crate) fn text(&self) -> String {
        let Self { of, activity, queue, attempt, worker, .. } = self;
        format!("{activity} of {of} on {queue}, attempt {attempt}, at {}", short_identity(worker))
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Attempts {
    pub(crate) found: Vec<Attempt>,
    /// Everything that is open was looked at.
    pub(crate) complete: bool,
}

/// Looks for attempts of these queues among open single activities and open workflows.
pub(crate) async fn started(server: &Server, queues: &BTreeSet<&str>) -> Result<Attempts, Problem> {
    let (mut jobs, workflows) = futures::try_join!(of_jobs(server, queues), of_workflows(server, queues))?;
    jobs.found.extend(workflows.found);
    jobs.complete &= workflows.complete;
    Ok(jobs)
}

async fn of_jobs(server: &Server, queues: &BTreeSet<&str>) -> Result<Attempts, Problem> {
    let names: Vec<String> = queues.iter().map(|queue| format!("'{}'", queue.replace('\'', "''"))).collect();
    let request = ListActivityExecutionsRequest {
        namespace: server.namespace(),
        page_size: LOOKED_THROUGH,
        query: format!("ExecutionStatus = 'Running' AND TaskQueue IN ({})", names.join(", ")),
        ..Default::default()
    };
    let mut service = server.client().connection().workflow_service();
    let open = match bounded(service.list_activity_executions(request.into_request())).await {
        Ok(open) => open,
        // A server without single activities runs none.
        Err(status) if status.code() == Code::Unimplemented => {
            return Ok(Attempts { complete: true, ..Default::default() });
        }
        Err(status) => return Err(problem("listing activities", &status)),
    };
    let complete = open.next_page_token.is_empty();
    let questions: Vec<_> =
        open.executions.into_iter().map(|activity| job(server, activity.activity_id, activity.run_id)).collect();
    let found: Vec<Option<Attempt>> = stream::iter(questions).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(Attempts { found: found.into_iter().flatten().collect(), complete })
}

async fn job(server: &Server, activity_id: String, run_id: String) -> Result<Option<Attempt>, Problem> {
    let request =
        DescribeActivityExecutionRequest { namespace: server.namespace(), activity_id, run_id, ..Default::default() };
    let mut service = server.client().connection().workflow_service();
    let answer = match bounded(service.describe_activity_execution(request.into_request())).await {
        Ok(answer) => answer,
        Err(status) if status.code() == Code::NotFound => return Ok(None),
        Err(status) => return Err(problem("asking about an activity", &status)),
    };
    let Some(info) = answer.info else { return Ok(None) };
    Ok(is_running(info.run_state()).then(|| Attempt {
        of: format!("job {}", info.activity_id),
        activity: info.activity_type.map(|t| t.name).unwrap_or_default(),
        queue: info.task_queue,
        attempt: info.attempt,
        worker: info.last_worker_identity,
        started: info.last_started_time.and_then(Moment::of),
    }))
}

async fn of_workflows(server: &Server, queues: &BTreeSet<&str>) -> Result<Attempts, Problem> {
    let request = ListWorkflowExecutionsRequest {
        namespace: server.namespace(),
        page_size: LOOKED_THROUGH,
        query: "ExecutionStatus = 'Running'".to_owned(),
        ..Default::default()
    };
    let mut service = server.client().connection().workflow_service();
    let open = bounded(service.list_workflow_executions(request.into_request()))
        .await
        .map_err(|status| problem("listing workflows", &status))?;
    let complete = open.next_page_token.is_empty();
    let questions: Vec<_> = open
        .executions
        .into_iter()
        .filter_map(|workflow| workflow.execution)
        .map(|execution| workflow(server, execution, queues))
        .collect();
    let found: Vec<Vec<Attempt>> = stream::iter(questions).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(Attempts { found: found.into_iter().flatten().collect(), complete })
}

async fn workflow(
    server: &Server,
    execution: WorkflowExecution,
    queues: &BTreeSet<&str>,
) -> Result<Vec<Attempt>, Problem> {
    let of = format!("workflow {}", execution.workflow_id);
    let request = DescribeWorkflowExecutionRequest { namespace: server.namespace(), execution: Some(execution) };
    let mut service = server.client().connection().workflow_service();
    let answer = match bounded(service.describe_workflow_execution(request.into_request())).await {
        Ok(answer) => answer,
        Err(status) if status.code() == Code::NotFound => return Ok(Vec::new()),
        Err(status) => return Err(problem("asking about a workflow", &status)),
    };
    let running = answer.pending_activities.into_iter().filter(|pending| is_running(pending.state()));
    let attempt = |pending: temporalio_common::protos::temporal::api::workflow::v1::PendingActivityInfo| {
        let queue = pending.activity_options.and_then(|options| options.task_queue)?.name;
        queues.contains(queue.as_str()).then(|| Attempt {
            of: of.clone(),
            activity: pending.activity_type.map(|t| t.name).unwrap_or_default(),
            queue,
            attempt: pending.attempt,
            worker: pending.last_worker_identity,
            started: pending.last_started_time.and_then(Moment::of),
        })
    };
    Ok(running.filter_map(attempt).collect())
}

fn is_running(state: PendingActivityState) -> bool {
    !matches!(state, PendingActivityState::Unspecified | PendingActivityState::Scheduled | PendingActivityState::Paused)
}
