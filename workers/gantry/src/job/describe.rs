//! `gantry job describe`.

use std::time::SystemTime;

use serde_json::{Map, Value, json};
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::{
    activity::v1::ActivityExecutionInfo, workflowservice::v1::DescribeActivityExecutionResponse,
};

use super::{
    arguments::DescribeOptions,
    look::{self, Include, Outcome, State},
    payload, result,
    times::{self, put},
};
use crate::{connect, places::Places, problem::Problem, report};

pub(crate) async fn run(places: &Places, options: &DescribeOptions) -> Result<(), Problem> {
    let client = connect::client(places).await?;
    let include = Include { input: options.input, outcome: true, attempts: true };
    let described = look::describe(&client, &options.id, options.run_id.as_deref(), include)
        .await
        .map_err(|status| look::problem(&options.id, &status))?;
    let object = object(&client, &options.id, &described).await;
    if options.json {
        return report::data(&Value::Object(object).to_string());
    }
    report::data(&lines(&object))
}

/// All that is known of a job, without what does not apply.
async fn object(client: &Client, id: &str, described: &DescribeActivityExecutionResponse) -> Map<String, Value> {
    let mut object = result::identity(id, described);
    let Some(info) = &described.info else { return object };
    let now = SystemTime::now();
    let state = State::of(info, now);
    put(&mut object, "status", Some(State::of_status(info.status()).name()));
    put(&mut object, "state", Some(state.name()));
    put(&mut object, "attempt", Some(info.attempt));
    let most = info.retry_policy.as_ref().map(|policy| policy.maximum_attempts).filter(|most| *most > 0);
    put(&mut object, "maxAttempts", most);
    put_times(&mut object, info, state);
    put_options(&mut object, client, info).await;
    put(&mut object, "worker", Some(info.last_worker_identity.as_str()).filter(|worker| !worker.is_empty()));
    put(&mut object, "cancelReason", Some(info.canceled_reason.as_str()).filter(|reason| !reason.is_empty()));
    if let Some(beat) = look::heartbeat(client, info).await {
        put(&mut object, "progress", beat.progress.and_then(|progress| serde_json::to_value(progress).ok()));
        put(&mut object, "checkpoint", beat.checkpoint.filter(|checkpoint| !checkpoint.is_null()));
    }
    let error = match look::outcome(client, id, described).await {
        Ok(Some(Outcome::Failure { words, .. })) => Some(words.json()),
        _ => None,
    };
    if let Some(failure) = &info.last_failure {
        let failure = payload::words(client, failure).await.json();
        // A job that failed did so with its last failure; one that was stopped has both.
        put(&mut object, "lastFailure", Some(failure).filter(|failure| error.as_ref() != Some(failure)));
    }
    put(&mut object, "error", error);
    if let Some(input) = &described.input {
        let input = payload::decode(client, input).await;
        object.insert(
            "input".to_owned(),
            input.map_or_else(|error| Value::from(error.to_string()), Option::unwrap_or_default),
        );
    }
    object
}

fn put_times(object: &mut Map<String, Value>, info: &ActivityExecutionInfo, state: State) {
    let mut time = |name: &str, time: Option<SystemTime>| put(object, name, time.map(times::precise));
    let ended = state.has_ended();
    time("submittedAt", times::at(info.schedule_time.as_ref()));
    let delayed = times::lasting(info.start_delay.as_ref()).is_some();
    time("startsAt", times::at(info.execution_time.as_ref()).filter(|_| delayed));
    time("startedAt", times::at(info.last_started_time.as_ref()));
    time("heartbeatAt", times::at(info.last_heartbeat_time.as_ref()));
    let next = times::at(info.next_attempt_schedule_time.as_ref());
    time("nextAttemptAt", next.filter(|_| state == State::BackingOff));
    time("expiresAt", times::at(info.expiration_time.as_ref()).filter(|_| !ended));
    time("endedAt", times::at(info.close_time.as_ref()));
    let took = look::took(info.execution_time.as_ref().or(info.schedule_time.as_ref()), info.close_time.as_ref());
    put(object, "durationMs", took.map(times::millis));
}

