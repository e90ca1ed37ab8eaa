//! How a job stands, as the server describes it.

use std::time::{Duration, SystemTime};

use contracts::shared::Heartbeat;
use serde_json::Value;
use temporalio_client::{Client, grpc::WorkflowService};
use temporalio_common::protos::temporal::api::{
    activity::v1::{ActivityExecutionInfo, activity_execution_outcome},
    enums::v1::{ActivityExecutionStatus, PendingActivityState},
    workflowservice::v1::{DescribeActivityExecutionRequest, DescribeActivityExecutionResponse},
};
use tonic::{Code, IntoRequest, Status};

use super::{payload, start, times};
use crate::problem::Problem;

/// What to ask for besides the state.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Include {
    pub(crate) input: bool,
    pub(crate) outcome: bool,
    /// The last heartbeat and the last failure.
    pub(crate) attempts: bool,
}

/// Asks the server for the last run of a job, or a certain one.
pub(crate) async fn describe(
    client: &Client,
    id: &str,
    run_id: Option<&str>,
    include: Include,
) -> Result<DescribeActivityExecutionResponse, Status> {
    let request = DescribeActivityExecutionRequest {
        namespace: client.options().namespace.clone(),
        activity_id: id.to_owned(),
        run_id: run_id.unwrap_or_default().to_owned(),
        include_input: include.input,
        include_outcome: include.outcome,
        include_heartbeat_details: include.attempts,
        include_last_failure: include.attempts,
        ..Default::default()
    };
    Ok(client.clone().describe_activity_execution(request.into_request()).await?.into_inner())
}

/// The problem of a job that cannot be looked at.
pub(crate) fn problem(id: &str, status: &Status) -> Problem {
    match status.code() {
        Code::NotFound => Problem::input(format!("there is no job {id:?}"))
            .hint("`gantry job list` shows all; one that is done is forgotten after the namespace's retention"),
        _ => start::problem(&format!("asking for the job {id:?}"), status),
    }
}

/// How a job ended, or that it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Not to be started yet.
    Delayed,
    /// Waiting for a worker.
    Queued,
    /// A worker is at it.
    Running,
    /// An attempt failed and the next one is not due yet.
    BackingOff,
    /// Told to stop; the worker has not yet.
    CancelRequested,
    /// To be held back; the worker has not let go yet.
    PauseRequested,
    Paused,
    Completed,
    Failed,
    Cancelled,
    Terminated,
    TimedOut,
    /// This version of the command line does not know the server's word for it.
    Unknown,
}

impl State {
    /// The state of a job that was described at `now`.
    pub(crate) fn of(info: &ActivityExecutionInfo, now: SystemTime) -> Self {
        match Self::of_status(info.status()) {
            Self::Running => match info.run_state() {
                PendingActivityState::Scheduled => {
                    let later = times::at(info.next_attempt_schedule_time.as_ref()).is_some_and(|next| next > now);
                    let first = info.attempt <= 1;
                    match (later, first) {
                        (true, true) => Self::Delayed,
                        (true, false) => Self::BackingOff,
                        (false, _) => Self::Queued,
                    }
                }
                PendingActivityState::CancelRequested => Self::CancelRequested,
                PendingActivityState::PauseRequested => Self::PauseRequested,
                PendingActivityState::Paused => Self::Paused,
                PendingActivityState::Started | PendingActivityState::Unspecified => Self::Running,
            },
            other => other,
        }
    }

    /// What a list knows: `Running` stands for everything before the end.
    pub(crate) fn of_status(status: ActivityExecutionStatus) -> Self {
        match status {
            ActivityExecutionStatus::Running => Self::Running,
            ActivityExecutionStatus::Completed => Self::Completed,
            ActivityExecutionStatus::Failed => Self::Failed,
            ActivityExecutionStatus::Canceled => Self::Cancelled,
            ActivityExecutionStatus::Terminated => Self::Terminated,
            ActivityExecutionStatus::TimedOut => Self::TimedOut,
            ActivityExecutionStatus::Paused => Self::Paused,
            ActivityExecutionStatus::Unspecified => Self::Unknown,
        }
    }

    pub(crate) fn has_ended(self) -> bool {
        matches!(self, Self::Completed) || self.can_be_retried()
    }

    /// Whether it has ended without success.
    pub(crate) fn can_be_retried(self) -> bool {
        matches!(self, Self::Failed | Self::Cancelled | Self::Terminated | Self::TimedOut)
    }

