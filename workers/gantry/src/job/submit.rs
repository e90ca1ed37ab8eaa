//! `gantry job submit`.

use std::{
    fs::File,
    io::{self, Read},
    time::Duration,
};

use contracts::Declared;
use serde_json::{Map, Value};
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::enums::v1::ActivityIdReusePolicy;
use tokio_util::sync::CancellationToken;

use super::{
    arguments::{Conflict, Reuse, SubmitOptions},
    catalog, look,
    order::{Options, Order},
    payload, result,
    start::{self, Answer},
    validate::{Mistake, Shape},
    wait,
};
use crate::{connect, places::Places, problem::Problem, report};

/// How long to go on trying when the server does not answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// More than any input may have; what is longer is not read to its end.
const MAX_READ: u64 = 16 * 1024 * 1024;

pub(crate) async fn run(places: &Places, options: &SubmitOptions) -> Result<(), Problem> {
    let order = order(options)?;
    let client = connect::client(places).await?;
    let reuse = match options.reuse {
        Reuse::Reject => ActivityIdReusePolicy::RejectDuplicate,
        Reuse::AllowFailed => ActivityIdReusePolicy::AllowDuplicateFailedOnly,
        Reuse::Allow => ActivityIdReusePolicy::AllowDuplicate,
    };
    let request = order.request(&client, uuid::Uuid::new_v4().to_string(), reuse).await?;
    let answer = start::start(&client, &request, PATIENCE, &CancellationToken::new())
        .await
        .map_err(|failed| start::problem("submitting the job", failed.status()))?;
    let (run_id, already) = match answer {
        Answer::Started { run_id } => (run_id, false),
        Answer::Exists { run_id, .. } => (run_id, true),
    };
    if already {
        if options.conflict == Conflict::Fail {
            return Err(Problem::input(format!("there is a job {:?} already (run {run_id})", order.id))
                .hint("another --id makes another job; without --conflict fail, the one that is there counts"));
        }
        tell_differences(&client, &order, &run_id).await;
    }
    let mut object = Map::new();
    object.insert("id".to_owned(), order.id.as_str().into());
    object.insert("runId".to_owned(), run_id.as_str().into());
    object.insert("queue".to_owned(), order.queue().into());
    object.insert("activity".to_owned(), order.activity.name.into());
    object.insert("alreadySubmitted".to_owned(), already.into());
    let verb = if already { "already submitted" } else { "submitted" };
    if !options.wait {
        if options.json {
            return report::data(&Value::Object(object).to_string());
        }
        return report::data(&format!("{verb} {} (run {run_id})", order.id));
    }
    report::note(&format!("{verb} {} (run {run_id})", order.id));
    let ended = wait::one(&client, &order.id, &run_id).await?;
    result::finish(places, &order.id, &ended, object, options.json, false).await
}

/// Says when the job that is there is another one than what was asked for.
async fn tell_differences(client: &Client, order: &Order, run_id: &str) {
    let include = look::Include { input: true, ..Default::default() };
    let Ok(described) = look::describe(client, &order.id, Some(run_id), include).await else { return };
    let activity = described.info.and_then(|info| info.activity_type).map(|kind| kind.name).unwrap_or_default();
    let input = match described.input {
        Some(payloads) => payload::decode(client, &payloads).await.ok().flatten(),
        None => None,
    };
    if activity != order.activity.name {
        report::note(&format!("note: the job {:?} that is there runs {activity}", order.id));
    } else if input.is_some_and(|input| input != order.input) {
        report::note(&format!("note: the job {:?} that is there has another input", order.id));
    }
}

/// The job that was typed, checked.
fn order(options: &SubmitOptions) -> Result<Order, Problem> {
    let activity = catalog::find(&options.activity)?;
    let input = read_input(&options.input)?;
    let order = Order {
        activity,
        input,
        // A random id, since a person who types the same twice means two jobs.
        id: options.id.clone().unwrap_or_else(|| format!("{}/{}", activity.name, uuid::Uuid::new_v4())),
        options: Options {
            task_queue: options.task_queue.clone(),
            priority: options.priority,
            fairness_key: options.fairness_key.clone(),
            fairness_weight: options.fairness_weight,
            delay: options.delay,
            timeout: options.timeout,
            summary: options.summary.clone(),
            schedule_to_start: None,
        },
    };
    check_input(activity, &order.input)?;
    match order.mistakes().as_slice() {
        [] => Ok(order),
        mistakes => {
            let texts: Vec<String> = mistakes.iter().map(|m| format!("  {}: {}", flag(&m.field), m.what)).collect();
            Err(Problem::input(format!("this is not a job that Temporal takes:\n{}", texts.join("\n"))))
        }
    }
}

/// `fairnessKey` as it is typed.
fn flag(field: &str) -> String {
    let dashed = field.chars().flat_map(|c| {
        let dash = c.is_ascii_uppercase().then_some('-');
        dash.into_iter().chain([c.to_ascii_lowercase()])
    });
    format!("--{}", dashed.collect::<String>())
}

fn check_input(activity: &Declared, input: &Value) -> Result<(), Problem> {
    let shape = Shape::new((activity.input_schema)())
        .map_err(|error| Problem::wrong_result(format!("the schema of {}: {error}", activity.name)))?;
    match shape.mistakes(input).as_slice() {
        [] => Ok(()),
        mistakes => Err(refused(activity.name, mistakes)),
    }
}

/// The problem of an input that is not as the contract says.
pub(crate) fn refused(activity: &str, mistakes: &[Mistake]) -> Problem {
    let texts: Vec<String> = mistakes.iter().map(|mistake| format!("  {mistake}")).collect();
    Problem::input(format!("the input of {activity} is not what it takes:\n{}", texts.join("\n")))
        .hint(format!("gantry job schema {activity}"))
}

/// JSON, `@FILE` or `@-`.
fn read_input(text: &str) -> Result<Value, Problem> {
    let (from, bytes) = match text.strip_prefix('@') {
        None => ("--input".to_owned(), text.as_bytes().to_vec()),
        Some("-") => ("stdin".to_owned(), read(io::stdin(), "stdin")?),
        Some(path) => {
            let file = File::open(path).map_err(|e| Problem::io(&format!("opening {path}"), &e))?;
            (path.to_owned(), read(file, path)?)
        }
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        Problem::input(format!("{from} is not JSON: {error}"))
            .hint("give an object, for example --input '{\"repoId\": \"r\"}'; @FILE and @- read it from elsewhere")
    })
}

fn read(source: impl Read, name: &str) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    source.take(MAX_READ + 1).read_to_end(&mut bytes).map_err(|e| Problem::io(&format!("reading {name}"), &e))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_READ {
        return Err(Problem::input(format!("{name} has more than {MAX_READ} bytes, far more than a job takes"))
            .hint("put the data into the blob store and pass a reference to it"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_named_as_they_are_typed() {
        assert_eq!(flag("fairnessWeight"), "--fairness-weight");
        assert_eq!(flag("id"), "--id");
    }

    #[test]
    fn an_input_comes_from_the_command_line_or_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input.json");
        std::fs::write(&path, "\u{feff}{ \"a\": 1 }\r\n").unwrap();
        assert_eq!(read_input(&format!("@{}", path.display())).unwrap(), json!({ "a": 1 }));
        assert_eq!(read_input("[1]").unwrap(), json!([1]));
        assert_eq!(read_input("{").unwrap_err().code, 1);
        assert_eq!(read_input("@/no/such/file").unwrap_err().code, 4);
    }
}
