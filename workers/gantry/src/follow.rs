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

/// Waits for the result. A server that does not answer for a while is waited for.
pub(crate) async fn result<W: Workflow>(client: &Client, started: &Started<W>) -> Result<W::Output, Problem> {
    let watching = watch(client, started);
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

fn may_pass(code: tonic::Code) -> bool {
    use tonic::Code;
    matches!(code, Code::Unavailable | Code::DeadlineExceeded | Code::Unknown | Code::Internal | Code::Cancelled)
}

/// Shows the progress; never returns.
async fn watch<W: Workflow>(client: &Client, started: &Started<W>) {
    let mut display = Display::new();
    let mut untouched = 0;
    loop {
        let progress = started.handle.query(GetProgress::<W>::new(), (), WorkflowQueryOptions::default());
        // Nobody answers a query while no workflow worker runs; the other signs are looked at meanwhile.
        let progress = tokio::time::timeout(Duration::from_secs(2), progress).await.ok().and_then(Result::ok);
        let pending = pending_activity(client, started).await;
        untouched = if progress.is_none() && pending.is_none() { untouched + 1 } else { 0 };
        if untouched == LOOKS_UNTIL_HINT {
            let queue = queues::WORKFLOWS;
            report::note(&format!("no worker of queue {queue} has answered yet; `gantry doctor` tells what runs"));
        }
        display.show(progress.as_ref(), pending.as_ref());
        tokio::time::sleep(LOOK).await;
    }
}

/// What the run waits for, in the clear. The SDK's own description of a run fails if its summary is encrypted.
async fn pending_activity<W>(client: &Client, started: &Started<W>) -> Option<PendingActivityInfo> {
    let request = DescribeWorkflowExecutionRequest {
        namespace: client.options().namespace.clone(),
        execution: Some(WorkflowExecution { workflow_id: started.workflow_id.clone(), run_id: started.run_id.clone() }),
    };
    let mut service = client.connection().workflow_service();
    let description = service.describe_workflow_execution(request.into_request()).await.ok()?.into_inner();
    let mut pending = description.pending_activities.into_iter().next()?;
    runtime::decode_message(client, &mut pending).await.ok()?;
    if let Some(failure) = &mut pending.last_failure {
        runtime::reveal_failure(failure);
    }
    Some(pending)
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

    fn show(&mut self, progress: Option<&RunProgress>, pending: Option<&PendingActivityInfo>) {
        let Some(progress) = progress else { return };
        let beat = pending.and_then(heartbeat).and_then(|beat| beat.progress);
        let mut message = progress.step.clone();
        let mut percent = u64::from(progress.percent);
        if let Some(beat) = beat.filter(|b| b.total > 0) {
            message = format!("{message}: {} {} of {} {}", beat.phase, beat.done, beat.total, beat.unit);
            // The part of the way to the next mark that the heartbeat tells of.
            percent += next_mark(progress).saturating_sub(percent) * beat.done.min(beat.total) / beat.total;
        }
        let mut step = progress.step.clone();
        if let Some((attempt, failure)) = pending.and_then(|p| Some((p.attempt, p.last_failure.as_ref()?))) {
            message = format!("{message} (attempt {attempt}, after: {})", failure.message);
            step = message.clone();
        }
        match &self.bar {
            Some(bar) => {
                bar.set_position(percent);
                bar.set_message(message);
            }
            None if step != self.last => {
                report::note(&format!("{:>3}%  {message}", progress.percent));
                self.last = step;
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

fn heartbeat(pending: &PendingActivityInfo) -> Option<Heartbeat<serde_json::Value>> {
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
