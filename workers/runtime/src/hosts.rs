//! Which hosts there are: who polls, and who sends heartbeats.

use std::{collections::BTreeSet, future::Future, time::Duration};

use contracts::{errors::ErrorType, queues};
use futures::{StreamExt, TryStreamExt, stream};
use kit::Failure;
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::{
    enums::v1::{TaskQueueType, WorkerStatus},
    taskqueue::v1::{PollerInfo, TaskQueue},
    worker::v1::WorkerHeartbeat,
    workflowservice::v1::{DescribeTaskQueueRequest, DescribeWorkerRequest, ListWorkersRequest},
};
use tonic::{Code, IntoRequest, Response, Status};

use crate::{connect_error::ConnectError, connection::Temporal};

/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(5);
/// Calls that are under way at once.
const AT_ONCE: usize = 8;
const PAGE: i32 = 500;

/// The host of a host queue of `base`.
pub fn host_in<'a>(queue: &'a str, base: &str) -> Option<&'a str> {
    queue.strip_prefix(base)?.strip_prefix('@').filter(|host| !host.is_empty())
}

/// The host of a worker of Gantry, when its identity tells: `gantry-<queue>:<pid>@<host> ...`.
pub fn host_of<'a>(identity: &'a str, queue: &str) -> Option<&'a str> {
    let short = identity.split_once(" contracts:").map_or(identity, |(name, _)| name);
    let rest = short.strip_prefix("gantry-")?.strip_prefix(queue)?.strip_prefix(':')?;
    let (pid, host) = rest.split_once('@')?;
    (pid.bytes().all(|b| b.is_ascii_digit()) && !host.is_empty() && !host.contains(' ')).then_some(host)
}

/// The last heartbeats of the namespace's workers, as the server remembers them: for some minutes. None on a server that
/// knows no heartbeats.
///
/// # Errors
/// What the server says, or that it does not answer.
pub async fn worker_heartbeats(client: &Client) -> Result<Vec<WorkerHeartbeat>, Status> {
    let namespace = client.options().namespace.clone();
    let mut heartbeats = Vec::new();
    let mut unknown = Vec::new();
    let mut page = Vec::new();
    loop {
        let request = ListWorkersRequest {
            namespace: namespace.clone(),
            page_size: PAGE,
            next_page_token: page,
            ..Default::default()
        };
        let mut service = client.connection().workflow_service();
        let answer = match bounded(service.list_workers(request.into_request())).await {
            Ok(answer) => answer,
            // An older server, or one that has heartbeats switched off.
            Err(status) if status.code() == Code::Unimplemented => return Ok(Vec::new()),
            Err(status) => return Err(status),
        };
        let before = heartbeats.len();
        #[expect(deprecated, reason = "full heartbeats in one call, for as long as the server sends them")]
        heartbeats.extend(answer.workers_info.into_iter().filter_map(|info| info.worker_heartbeat));
        let known: BTreeSet<&str> =
            heartbeats.iter().skip(before).map(|h: &WorkerHeartbeat| h.worker_instance_key.as_str()).collect();
        let keys = answer.workers.into_iter().map(|worker| worker.worker_instance_key);
        unknown.extend(keys.filter(|key| !known.contains(key.as_str())));
        page = answer.next_page_token;
        if page.is_empty() {
            break;
        }
    }
    let asked: Vec<_> = unknown.into_iter().map(|key| worker_heartbeat(client, key)).collect();
    let asked: Vec<Option<WorkerHeartbeat>> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    heartbeats.extend(asked.into_iter().flatten());
    Ok(heartbeats)
}

async fn worker_heartbeat(client: &Client, worker_instance_key: String) -> Result<Option<WorkerHeartbeat>, Status> {
    let request = DescribeWorkerRequest { namespace: client.options().namespace.clone(), worker_instance_key };
    let mut service = client.connection().workflow_service();
    match bounded(service.describe_worker(request.into_request())).await {
        Ok(answer) => Ok(answer.worker_info.and_then(|info| info.worker_heartbeat)),
        // It went away between the two calls.
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(status),
    }
}

