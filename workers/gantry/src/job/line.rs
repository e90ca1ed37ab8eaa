//! A line of a file of jobs.

use std::{collections::BTreeMap, time::Duration};

use contracts::{Declared, all_activities};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    catalog,
    order::{Options, Order},
    validate::{Mistake, Shape},
};
use crate::problem::Problem;

/// Hexadecimal digits of a job's id that was made from its line: 96 bits.
const ID_DIGITS: usize = 24;

/// What a line holds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Written {
    activity: String,
    input: Value,
    id: Option<String>,
    priority: Option<u32>,
    fairness_key: Option<String>,
    fairness_weight: Option<f32>,
    delay: Option<String>,
    timeout: Option<String>,
    summary: Option<String>,
    task_queue: Option<String>,
}

/// Makes jobs of lines.
pub(crate) struct LineReader {
    line: Shape,
    inputs: BTreeMap<&'static str, Shape>,
    /// The activity whose bare inputs the lines are.
    bare: Option<&'static Declared>,
}

impl LineReader {
    pub(crate) fn new(activity: Option<&str>) -> Result<Self, Problem> {
        let bare = activity.map(catalog::find).transpose()?;
        let broken = |error: String| Problem::wrong_result(format!("a schema of ours: {error}"));
        let inputs = all_activities().map(|a| Ok((a.name, Shape::new((a.input_schema)())?)));
        Ok(Self {
            line: Shape::new(contracts::schema_of::<Written>()).map_err(broken)?,
            inputs: inputs.collect::<Result<_, String>>().map_err(broken)?,
            bare,
        })
    }

    /// The job of a line, or everything that is wrong with it.
    pub(crate) fn order(&self, text: &[u8]) -> Result<Order, Vec<Mistake>> {
        let one = |what: String| vec![Mistake::new("", what)];
        let value: Value = serde_json::from_slice(text).map_err(|error| {
            one(format!("not JSON: {}", error.to_string().replace(" at line 1 column", " at column")))
        })?;
        if let Some(activity) = self.bare {
            return self.checked(activity, value, None, Options::default(), "");
        }
        let mut mistakes = self.line.mistakes(&value);
        if !mistakes.is_empty() {
            mistakes.extend(self.mistakes_of_input(&value));
            return Err(mistakes);
        }
        let written: Written = serde_json::from_value(value).map_err(|error| one(error.to_string()))?;
        let activity = catalog::find(&written.activity).map_err(|p| vec![Mistake::new("activity", p.message)])?;
        let delay = duration("delay", written.delay.as_deref())?;
        let timeout = duration("timeout", written.timeout.as_deref())?;
        let options = Options {
            task_queue: written.task_queue,
            priority: written.priority,
            fairness_key: written.fairness_key,
            fairness_weight: written.fairness_weight,
            delay,
            timeout,
            summary: written.summary,
            schedule_to_start: None,
        };
        self.checked(activity, written.input, written.id, options, "input")
    }

    /// What is wrong with the input of a line that is wrong elsewhere too, as far as its activity is known.
    fn mistakes_of_input(&self, line: &Value) -> Vec<Mistake> {
        let shape = line.get("activity").and_then(Value::as_str).and_then(|name| self.inputs.get(name));
        let mistakes = shape.zip(line.get("input")).map(|(shape, input)| shape.mistakes(input));
        mistakes.unwrap_or_default().into_iter().map(|mistake| mistake.below("input")).collect()
    }

    fn checked(
        &self,
        activity: &'static Declared,
        input: Value,
        id: Option<String>,
        options: Options,
        at: &str,
    ) -> Result<Order, Vec<Mistake>> {
        let mistakes = self.inputs.get(activity.name).map(|shape| shape.mistakes(&input)).unwrap_or_default();
        let mut mistakes: Vec<Mistake> = mistakes.into_iter().map(|mistake| mistake.below(at)).collect();
        let id = id.unwrap_or_else(|| id_of(activity.name, &input, &options));
        let order = Order { activity, input, id, options };
        mistakes.extend(order.mistakes());
        if mistakes.is_empty() { Ok(order) } else { Err(mistakes) }
    }
}

fn duration(field: &str, text: Option<&str>) -> Result<Option<Duration>, Vec<Mistake>> {
    let read = text.map(humantime::parse_duration).transpose();
    read.map_err(|error| vec![Mistake::new(field, format!("expected a time like 90s or 1h30m: {error}"))])
}