    /// In JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::BackingOff => "backingOff",
            Self::CancelRequested => "cancelRequested",
            Self::PauseRequested => "pauseRequested",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Terminated => "terminated",
            Self::TimedOut => "timedOut",
            Self::Unknown => "unknown",
        }
    }

    /// For people, as the rest of a sentence about the job.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Delayed => "is delayed",
            Self::Queued => "waits for a worker",
            Self::Running => "runs",
            Self::BackingOff => "waits for its next attempt",
            Self::CancelRequested => "was told to stop",
            Self::PauseRequested => "is about to be paused",
            Self::Paused => "is paused",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "was cancelled",
            Self::Terminated => "was terminated",
            Self::TimedOut => "timed out",
            Self::Unknown => "is in a state that this version does not know",
        }
    }
}

/// The last heartbeat, if there was one and it can be read here.
pub(crate) async fn heartbeat(client: &Client, info: &ActivityExecutionInfo) -> Option<Heartbeat<Value>> {
    let value = payload::decode(client, info.heartbeat_details.as_ref()?).await.ok()??;
    serde_json::from_value(value).ok()
}

/// What a job that has ended left.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Result(Value),
    Failure { words: crate::failure::Words, state: State },
}

/// The outcome of a job that was described with it; `None` while there is none.
pub(crate) async fn outcome(
    client: &Client,
    id: &str,
    described: &DescribeActivityExecutionResponse,
) -> Result<Option<Outcome>, Problem> {
    let value = described.outcome.as_ref().and_then(|outcome| outcome.value.as_ref());
    match value {
        None => Ok(None),
        Some(activity_execution_outcome::Value::Result(payloads)) => {
            let decoded = payload::decode(client, payloads).await;
            let decoded = decoded.map_err(|error| Problem::wrong_result(format!("the result of {id:?}: {error}")))?;
            Ok(Some(Outcome::Result(decoded.unwrap_or(Value::Null))))
        }
        Some(activity_execution_outcome::Value::Failure(failure)) => {
            let state = described.info.as_ref().map_or(State::Failed, |info| State::of_status(info.status()));
            Ok(Some(Outcome::Failure { words: payload::words(client, failure).await, state }))
        }
    }
}

impl Outcome {
    /// The problem of whoever wanted a result, if there is none.
    pub(crate) fn problem(&self, id: &str) -> Option<Problem> {
        let Self::Failure { words, state } = self else { return None };
        Some(match state {
            State::Cancelled | State::Terminated => {
                let why = Some(&words.message).filter(|message| !message.is_empty() && *message != "Activity canceled");
                Problem::input(format!(
                    "the job {id:?} {}{}",
                    state.words(),
                    why.map(|why| format!(": {why}")).unwrap_or_default()
                ))
                .hint(format!("gantry job retry {id:?} starts it anew"))
            }
            State::TimedOut => Problem::network(format!("the job {id:?} timed out: {}", words.line()))
                .hint(format!("look at its queue: gantry job describe {id:?}; gantry job retry {id:?} starts it anew")),
            _ => words.problem(&format!("gantry job describe {id:?} tells more")),
        })
    }
}

/// How long a job took, from its submission or the end of its delay to its end.
pub(crate) fn took<T: Clone + TryInto<SystemTime>>(begin: Option<&T>, end: Option<&T>) -> Option<Duration> {
    let (begin, end) = (times::at(begin)?, times::at(end)?);
    // One that was cancelled before its time took none.
    Some(end.duration_since(begin).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheduled(attempt: i32, next_in: i64) -> ActivityExecutionInfo {
        let now = i64::try_from(NOW.as_secs()).unwrap();
        let mut info = ActivityExecutionInfo { attempt, ..Default::default() };
        info.set_status(ActivityExecutionStatus::Running);
        info.set_run_state(PendingActivityState::Scheduled);
        info.next_attempt_schedule_time =
            Some((SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(now + next_in).unwrap())).into());
        info
    }

    const NOW: Duration = Duration::from_secs(1_700_000_000);

    #[test]
    fn a_job_that_no_worker_has_yet_is_delayed_queued_or_backing_off() {
        let now = SystemTime::UNIX_EPOCH + NOW;
        assert_eq!(State::of(&scheduled(1, 60), now), State::Delayed);
        assert_eq!(State::of(&scheduled(1, -60), now), State::Queued);
        assert_eq!(State::of(&scheduled(2, 60), now), State::BackingOff);
        assert_eq!(State::of(&scheduled(2, -60), now), State::Queued);
    }
}
