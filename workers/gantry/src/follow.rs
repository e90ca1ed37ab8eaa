//! Follows a run to its end: a progress bar on a terminal, a line for each step elsewhere.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use contracts::{
    queues,
    shared::Heartbeat,
    workflows::{GetProgress, RunProgress},
};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use temporalio_client::{Client, WorkflowGetResultOptions, WorkflowQueryOptions, errors::WorkflowGetResultError};
use temporalio_common::protos::temporal::api::{
    common::v1::WorkflowExecution, workflow::v1::PendingActivityInfo,
    workflowservice::v1::DescribeWorkflowExecutionRequest,
};
use tonic::IntoRequest;

use crate::{
    failure::Words,
    problem::Problem,
    report,
    run::{Started, Workflow},
};

const LOOK: Duration = Duration::from_millis(300);
/// A run that nobody has touched for this many looks needs a word.
const LOOKS_UNTIL_HINT: u32 = 20;

/// What is told of a run that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) percent: u64,
    /// Behind the bar.
    pub(crate) message: String,
    /// Without a bar there is a line whenever this is another one.
    pub(crate) step: String,
}

/// Makes something to tell of where a run is and what its running activities said last.
pub(crate) type Teller<'a> = &'a (dyn Fn(&RunProgress, &[Heartbeat<Value>]) -> Told + Sync);

/// Waits for the result. A server that does not answer for a while is waited for.
pub(crate) async fn result<W: Workflow>(client: &Client, started: &Started<W>) -> Result<W::Output, Problem> {
    told_result(client, started, &told).await
}