/// The id of a job that has none: the same for the same job, wherever and however it is written.
fn id_of(activity: &str, input: &Value, options: &Options) -> String {
    let mut job = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            job.insert(name.to_owned(), value);
        }
    };
    put("activity", Some(activity.into()));
    put("input", Some(input.clone()));
    put("taskQueue", options.task_queue.clone().map(Value::from));
    put("priority", options.priority.map(Value::from));
    put("fairnessKey", options.fairness_key.clone().map(Value::from));
    put("fairnessWeight", options.fairness_weight.map(|weight| json!(weight)));
    put("delay", options.delay.map(|delay| json!(delay.as_secs_f64())));
    put("timeout", options.timeout.map(|timeout| json!(timeout.as_secs_f64())));
    put("summary", options.summary.clone().map(Value::from));
    let digest = hex::encode(Sha256::digest(canonical(&job.into())));
    format!("{activity}/{}", digest.get(..ID_DIGITS).unwrap_or(&digest))
}

/// JSON without white space, the fields of objects in the order of their names.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            let fields =
                sorted.into_iter().map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(line: &str) -> String {
        LineReader::new(None).unwrap().order(line.as_bytes()).unwrap().id
    }

    fn wrong(line: &[u8]) -> Vec<String> {
        let mistakes = LineReader::new(None).unwrap().order(line).err().unwrap();
        mistakes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_same_job_has_the_same_id_however_it_is_written() {
        let first = id(r#"{"activity":"prepareWorkspace","input":{"repoId":"r","path":"/p"}}"#);
        assert_eq!(first, "prepareWorkspace/16a141acf9f787209f51de18");
        assert_eq!(
            first,
            id(
                r#" { "input": { "path": "\u002fp", "repoId": "r" }, "priority": null, "activity": "prepareWorkspace" } "#
            )
        );
        let bare = LineReader::new(Some("prepareWorkspace")).unwrap();
        assert_eq!(first, bare.order(br#"{"path":"/p","repoId":"r"}"#).unwrap().id);
        let others = [
            r#"{"activity":"prepareWorkspace","input":{"repoId":"r","path":"/q"}}"#,
            r#"{"activity":"prepareWorkspace","input":{"repoId":"r","path":"/p"},"priority":1}"#,
            r#"{"activity":"prepareWorkspace","input":{"repoId":"r","path":"/p"},"taskQueue":"q"}"#,
        ];
        assert!(others.iter().all(|line| id(line) != first));
        let delayed = |delay: &str| {
            id(&format!(r#"{{"activity":"prepareWorkspace","input":{{"repoId":"r"}},"delay":"{delay}"}}"#))
        };
        assert_eq!(delayed("60s"), delayed("1m"));
        assert_ne!(delayed("60s"), delayed("61s"));
        assert_eq!(id(r#"{"activity":"prepareWorkspace","input":{"repoId":"r"},"id":"mine"}"#), "mine");
    }

    #[test]
    fn a_line_that_is_no_job_says_why() {
        assert_eq!(wrong(b"{"), ["not JSON: EOF while parsing an object at column 1"]);
        assert_eq!(wrong(b"\xff"), ["not JSON: expected value at column 1"]);
        assert_eq!(wrong(b"[]"), ["expected an object, found an array"]);
        assert_eq!(
            wrong(br#"{"activity":"prepareWorkspac","input":{}}"#),
            ["activity: there is no activity \"prepareWorkspac\"; did you mean prepareWorkspace?"]
        );
        assert_eq!(
            wrong(br#"{"activity":"prepareWorkspace","inptu":{},"prio":1}"#),
            [
                "inptu: there is no such field; did you mean input?",
                "input: missing, expected a value",
                "prio: there is no such field; there are activity, delay, fairnessKey, fairnessWeight, id, input, priority, summary, taskQueue, timeout",
            ]
        );
        assert_eq!(
            wrong(br#"{"activity":"prepareWorkspace","input":{"path":1},"priority":9,"fairnessWeight":2}"#),
            [
                "input.path: expected a string or null, found a number",
                "input.repoId: missing, expected a string",
                "priority: expected 1 (first) to 5 (last), found 9",
                "fairnessWeight: a weight goes with a fairness key",
            ]
        );
        assert_eq!(wrong(br#"{"activity":"prepareWorkspace","input":{"repoId":"r"},"delay":"soon"}"#).len(), 1);
        let both = wrong(br#"{"activity":"prepareWorkspace","input":{},"priority":"high"}"#);
        assert_eq!(
            both,
            ["priority: expected an integer or null, found a string", "input.repoId: missing, expected a string"]
        );
    }
}
