//! `gantry job result`, and how the end of a job is told.

use contracts::shared::{BlobRef, ResultBlob};
use serde_json::{Map, Value};
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeActivityExecutionResponse;

use super::{
    arguments::ResultOptions,
    look::{self, Include, Outcome, State},
    times::put,
};
use crate::{connect, places::Places, problem::Problem, report};

/// A job that has ended.
pub(crate) struct Ended {
    pub(crate) state: State,
    pub(crate) outcome: Outcome,
}

pub(crate) async fn run(places: &Places, options: &ResultOptions) -> Result<(), Problem> {
    let client = connect::client(places).await?;
    let include = Include { outcome: true, ..Default::default() };
    let described = look::describe(&client, &options.id, options.run_id.as_deref(), include)
        .await
        .map_err(|status| look::problem(&options.id, &status))?;
    let object = identity(&options.id, &described);
    let state = state(&described);
    match look::outcome(&client, &options.id, &described).await? {
        Some(outcome) => {
            finish(places, &options.id, &Ended { state, outcome }, object, options.json, options.raw).await
        }
        None => {
            if options.json {
                let mut object = object;
                put(&mut object, "status", Some(state.name()));
                report::data(&Value::Object(object).to_string())?;
            }
            Err(Problem::network(format!("the job {:?} has no result yet: it {}", options.id, state.words()))
                .hint(format!("gantry job wait {:?} follows it to its end", options.id)))
        }
    }
}

pub(crate) fn state(described: &DescribeActivityExecutionResponse) -> State {
    let now = std::time::SystemTime::now();
    described.info.as_ref().map_or(State::Unknown, |info| State::of(info, now))
}

/// Which job, in JSON.
pub(crate) fn identity(id: &str, described: &DescribeActivityExecutionResponse) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("id".to_owned(), id.into());
    object.insert("runId".to_owned(), described.run_id.as_str().into());
    if let Some(info) = &described.info {
        put(&mut object, "queue", Some(info.task_queue.as_str()));
        put(&mut object, "activity", info.activity_type.as_ref().map(|kind| kind.name.as_str()));
    }
    object
}

/// Prints the result of a job, or ends with the problem that it ended with.
pub(crate) async fn finish(
    places: &Places,
    id: &str,
    ended: &Ended,
    mut object: Map<String, Value>,
    as_json: bool,
    raw: bool,
) -> Result<(), Problem> {
    object.insert("status".to_owned(), ended.state.name().into());
    match &ended.outcome {
        Outcome::Result(value) => {
            let value = if raw { value.clone() } else { whole(places, value.clone()).await? };
            if !as_json {
                return report::data(&format!("{value:#}"));
            }
            object.insert("result".to_owned(), value);
            report::data(&Value::Object(object).to_string())
        }
        Outcome::Failure { words, .. } => {
            if as_json {
                object.insert("error".to_owned(), words.json());
                report::data(&Value::Object(object).to_string())?;
            }
            Err(ended.outcome.problem(id).unwrap_or_else(|| Problem::wrong_result(format!("the job {id:?} failed"))))
        }
    }
}

/// The result itself, where the activity gave a reference to it because it was too long.
pub(crate) async fn whole(places: &Places, value: Value) -> Result<Value, Problem> {
    let Ok(ResultBlob { result_blob }) = serde_json::from_value(value.clone()) else { return Ok(value) };
    let bytes = fetch(places, &result_blob).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Problem::wrong_result(format!("the result in {} is not JSON: {error}", result_blob.uri)))
}

/// A blob of the store that the workers write to.
pub(crate) async fn fetch(places: &Places, blob: &BlobRef) -> Result<Vec<u8>, Problem> {
    let store = places.blobs().map_err(|problem| problem.hint("--raw prints the reference instead"))?;
    let read = store.get_async(blob).await;
    read.map_err(|failure| {
        let message = format!("{}: {}: {}", failure.error_type, failure.what, failure.place);
        Problem::of_type(Some(failure.error_type), message)
            .hint(format!("{}; --raw prints the reference instead", failure.hint))
    })
}
