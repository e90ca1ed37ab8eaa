//! Telemetry: what happened is an [`Event`]; emitting it writes the log line and moves the metric, so that the two cannot
//! disagree. Metrics are named in one enum ([`Metric`]), and a label's value is always a `&'static str` of a closed list, so
//! that no input can make a new time series.

mod event;
mod metric;

pub use event::{
    ActivityFinished, ActivityStarted, Event, Outcome, ResultOffloaded, WaitingForSlot, WorkerRecycled, WorkerStarted,
};
pub use metric::{Kind, Metric, render};

/// A queue's name as a label: its own for all host queues of it, so that hosts do not make time series.
pub fn queue_label(queue: &str) -> &'static str {
    let base = queue.split_once('@').map_or(queue, |(base, _)| base);
    contracts::queues::ACTIVITY_QUEUES.iter().copied().find(|q| *q == base).unwrap_or(OTHER)
}

/// An activity's name as a label.
pub fn activity_label(activity: &str) -> &'static str {
    contracts::all_activities().find(|a| a.name == activity).map_or(OTHER, |a| a.name)
}

/// What is not in the contract.
const OTHER: &str = "other";
