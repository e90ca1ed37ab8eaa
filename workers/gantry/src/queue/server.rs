//! The calls to the server. Each is bounded in time.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use futures::{StreamExt, TryStreamExt, stream};
use runtime::host_in;
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::{
    enums::v1::TaskQueueType,
    taskqueue::v1::{RateLimit, TaskQueue},
    workflowservice::v1::{
        CountActivityExecutionsRequest, DescribeTaskQueueRequest, ListActivityExecutionsRequest,
        ListTaskQueuePartitionsRequest, UpdateTaskQueueConfigRequest,
        update_task_queue_config_request::RateLimitUpdate,
    },
};
use tonic::{Code, IntoRequest, Response, Status};

use crate::{
    connect,
    places::Places,
    problem::Problem,
    queue::{dispatch::Dispatch, names::Kind, worker::Seen},
};

/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(5);
/// Longest wait for the server to say what was set.
const SETTLING: Duration = Duration::from_secs(3);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// Calls that are under way at once.
const AT_ONCE: usize = 8;
const PAGE: i32 = 500;

/// The server, for questions about queues.
#[derive(Clone)]
pub(crate) struct Server {
    client: Client,
}

impl Server {
    pub(crate) async fn connect(places: &Places) -> Result<Self, Problem> {
        Ok(Self::new(connect::client(places).await?))
    }

    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn namespace(&self) -> String {
        self.client.options().namespace.clone()
    }

    /// Asks about one queue.
    pub(crate) async fn describe(&self, queue: &str, kind: Kind) -> Result<Dispatch, Problem> {
        let request = DescribeTaskQueueRequest {
            namespace: self.namespace(),
            task_queue: Some(TaskQueue { name: queue.to_owned(), ..Default::default() }),
            task_queue_type: TaskQueueType::from(kind).into(),
            report_stats: true,
            report_config: true,
            ..Default::default()
        };
        let mut service = self.client.connection().workflow_service();
        let answer = bounded(service.describe_task_queue(request.into_request())).await;
        let answer = answer.map_err(|status| problem(&format!("asking about queue {queue}"), &status))?;
        Ok(Dispatch::of(queue, kind, answer))
    }

    /// Asks about several queues at once; the answers come in the order of the questions.
    pub(crate) async fn describe_all(
        &self,
        queues: impl IntoIterator<Item = (String, Kind)>,
    ) -> Result<Vec<Dispatch>, Problem> {
        let questions: Vec<_> =
            queues.into_iter().map(|(queue, kind)| async move { self.describe(&queue, kind).await }).collect();
        stream::iter(questions).buffered(AT_ONCE).try_collect().await
    }

    /// The workers of the namespace that sent a heartbeat in the last minutes.
    pub(crate) async fn workers(&self) -> Result<Vec<Seen>, Problem> {
        let heartbeats = runtime::worker_heartbeats(&self.client).await;
        let heartbeats = heartbeats.map_err(|status| problem("listing workers", &status))?;
        let mut workers: Vec<Seen> = heartbeats.into_iter().map(Seen::of).collect();
        workers.sort_by(|a, b| (&a.queue, &a.identity, &a.key).cmp(&(&b.queue, &b.identity, &b.key)));
        Ok(workers)
    }

    /// Sets or removes the rate limit of an activity queue.
    pub(crate) async fn set_limit(&self, queue: &str, limit: Option<f32>, reason: String) -> Result<(), Problem> {
        let update = limit_update(limit, reason);
        let request = UpdateTaskQueueConfigRequest { update_queue_rate_limit: Some(update), ..self.update(queue) };
        self.configure(queue, request).await?;
        self.settle(queue, |dispatch| dispatch.limit.limit == limit).await
    }

