//! Starts a job at the server, patiently.

use std::time::{Duration, Instant};

use backon::BackoffBuilder;
use temporalio_client::Client;
use temporalio_common::protos::{
    temporal::api::{
        errordetails::v1::ActivityExecutionAlreadyStartedFailure, workflowservice::v1::StartActivityExecutionRequest,
    },
    utilities::decode_status_detail,
};
use tokio_util::sync::CancellationToken;
use tonic::{Code, IntoRequest, Status};

use crate::problem::Problem;

/// What the server says to a request for a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// There is a new job.
    Started { run_id: String },
    /// There is one of this id already, and it was asked for by this request.
    Exists { run_id: String, request_id: String },
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(crate) enum Failed {
    /// The server refuses the request.
    Refused(Status),
    /// The server did not answer for as long as we were patient, or until we were told to stop.
    GaveUp(Status),
}

/// Sends a request until the server answers, for at most `patience` or until `stop`.
///
/// The same request may reach the server twice; its request id makes that harmless.
pub(crate) async fn start(
    client: &Client,
    request: &StartActivityExecutionRequest,
    patience: Duration,
    stop: &CancellationToken,
) -> Result<Answer, Failed> {
    let begin = Instant::now();
    let mut pauses = backon::ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(5))
        .with_jitter()
        .without_max_times()
        .build();
    let mut service = client.connection().workflow_service();
    loop {
        let status = match service.start_activity_execution(request.clone().into_request()).await {
            Ok(answer) => return Ok(Answer::Started { run_id: answer.into_inner().run_id }),
            Err(status) => status,
        };
        if let Some(existing) = existing(&status) {
            // An earlier sight of this very request, whose answer was lost.
            if existing.start_request_id == request.request_id {
                return Ok(Answer::Started { run_id: existing.run_id });
            }
            return Ok(Answer::Exists { run_id: existing.run_id, request_id: existing.start_request_id });
        }
        if !may_pass(&status) {
            return Err(Failed::Refused(status));
        }
        let pause = pauses.next().unwrap_or(Duration::from_secs(5));
        if begin.elapsed() + pause > patience {
            return Err(Failed::GaveUp(status));
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return Err(Failed::GaveUp(status)),
        }
    }
}

fn existing(status: &Status) -> Option<ActivityExecutionAlreadyStartedFailure> {
    (status.code() == Code::AlreadyExists).then(|| decode_status_detail(status.details())).flatten()
}

/// Whether asking again can help.
pub(crate) fn may_pass(status: &Status) -> bool {
    let too_large = status.message().contains("message larger than max");
    match status.code() {
        Code::ResourceExhausted => !too_large,
        code => {
            matches!(
                code,
                Code::Unavailable
                    | Code::DeadlineExceeded
                    | Code::Aborted
                    | Code::Unknown
                    | Code::Internal
                    | Code::Cancelled
            )
        }
    }
}

/// What a status means for whoever typed the command.
pub(crate) fn problem(what: &str, status: &Status) -> Problem {
    let said = status.message();
    match status.code() {
        Code::InvalidArgument if said.contains("search attribute") && !said.contains("query") => {
            Problem::input(format!("{what}: the server refused it: {said}"))
                .hint("register Gantry's search attributes: gantry setup")
        }
        Code::InvalidArgument | Code::FailedPrecondition | Code::AlreadyExists | Code::OutOfRange => {
            Problem::input(format!("{what}: the server refused it: {said}"))
        }
        Code::Unimplemented => Problem::network(format!("{what}: this server knows no jobs: {said}"))
            .hint("jobs are standalone activities; they need Temporal server 1.31 or newer"),
        _ => Problem::network(format!("{what}: {said}")),
    }
}

impl Failed {
    pub(crate) fn status(&self) -> &Status {
        let (Self::Refused(status) | Self::GaveUp(status)) = self;
        status
    }
}