async fn put_options(object: &mut Map<String, Value>, client: &Client, info: &ActivityExecutionInfo) {
    if let Some(priority) = &info.priority {
        put(object, "priority", Some(priority.priority_key).filter(|key| *key > 0));
        put(object, "fairnessKey", Some(priority.fairness_key.as_str()).filter(|key| !key.is_empty()));
        // By its shortest text: as a wider number 0.1 would be 0.10000000149011612.
        let weight = Some(priority.fairness_weight).filter(|weight| *weight > 0.0);
        put(object, "fairnessWeight", weight.and_then(|weight| weight.to_string().parse::<f64>().ok()));
    }
    if let Some(summary) = info.user_metadata.as_ref().and_then(|metadata| metadata.summary.clone()) {
        let payloads = temporalio_common::protos::temporal::api::common::v1::Payloads { payloads: vec![summary] };
        let text = payload::decode(client, &payloads).await;
        put(object, "summary", text.unwrap_or_else(|error| Some(error.to_string().into())));
    }
    let mut limits = Map::new();
    let mut limit =
        |name: &str, limit: Option<std::time::Duration>| put(&mut limits, name, limit.map(|d| d.as_secs_f64()));
    limit("scheduleToClose", times::lasting(info.schedule_to_close_timeout.as_ref()));
    limit("startToClose", times::lasting(info.start_to_close_timeout.as_ref()));
    limit("heartbeat", times::lasting(info.heartbeat_timeout.as_ref()));
    object.insert("timeoutsS".to_owned(), json!(limits));
}

/// The fields in the order in which people read them; `state` says what `status` does, and more.
const ORDER: [&str; 27] = [
    "id",
    "runId",
    "activity",
    "queue",
    "summary",
    "state",
    "attempt",
    "maxAttempts",
    "progress",
    "checkpoint",
    "submittedAt",
    "startsAt",
    "startedAt",
    "heartbeatAt",
    "nextAttemptAt",
    "expiresAt",
    "endedAt",
    "durationMs",
    "worker",
    "priority",
    "fairnessKey",
    "fairnessWeight",
    "timeoutsS",
    "cancelReason",
    "lastFailure",
    "error",
    "input",
];

/// The same for people: a line for each field.
fn lines(object: &Map<String, Value>) -> String {
    let fields = ORDER.iter().filter_map(|name| Some((*name, object.get(*name)?)));
    let rows = fields.map(|(name, value)| {
        let text = match (name, value) {
            ("durationMs", Value::Number(n)) => {
                times::span(std::time::Duration::from_millis(n.as_u64().unwrap_or_default()))
            }
            ("progress", Value::Object(progress)) => {
                let part = |name: &str| progress.get(name).map(plain).unwrap_or_default();
                format!("{}: {} of {} {}", part("phase"), part("done"), part("total"), part("unit"))
            }
            ("error" | "lastFailure", Value::Object(error)) => {
                let part = |name: &str| error.get(name).map(plain);
                let parts = [part("type"), part("what").or_else(|| part("message")), part("where")];
                let text: Vec<String> = parts.into_iter().flatten().collect();
                let hint = part("hint").map(|hint| format!("\n{:16}{hint}", "")).unwrap_or_default();
                format!("{}{hint}", text.join(": "))
            }
            ("timeoutsS", Value::Object(limits)) => {
                let texts: Vec<String> = limits
                    .iter()
                    .map(|(name, s)| {
                        format!(
                            "{name} {}",
                            times::span(std::time::Duration::from_secs_f64(s.as_f64().unwrap_or_default()))
                        )
                    })
                    .collect();
                texts.join(", ")
            }
            _ => plain(value),
        };
        let label = match name {
            "timeoutsS" => "timeouts",
            "durationMs" => "took",
            name => name,
        };
        format!("{label:<16}{text}")
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