/// The same for a run that has more to tell than which step it is at.
pub(crate) async fn told_result<W: Workflow>(
    client: &Client,
    started: &Started<W>,
    teller: Teller<'_>,
) -> Result<W::Output, Problem> {
    let watching = watch(client, started, teller);
    tokio::pin!(watching);
    loop {
        let ended = tokio::select! {
            ended = started.handle.get_result(WorkflowGetResultOptions::default()) => ended,
            () = &mut watching => continue,
        };
        match ended {
            Ok(output) => return Ok(output),
            Err(WorkflowGetResultError::Rpc(status)) if may_pass(status.code()) => {
                report::note(&format!("Temporal does not answer ({}); the run goes on when it does", status.message()));
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(problem(&error, client, started)),
        }
    }
}

/// Whether a call that failed so may succeed later.
pub(crate) fn may_pass(code: tonic::Code) -> bool {
    use tonic::Code;
    matches!(code, Code::Unavailable | Code::DeadlineExceeded | Code::Unknown | Code::Internal | Code::Cancelled)
}

/// Shows the progress; never returns.
async fn watch<W: Workflow>(client: &Client, started: &Started<W>, teller: Teller<'_>) {
    let mut display = Display::new();
    let mut untouched = 0;
    // A run that goes on as another one, with a history of its own, is asked there.
    let latest = client.get_workflow_handle::<W>(started.workflow_id.clone());
    loop {
        let progress = latest.query(GetProgress::<W>::new(), (), WorkflowQueryOptions::default());
        // Nobody answers a query while no workflow worker runs; the other signs are looked at meanwhile.
        let progress = tokio::time::timeout(Duration::from_secs(2), progress).await.ok().and_then(Result::ok);
        let pending = pending_activities(client, started).await;
        untouched = if progress.is_none() && pending.is_empty() { untouched + 1 } else { 0 };
        if untouched == LOOKS_UNTIL_HINT {
            let queue = queues::WORKFLOWS;
            report::note(&format!("no worker of queue {queue} has answered yet; `gantry doctor` tells what runs"));
        }
        if let Some(progress) = &progress {
            let beats: Vec<Heartbeat<Value>> = pending.iter().filter_map(heartbeat).collect();
            display.show(&tried_again(teller(progress, &beats), &pending));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// What the run waits for, in the clear; nothing where the server does not answer. The SDK's own description of a run fails if its summary is encrypted.
async fn pending_activities<W>(client: &Client, started: &Started<W>) -> Vec<PendingActivityInfo> {
    let request = DescribeWorkflowExecutionRequest {
        namespace: client.options().namespace.clone(),
        execution: Some(WorkflowExecution { workflow_id: started.workflow_id.clone(), run_id: String::new() }),
    };
    let mut service = client.connection().workflow_service();
    let Ok(description) = service.describe_workflow_execution(request.into_request()).await else { return Vec::new() };
    let mut all = Vec::new();
    for mut pending in description.into_inner().pending_activities {
        if runtime::decode_message(client, &mut pending).await.is_err() {
            continue;
        }
        if let Some(failure) = &mut pending.last_failure {
            runtime::reveal_failure(failure);
        }
        all.push(pending);
    }
    all
}

/// The step, and how much of it is done.
fn told(progress: &RunProgress, beats: &[Heartbeat<Value>]) -> Told {
    let step = progress.step.clone();
    let mut told = Told { percent: u64::from(progress.percent), message: step.clone(), step };
    if let Some(beat) = beats.first().and_then(|beat| beat.progress.as_ref()).filter(|beat| beat.total > 0) {
        told.message = format!("{}: {} {} of {} {}", told.step, beat.phase, beat.done, beat.total, beat.unit);
        // The part of the way to the next mark that the heartbeat tells of.
        let way = next_mark(progress).saturating_sub(told.percent);
        told.percent += way * beat.done.min(beat.total) / beat.total;
    }
    told
}

/// The same with the word that an activity is tried again, and why.
fn tried_again(mut told: Told, pending: &[PendingActivityInfo]) -> Told {
    if let Some((attempt, failure)) = pending.iter().find_map(|p| Some((p.attempt, p.last_failure.as_ref()?))) {
        told.message = format!("{} (attempt {attempt}, after: {})", told.message, failure.message);
        told.step.clone_from(&told.message);
    }
    told
}

struct Display {
    bar: Option<ProgressBar>,
    last: String,
}

impl Display {
    fn new() -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(100);
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3}%  {elapsed}  {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { bar, last: String::new() }
    }

    fn show(&mut self, told: &Told) {
        match &self.bar {
            Some(bar) => {
                bar.set_position(told.percent);
                bar.set_message(told.message.clone());
            }
            None if told.step != self.last => {
                report::note(&format!("{:>3}%  {}", told.percent, told.message));
                self.last.clone_from(&told.step);
            }
            None => {}
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The percentage that the run comes to when its activity is done.
fn next_mark(progress: &RunProgress) -> u64 {
    match progress.activity.as_deref() {
        // A run that was started before there was runScip comes here from 25.
        Some("parseRest") => 75,
        Some("discoverSessions") => 5,
        Some("shipBatch") => 90,
        Some("replaySpool") => 100,
        _ => [25, 50, 75, 95, 100].into_iter().find(|mark| *mark > u64::from(progress.percent)).unwrap_or(100),
    }
}

fn heartbeat(pending: &PendingActivityInfo) -> Option<Heartbeat<Value>> {
    let payload = pending.heartbeat_details.as_ref()?.payloads.first()?;
    serde_json::from_slice(&payload.data).ok()
}

/// Why a run did not succeed, in the words of the activity that failed.
fn problem<W>(error: &WorkflowGetResultError, client: &Client, started: &Started<W>) -> Problem {
    let id = &started.workflow_id;
    match error {
        WorkflowGetResultError::Failed(failed) => {
            Words::of(failed.failure()).problem(&format!("temporal workflow show --workflow-id '{id}' tells more"))
        }
        WorkflowGetResultError::Cancelled { .. } => Problem::input(format!("the run {id} was cancelled")),
        WorkflowGetResultError::Terminated { .. } => Problem::input(format!("the run {id} was terminated")),
        WorkflowGetResultError::TimedOut => Problem::network(format!("the run {id} timed out")),
        other => {
            let namespace = &client.options().namespace;
            Problem::network(format!("waiting for the run {id} in namespace {namespace}: {other}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_activity_leads_to_the_mark_behind_it() {
        let next = |percent, activity: &str| {
            next_mark(&RunProgress { percent, step: String::new(), activity: Some(activity.to_owned()) })
        };
        let marks = [next(0, "prepareWorkspace"), next(25, "runScip"), next(50, "parseRest"), next(75, "finishIndex")];
        assert_eq!(marks, [25, 50, 75, 95]);
        assert_eq!(next(25, "parseRest"), 75, "a run without runScip");
    }
}
