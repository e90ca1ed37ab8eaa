//! `gantry job list`.

use std::time::Duration;

use contracts::all_activities;
use futures::StreamExt;
use serde_json::{Map, Value, json};
use temporalio_client::{ActivityCountOptions, ActivityListOptions, Client, errors::ClientError};
use temporalio_common::protos::temporal::api::activity::v1::ActivityExecutionListInfo;

use super::{
    arguments::{ListOptions, StatusFilter},
    look::{self, State},
    start,
    times::{self, put},
};
use crate::{connect, places::Places, problem::Problem, report};

pub(crate) async fn run(places: &Places, options: &ListOptions) -> Result<(), Problem> {
    let query = query(options);
    let client = connect::client(places).await?;
    if options.count {
        let count = count(&client, &query).await?;
        return report::data(&if options.json { json!({ "count": count }).to_string() } else { count.to_string() });
    }
    let width = all_activities().map(|activity| activity.name.len()).max().unwrap_or_default();
    let mut jobs = client.list_activities(query, ActivityListOptions::default());
    let mut left = options.limit.unwrap_or(usize::MAX);
    let mut first = true;
    while left > 0
        && let Some(job) = jobs.next().await
    {
        let job = job.map_err(|error| problem(&error))?;
        let job = job.raw_info();
        if options.json {
            report::data(&object(job).to_string())?;
        } else {
            if std::mem::take(&mut first) {
                report::data(&row(width, ["status", "submitted", "took", "activity", "queue", "id"]))?;
            }
            let took = took(job).map(times::span).unwrap_or_default();
            let submitted = times::at(job.schedule_time.as_ref()).map(times::text).unwrap_or_default();
            let status = State::of_status(job.status()).name();
            report::data(&row(width, [status, &submitted, &took, activity(job), &job.task_queue, &job.activity_id]))?;
        }
        left -= 1;
    }
    if first && !options.json && options.limit != Some(0) {
        report::note("no jobs");
    }
    Ok(())
}

fn row(width: usize, cells: [&str; 6]) -> String {
    // An id may hold any characters, also those that a terminal takes for commands.
    let [status, submitted, took, activity, queue, id] = cells.map(|cell| cell.replace(char::is_control, "\u{fffd}"));
    format!("{status:<10}  {submitted:<20}  {took:<12}  {activity:<width$}  {queue:<13}  {id}")
}

fn took(job: &ActivityExecutionListInfo) -> Option<Duration> {
    look::took(job.execution_time.as_ref().or(job.schedule_time.as_ref()), job.close_time.as_ref())
}

fn activity(job: &ActivityExecutionListInfo) -> &str {
    job.activity_type.as_ref().map_or("", |kind| kind.name.as_str())
}

fn object(job: &ActivityExecutionListInfo) -> Value {
    let mut object = Map::new();
    let submitted = times::at(job.schedule_time.as_ref());
    let due = times::at(job.execution_time.as_ref());
    put(&mut object, "id", Some(job.activity_id.as_str()));
    put(&mut object, "runId", Some(job.run_id.as_str()));
    put(&mut object, "activity", Some(activity(job)));
    put(&mut object, "queue", Some(job.task_queue.as_str()));
    put(&mut object, "status", Some(State::of_status(job.status()).name()));
    put(&mut object, "submittedAt", submitted.map(times::precise));
    // The two times of a job without a delay differ by what the server needs to write them down.
    let delayed =
        due.zip(submitted).is_some_and(|(due, from)| due.duration_since(from).is_ok_and(|d| d.as_millis() >= 1));
    put(&mut object, "startsAt", due.filter(|_| delayed).map(times::precise));
    put(&mut object, "endedAt", times::at(job.close_time.as_ref()).map(times::precise));
    put(&mut object, "durationMs", took(job).map(times::millis));
    object.into()
}

/// All that was asked for, as one visibility query.
fn query(options: &ListOptions) -> String {
    let mut parts = Vec::new();
    if let Some(query) = options.query.as_deref().map(str::trim).filter(|query| !query.is_empty()) {
        parts.push(format!("({query})"));
    }
    if let Some(status) = options.status {
        parts.push(format!("ExecutionStatus = {}", quoted(status_name(status))));
    }
    if let Some(activity) = &options.activity {
        parts.push(format!("ActivityType = {}", quoted(activity)));
    }
    if let Some(queue) = &options.queue {
        parts.push(format!("TaskQueue = {}", quoted(queue)));
    }
    parts.join(" AND ")
}

fn status_name(status: StatusFilter) -> &'static str {
    match status {
        StatusFilter::Running => "Running",
        StatusFilter::Paused => "Paused",
        StatusFilter::Completed => "Completed",
        StatusFilter::Failed => "Failed",
        StatusFilter::Cancelled => "Canceled",
        StatusFilter::Terminated => "Terminated",
        StatusFilter::TimedOut => "TimedOut",
    }
}

/// A text in a visibility query.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

pub(crate) async fn count(client: &Client, query: &str) -> Result<usize, Problem> {
    let count = client.count_activities(query, ActivityCountOptions::default()).await;
    Ok(count.map_err(|error| problem(&error))?.count())
}

pub(crate) fn problem(error: &ClientError) -> Problem {
    match error {
        ClientError::Rpc(status) => start::problem("listing jobs", status),
        other => Problem::network(format!("listing jobs: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_become_one_query() {
        let mut options = ListOptions {
            query: Some(" StartTime > 'x' OR RunId = 'y' ".to_owned()),
            status: Some(StatusFilter::TimedOut),
            activity: Some("it's".to_owned()),
            queue: None,
            limit: None,
            count: false,
            json: false,
        };
        assert_eq!(
            query(&options),
            "(StartTime > 'x' OR RunId = 'y') AND ExecutionStatus = 'TimedOut' AND ActivityType = 'it''s'"
        );
        (options.query, options.status, options.activity) = (Some("  ".to_owned()), None, None);
        assert_eq!(query(&options), "");
    }
}
