//! What happens in a worker.

use std::time::Duration;

use contracts::errors::ErrorType;
use temporalio_sdk::activities::ActivityError;

use super::{Metric, activity_label, queue_label};

/// Something that happened: a log line and a metric at once.
pub trait Event {
    /// Writes the line and moves the metric.
    fn emit(self);
}

/// The process polls its queues.
pub struct WorkerStarted<'a> {
    /// Its queue.
    pub queue: &'a str,
    /// Version of the build.
    pub version: &'static str,
    /// Hash of the contracts it was built with.
    pub contracts: &'a str,
}

impl Event for WorkerStarted<'_> {
    fn emit(self) {
        tracing::info!(queue = self.queue, version = self.version, contracts = self.contracts, "worker started");
        Metric::WorkerInfo.shift(&[queue_label(self.queue), self.version, self.contracts], 1);
    }
}

/// An attempt begins.
pub struct ActivityStarted<'a> {
    /// Queue that it came by.
    pub queue: &'a str,
    /// Activity type.
    pub activity: &'a str,
    /// 1 for the first.
    pub attempt: u32,
}

impl Event for ActivityStarted<'_> {
    fn emit(self) {
        if self.attempt > 1 {
            tracing::info!(attempt = self.attempt, "activity started again");
        } else {
            tracing::debug!("activity started");
        }
        Metric::ActivitiesStarted.count(&[queue_label(self.queue), activity_label(self.activity)], 1);
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With a result.
    Completed,
    /// With an error.
    Failed,
    /// Because somebody cancelled it, or its time was over.
    Cancelled,
    /// The worker goes away; the task is given back.
    GivenBack,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::GivenBack => "given_back",
        }
    }
}

/// An attempt has ended.
pub struct ActivityFinished<'a> {
    /// Queue that it came by.
    pub queue: &'a str,
    /// Activity type.
    pub activity: &'a str,
    /// From its begin.
    pub took: Duration,
    /// The error, if it is one.
    pub error: Option<&'a ActivityError>,
}

impl ActivityFinished<'_> {
    fn outcome(&self) -> (Outcome, &'static str, String) {
        match self.error {
            None => (Outcome::Completed, "", String::new()),
            Some(ActivityError::Application(failure)) => {
                let error_type = failure.type_name().and_then(ErrorType::from_name);
                let outcome = match error_type {
                    Some(ErrorType::WorkerDraining) => Outcome::GivenBack,
                    _ => Outcome::Failed,
                };
                (outcome, error_type.map_or("other", ErrorType::as_str), failure.to_string())
            }
            Some(ActivityError::Cancelled { .. }) => (Outcome::Cancelled, "", String::new()),
            Some(other) => (Outcome::Failed, "other", format!("{other:?}")),
        }
    }
}

impl Event for ActivityFinished<'_> {
    fn emit(self) {
        let (outcome, error_type, reason) = self.outcome();
        let ms = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX);
        match outcome {
            Outcome::Failed => tracing::warn!(ms, error_type, "activity failed: {reason}"),
            _ => tracing::info!(ms, outcome = outcome.as_str(), "activity ended"),
        }
        let (queue, activity) = (queue_label(self.queue), activity_label(self.activity));
        Metric::ActivitiesFinished.count(&[queue, activity, outcome.as_str(), error_type], 1);
        Metric::ActivitySeconds.observe(&[queue, activity], self.took.as_secs_f64());
    }
}

/// An attempt waits for a slot as long as this lives.
pub struct WaitingForSlot(());

impl WaitingForSlot {
    /// Begins to wait.
    pub fn begin() -> Self {
        Metric::SlotsWaiting.shift(&[], 1);
        Self(())
    }
}

impl Drop for WaitingForSlot {
    fn drop(&mut self) {
        Metric::SlotsWaiting.shift(&[], -1);
    }
}

/// A result went to the blob store.
pub struct ResultOffloaded<'a> {
    /// Activity type.
    pub activity: &'a str,
    /// Size of the result as JSON.
    pub bytes: u64,
    /// Where it is.
    pub uri: &'a str,
}

impl Event for ResultOffloaded<'_> {
    fn emit(self) {
        tracing::info!(
            bytes = self.bytes,
            uri = self.uri,
            "the result is too big for a payload; it is in the blob store"
        );
        let labels = [activity_label(self.activity)];
        Metric::ResultsOffloaded.count(&labels, 1);
        Metric::ResultsOffloadedBytes.count(&labels, self.bytes);
    }
}

/// Fresh Workers took over from old ones, which end when their last activity does.
pub struct WorkerRecycled<'a> {
    /// The queue of the process.
    pub queue: &'a str,
    /// Attempts that the old ones had begun.
    pub activities: u64,
}

impl Event for WorkerRecycled<'_> {
    fn emit(self) {
        tracing::info!(queue = self.queue, activities = self.activities, "fresh workers took over");
        Metric::WorkersRecycled.count(&[queue_label(self.queue)], 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Failure, telemetry::render};

    #[test]
    fn a_label_never_comes_from_an_input() {
        for activity in ["made up by a client", "prepareWorkspace"] {
            ActivityStarted { queue: "heavy-compute@some-host", activity, attempt: 1 }.emit();
        }
        let text = render();
        assert!(
            text.contains(r#"gantry_activities_started_total{activity="other",queue="heavy-compute"} 1"#),
            "{text}"
        );
        assert!(text.contains(r#"activity="prepareWorkspace""#) && !text.contains("some-host"), "{text}");
    }

    #[test]
    fn a_task_that_is_given_back_does_not_count_as_failed() {
        let failure = Failure::new(ErrorType::WorkerDraining, "what", "where", "hint").into_activity_error();
        let took = Duration::from_millis(3);
        ActivityFinished { queue: "heavy-compute", activity: "parseRest", took, error: Some(&failure) }.emit();
        let text = render();
        let line = r#"gantry_activities_finished_total{activity="parseRest",error_type="WorkerDraining",outcome="given_back",queue="heavy-compute"} 1"#;
        assert!(text.contains(line), "{text}");
    }
}