/// The host queues of `base` that somebody polled in the last minutes, ordered.
///
/// # Errors
/// What the server, or the way to it, says.
pub async fn polled_host_queues(temporal: &Temporal, base: &str) -> Result<Vec<String>, Failure> {
    let client = temporal.connect().await.map_err(|error| unreachable(temporal, &error))?;
    let failed = |status: Status| refused(temporal, &status);
    let mut hosts = BTreeSet::new();
    for heartbeat in worker_heartbeats(&client).await.map_err(failed)? {
        if heartbeat.status() != WorkerStatus::Shutdown {
            hosts.extend(host_in(&heartbeat.task_queue, base).map(str::to_owned));
        }
    }
    // A worker that has just started polls before it sends a heartbeat for each of its queues.
    let polling = pollers(&client, base).await.map_err(failed)?;
    hosts.extend(polling.iter().filter_map(|poller| host_of(&poller.identity, base)).map(str::to_owned));
    let client = &client;
    let questions: Vec<_> = hosts.into_iter().map(|host| queues::host_queue(base, &host)).collect();
    let answers: Vec<Option<String>> = stream::iter(questions)
        .map(|queue| async move { Ok((!pollers(client, &queue).await?.is_empty()).then_some(queue)) })
        .buffered(AT_ONCE)
        .try_collect()
        .await
        .map_err(failed)?;
    Ok(answers.into_iter().flatten().collect())
}

/// Who polled an activity queue in the last minutes.
async fn pollers(client: &Client, queue: &str) -> Result<Vec<PollerInfo>, Status> {
    let request = DescribeTaskQueueRequest {
        namespace: client.options().namespace.clone(),
        task_queue: Some(TaskQueue { name: queue.to_owned(), ..Default::default() }),
        task_queue_type: TaskQueueType::Activity.into(),
        ..Default::default()
    };
    let mut service = client.connection().workflow_service();
    Ok(bounded(service.describe_task_queue(request.into_request())).await?.pollers)
}

async fn bounded<T>(call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, Status> {
    match tokio::time::timeout(ANSWER, call).await {
        Ok(answer) => answer.map(Response::into_inner),
        Err(_) => Err(Status::deadline_exceeded(format!("no answer within {} s", ANSWER.as_secs()))),
    }
}

fn unreachable(temporal: &Temporal, error: &ConnectError) -> Failure {
    let hint = "the worker asks the server that it works for; it is tried again";
    Failure::new(ErrorType::NetworkUnavailable, error.to_string(), temporal.address(), hint)
}

fn refused(temporal: &Temporal, status: &Status) -> Failure {
    let said = if status.message().is_empty() { status.code().description() } else { status.message() };
    let what = format!("asking which hosts there are: {said}");
    let (error_type, hint) = match status.code() {
        Code::PermissionDenied | Code::Unauthenticated => {
            (ErrorType::AuthRejected, "let the worker's credential describe task queues and list workers")
        }
        _ => (ErrorType::NetworkUnavailable, "it is tried again"),
    };
    Failure::new(error_type, what, temporal.address(), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_queues_are_told_from_names_that_look_alike() {
        assert_eq!(host_in("heavy-compute@h1", "heavy-compute"), Some("h1"));
        for other in ["heavy-compute", "heavy-compute@", "heavy-compute-2@h1"] {
            assert_eq!(host_in(other, "heavy-compute"), None, "{other}");
        }
    }

    #[test]
    fn an_identity_tells_the_host_or_it_does_not() {
        let host = |identity| host_of(identity, "heavy-compute");
        assert_eq!(host("gantry-heavy-compute:7@h1 contracts:0de8f3fac605"), Some("h1"));
        for other in ["7@h1", "gantry-heavy:7@h1", "gantry-heavy-compute:x@h1", "gantry-heavy-compute:7@"] {
            assert_eq!(host(other), None, "{other}");
        }
    }
}