    /// Waits until the server says of a queue what was set just now: on a busy one that takes a moment. A server that never does is
    /// taken as it answers.
    async fn settle(&self, queue: &str, is_set: impl Fn(&Dispatch) -> bool) -> Result<(), Problem> {
        let end = Instant::now() + SETTLING;
        while !is_set(&self.describe(queue, Kind::Activity).await?) && Instant::now() < end {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Ok(())
    }

    /// Sets or removes the rate limit for each fairness key of an activity queue.
    pub(crate) async fn set_fairness_limit(
        &self,
        queue: &str,
        limit: Option<f32>,
        reason: String,
    ) -> Result<(), Problem> {
        let update = limit_update(limit, reason);
        let request =
            UpdateTaskQueueConfigRequest { update_fairness_key_rate_limit_default: Some(update), ..self.update(queue) };
        self.configure(queue, request).await?;
        self.settle(queue, |dispatch| dispatch.fairness_limit == limit).await
    }

    fn update(&self, queue: &str) -> UpdateTaskQueueConfigRequest {
        UpdateTaskQueueConfigRequest {
            namespace: self.namespace(),
            identity: who(),
            task_queue: queue.to_owned(),
            task_queue_type: TaskQueueType::Activity.into(),
            ..Default::default()
        }
    }

    async fn configure(&self, queue: &str, request: UpdateTaskQueueConfigRequest) -> Result<(), Problem> {
        let mut service = self.client.connection().workflow_service();
        let answer = bounded(service.update_task_queue_config(request.into_request())).await;
        answer.map(|_| ()).map_err(|status| {
            let problem = problem(&format!("setting the rate limit of queue {queue}"), &status);
            match status.code() {
                Code::Unimplemented => problem.hint("this needs a Temporal server 1.29 or newer"),
                _ => problem.hint("some queues may be changed already; the same command again does the rest"),
            }
        })
    }

    /// Into how many partitions the server splits a queue; `None` when it does not tell.
    pub(crate) async fn partitions(&self, queue: &str, kind: Kind) -> Option<usize> {
        let request = ListTaskQueuePartitionsRequest {
            namespace: self.namespace(),
            task_queue: Some(TaskQueue { name: queue.to_owned(), ..Default::default() }),
        };
        let mut service = self.client.connection().workflow_service();
        let answer = bounded(service.list_task_queue_partitions(request.into_request())).await.ok()?;
        let partitions = match kind {
            Kind::Activity => answer.activity_task_queue_partitions.len(),
            Kind::Workflow => answer.workflow_task_queue_partitions.len(),
        };
        (partitions > 0).then_some(partitions)
    }

    /// Host queues of `base` that single activities wait or run on, as far as the first page tells; none on a server that
    /// has no single activities.
    pub(crate) async fn hosts_with_activities(&self, base: &str) -> Result<BTreeSet<String>, Problem> {
        let request = ListActivityExecutionsRequest {
            namespace: self.namespace(),
            page_size: PAGE,
            query: format!("ExecutionStatus = 'Running' AND TaskQueue STARTS_WITH '{base}@'"),
            ..Default::default()
        };
        let mut service = self.client.connection().workflow_service();
        match bounded(service.list_activity_executions(request.into_request())).await {
            Ok(answer) => Ok(answer
                .executions
                .into_iter()
                .filter_map(|activity| host_in(&activity.task_queue, base).map(str::to_owned))
                .collect()),
            Err(status) if no_such_thing(&status) => Ok(BTreeSet::new()),
            Err(status) => Err(problem("listing activities", &status)),
        }
    }

    /// Single activities that wait or run, in the whole namespace; `None` on a server that has none.
    pub(crate) async fn open_activities(&self) -> Result<Option<u64>, Problem> {
        let request = CountActivityExecutionsRequest {
            namespace: self.namespace(),
            query: "ExecutionStatus = 'Running'".to_owned(),
        };
        let mut service = self.client.connection().workflow_service();
        match bounded(service.count_activity_executions(request.into_request())).await {
            Ok(answer) => Ok(u64::try_from(answer.count).ok()),
            Err(status) if no_such_thing(&status) => Ok(None),
            Err(status) => Err(problem("counting activities", &status)),
        }
    }
}

fn limit_update(limit: Option<f32>, reason: String) -> RateLimitUpdate {
    RateLimitUpdate { rate_limit: limit.map(|requests_per_second| RateLimit { requests_per_second }), reason }
}

/// An older server says `Unimplemented`, one that has the feature switched off says so in other ways.
fn no_such_thing(status: &Status) -> bool {
    matches!(status.code(), Code::Unimplemented | Code::InvalidArgument | Code::PermissionDenied)
}

/// Who changes a queue, for those who look at it.
fn who() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default();
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if user.is_empty() { format!("gantry@{host}") } else { format!("gantry:{user}@{host}") }
}

/// An answer, or after a while the word that there is none.
pub(crate) async fn bounded<T>(call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, Status> {
    match tokio::time::timeout(ANSWER, call).await {
        Ok(answer) => answer.map(Response::into_inner),
        Err(_) => Err(Status::deadline_exceeded(format!("no answer within {} s", ANSWER.as_secs()))),
    }
}

/// What a refused or lost call means to a person.
pub(crate) fn problem(what: &str, status: &Status) -> Problem {
    let said = if status.message().is_empty() { status.code().description() } else { status.message() };
    Problem::network(format!("{what}: {said}"))
}
