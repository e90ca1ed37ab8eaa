//! `gantry job retry`: starts jobs anew that ended without success.

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::{
    enums::v1::{ActivityIdConflictPolicy, ActivityIdReusePolicy, TaskQueueKind},
    taskqueue::v1::TaskQueue,
    workflowservice::v1::{DescribeActivityExecutionResponse, StartActivityExecutionRequest},
};
use tokio_util::sync::CancellationToken;
use tonic::Code;

use super::{
    arguments::RetryOptions,
    bulk,
    look::{self, Include, State},
    result,
    start::{self, Answer},
};
use crate::{connect, places::Places, problem::Problem, report};

const RETRIED: &str = "retried";
const RUNNING: &str = "running";
const COMPLETED: &str = "completed";
const REPLACED: &str = "replaced";
const GONE: &str = "gone";
const FAILED: &str = "failed";

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn run(places: &Places, options: &RetryOptions) -> Result<(), Problem> {
    bulk::check(&options.which)?;
    let client = connect::client(places).await?;
    let states = [
        (State::Failed, "Failed"),
        (State::TimedOut, "TimedOut"),
        (State::Terminated, "Terminated"),
        (State::Cancelled, "Canceled"),
    ];
    let chosen = bulk::choose(&client, &options.which, &states, "retry").await?;
    let matched = chosen.len();
    let by_query = options.which.query.is_some();
    let account = bulk::each(chosen, |id, runs| retry(&client, id, runs, by_query)).await;
    let of = |what| account.of(what);
    if options.which.json {
        report::data(
            &json!({
                "matched": matched, RETRIED: of(RETRIED), RUNNING: of(RUNNING), COMPLETED: of(COMPLETED),
                REPLACED: of(REPLACED), GONE: of(GONE), FAILED: of(FAILED),
            })
            .to_string(),
        )?;
    } else {
        let others = account.others(&[
            (RUNNING, "not ended"),
            (COMPLETED, "completed"),
            (REPLACED, "had a later run"),
            (GONE, "gone"),
        ]);
        report::data(&format!("started {} of {matched} jobs anew{others}", of(RETRIED)))?;
    }
    account.end()
}

async fn retry(
    client: &Client,
    id: String,
    runs: BTreeSet<String>,
    by_query: bool,
) -> Result<&'static str, (&'static str, Problem)> {
    let include = Include { input: true, ..Default::default() };
    let described = match look::describe(client, &id, None, include).await {
        Ok(described) => described,
        Err(status) if status.code() == Code::NotFound && by_query => return Ok(GONE),
        Err(status) if status.code() == Code::NotFound => return Err((GONE, look::problem(&id, &status))),
        Err(status) => return Err((FAILED, look::problem(&id, &status))),
    };
    // A query speaks of runs. When there is a later one, it is that one that counts, and the query did not find it.
    if !runs.is_empty() && !runs.contains(&described.run_id) {
        return Ok(REPLACED);
    }
    match result::state(&described) {
        State::Completed => return Ok(COMPLETED),
        state if !state.can_be_retried() => return Ok(RUNNING),
        _ => {}
    }
    let old = described.run_id.clone();
    let Some(request) = request(client, &id, described) else {
        let problem = Problem::network(format!("the server does not tell the input of the job {id:?}"));
        return Err((FAILED, problem));
    };
    match start::start(client, &request, PATIENCE, &CancellationToken::new()).await {
        Ok(Answer::Started { .. }) => Ok(RETRIED),
        // Somebody else was quicker, or the run that we saw fail was not the last word.
        Ok(Answer::Exists { run_id, .. }) if run_id == old => Ok(COMPLETED),
        Ok(Answer::Exists { .. }) => Ok(REPLACED),
        Err(failed) => Err((FAILED, start::problem(&format!("starting the job {id:?} anew"), failed.status()))),
    }
}

/// The request that starts the same again. Payloads stay as the server keeps them, encrypted ones too.
fn request(
    client: &Client,
    id: &str,
    described: DescribeActivityExecutionResponse,
) -> Option<StartActivityExecutionRequest> {
    let info = described.info?;
    Some(StartActivityExecutionRequest {
        namespace: client.options().namespace.clone(),
        identity: client.connection().identity().to_owned(),
        // Two retries of one failed run are one.
        request_id: format!("retry {}", described.run_id),
        activity_id: id.to_owned(),
        activity_type: info.activity_type,
        task_queue: Some(TaskQueue { name: info.task_queue, kind: TaskQueueKind::Normal.into(), ..Default::default() }),
        schedule_to_close_timeout: info.schedule_to_close_timeout,
        schedule_to_start_timeout: info.schedule_to_start_timeout,
        start_to_close_timeout: info.start_to_close_timeout,
        heartbeat_timeout: info.heartbeat_timeout,
        retry_policy: info.retry_policy,
        input: Some(described.input?),
        id_reuse_policy: ActivityIdReusePolicy::AllowDuplicateFailedOnly.into(),
        id_conflict_policy: ActivityIdConflictPolicy::Fail.into(),
        search_attributes: info.search_attributes,
        header: info.header,
        user_metadata: info.user_metadata,
        priority: info.priority,
        // Not its delay: that was about the first time.
        ..Default::default()
    })
}
