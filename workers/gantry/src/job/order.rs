//! A job to be: what is to run, and how. Checked before anything is sent.

use std::time::Duration;

use contracts::{Declared, search_attributes};
use prost::Message;
use serde_json::Value;
use temporalio_client::Client;
use temporalio_common::{
    protos::temporal::api::{
        common::v1::{ActivityType, Payload, Payloads, Priority, RetryPolicy},
        enums::v1::{ActivityIdConflictPolicy, ActivityIdReusePolicy, TaskQueueKind},
        sdk::v1::UserMetadata,
        taskqueue::v1::TaskQueue,
        workflowservice::v1::StartActivityExecutionRequest,
    },
    search_attributes::{SearchAttributeKey, SearchAttributes},
};

use super::{payload, validate::Mistake};
use crate::problem::Problem;

/// Temporal takes 2 MiB for an input (limit.blobSize.error); the rest is for its wrapping and for encryption.
const MAX_INPUT: usize = 2 * 1024 * 1024 - 16 * 1024;
/// Temporal's limits.maxIDLength.
const MAX_NAME: usize = 1000;
const MAX_FAIRNESS_KEY: usize = 64;
const PRIORITIES: std::ops::RangeInclusive<u32> = 1..=5;
const WEIGHTS: std::ops::RangeInclusive<f32> = 0.001..=1000.0;
/// Temporal's limit.userMetadataSummarySize, for the summary as it is sent.
const MAX_SUMMARY: usize = 400;
/// The longest delay and time-out that are taken for meant, ten years.
const MAX_DURATION: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// A job to be.
#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) activity: &'static Declared,
    pub(crate) input: Value,
    pub(crate) id: String,
    pub(crate) options: Options,
}

/// What can be said about a job besides its input.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Options {
    pub(crate) task_queue: Option<String>,
    pub(crate) priority: Option<u32>,
    pub(crate) fairness_key: Option<String>,
    pub(crate) fairness_weight: Option<f32>,
    pub(crate) delay: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) summary: Option<String>,
    /// How long a worker has to take it, counted from now.
    pub(crate) schedule_to_start: Option<Duration>,
}

impl Order {
    /// The queue that the job is sent to.
    pub(crate) fn queue(&self) -> &str {
        self.options.task_queue.as_deref().unwrap_or(self.activity.queue)
    }

    /// What the server would refuse, or would take for something else than what is meant. The input's own shape is
    /// checked elsewhere.
    pub(crate) fn mistakes(&self) -> Vec<Mistake> {
        let Options { priority, fairness_key, fairness_weight, delay, timeout, .. } = &self.options;
        let mut mistakes = Vec::new();
        let mut wrong = |field: &str, is_wrong: bool, what: String| {
            if is_wrong {
                mistakes.push(Mistake::new(field, what));
            }
        };
        let name_is_wrong = |name: &str| name.trim().is_empty() || name.len() > MAX_NAME;
        wrong("id", name_is_wrong(&self.id), format!("expected 1 to {MAX_NAME} bytes, found {}", self.id.len()));
        let queue = self.queue();
        wrong("taskQueue", name_is_wrong(queue), format!("expected 1 to {MAX_NAME} bytes, found {}", queue.len()));
        let number = priority.unwrap_or(*PRIORITIES.start());
        wrong("priority", !PRIORITIES.contains(&number), format!("expected 1 (first) to 5 (last), found {number}"));
        let key = fairness_key.as_deref();
        let bytes = key.map_or(0, str::len);
        let limits = format!("expected 1 to {MAX_FAIRNESS_KEY} bytes, found {bytes}");
        wrong("fairnessKey", key.is_some_and(str::is_empty) || bytes > MAX_FAIRNESS_KEY, limits);
        let weight = fairness_weight.unwrap_or(1.0);
        wrong("fairnessWeight", !WEIGHTS.contains(&weight), format!("expected 0.001 to 1000, found {weight}"));
        let alone = fairness_weight.is_some() && key.is_none();
        wrong("fairnessWeight", alone, "a weight goes with a fairness key".to_owned());
        for (field, duration) in [("delay", delay), ("timeout", timeout)] {
            wrong(field, duration.is_some_and(|d| d > MAX_DURATION), "expected at most ten years".to_owned());
        }
        wrong("timeout", *timeout == Some(Duration::ZERO), "expected more than nothing".to_owned());
        let bytes = self.input.to_string().len();
        let limit = format!(
            "it has {bytes} bytes and Temporal takes {MAX_INPUT}; put the data into the blob store and pass a reference to it"
        );
        wrong("input", bytes > MAX_INPUT, limit);
        mistakes
    }

    /// The request that starts the job. `request_id` tells the server's second sight of a request from a second one.
    pub(crate) async fn request(
        &self,
        client: &Client,
        request_id: String,
        reuse: ActivityIdReusePolicy,
    ) -> Result<StartActivityExecutionRequest, Problem> {
        let policy = self.activity.policy;
        let seconds = |n: u32| duration(Duration::from_secs(u64::from(n)));
        // The same as the workflows' own calls have, workflows-ts/src/call.ts.
        let retry_policy = RetryPolicy {
            initial_interval: duration(Duration::from_secs(1)),
            backoff_coefficient: 2.0,
            maximum_interval: duration(Duration::from_secs(30)),
            maximum_attempts: i32::try_from(policy.attempts.maximum()).unwrap_or(i32::MAX),
            ..Default::default()
        };
        let system = SearchAttributeKey::<String>::keyword(search_attributes::SYSTEM);
        let attributes = SearchAttributes::new([system.value_set(self.activity.queue.to_owned())]);
        let summary = match &self.options.summary {
            Some(text) => Some(summary(client, text).await?),
            None => None,
        };
        Ok(StartActivityExecutionRequest {
            namespace: client.options().namespace.clone(),
            identity: client.connection().identity().to_owned(),
            request_id,
            activity_id: self.id.clone(),
            activity_type: Some(ActivityType { name: self.activity.name.to_owned() }),
            task_queue: Some(TaskQueue {
                name: self.queue().to_owned(),
                kind: TaskQueueKind::Normal.into(),
                ..Default::default()
            }),
            schedule_to_close_timeout: match self.options.timeout {
                Some(timeout) => duration(timeout),
                None => policy.attempts.schedule_to_close_s().and_then(seconds),
            },
            schedule_to_start_timeout: self.options.schedule_to_start.and_then(duration),
            start_to_close_timeout: seconds(policy.start_to_close_s),
            heartbeat_timeout: seconds(policy.heartbeat_s),
            retry_policy: Some(retry_policy),
            input: Some(Payloads { payloads: vec![payload::encode(client, &self.input).await?] }),
            id_reuse_policy: reuse.into(),
            // Whether an existing job is welcome is decided here, where the answer can say that there was one.
            id_conflict_policy: ActivityIdConflictPolicy::Fail.into(),
            search_attributes: Some(attributes.into_proto()),
            user_metadata: summary.map(|summary| UserMetadata { summary: Some(summary), details: None }),
            priority: Some(Priority {
                priority_key: self.options.priority.and_then(|p| i32::try_from(p).ok()).unwrap_or(0),
                fairness_key: self.options.fairness_key.clone().unwrap_or_default(),
                fairness_weight: self.options.fairness_weight.unwrap_or(0.0),
            }),
            start_delay: self.options.delay.and_then(duration),
            ..Default::default()
        })
    }
}

fn duration<T>(duration: Duration) -> Option<T>
where
    Duration: TryInto<T>,
{
    duration.try_into().ok()
}

/// The beginning of a summary that the server takes. Encryption makes it longer, so the room for the text is tried.
async fn summary(client: &Client, text: &str) -> Result<Payload, Problem> {
    let mut room = 300;
    loop {
        let payload = payload::encode(client, &clipped(text, room)).await?;
        if payload.encoded_len() <= MAX_SUMMARY || room < 40 {
            return Ok(payload);
        }
        room -= 40;
    }
}

/// The beginning of `text` that takes at most `limit` bytes as JSON, with an ellipsis if something is missing.
fn clipped(text: &str, limit: usize) -> String {
    let mut bytes = 0;
    let mut kept = String::new();
    for character in text.chars() {
        // A payload is JSON, where quotes and control characters take more room than in the text.
        bytes += Value::from(character.to_string()).to_string().len() - 2;
        if bytes > limit {
            kept.push('…');
            break;
        }
        kept.push(character);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::catalog;

    fn order(options: Options) -> Order {
        let activity = catalog::find("prepareWorkspace").unwrap();
        Order { activity, input: serde_json::json!({ "repoId": "r" }), id: "id".to_owned(), options }
    }

    fn fields(order: &Order) -> Vec<String> {
        order.mistakes().into_iter().map(|mistake| mistake.field).collect()
    }

    #[test]
    fn what_the_server_would_refuse_is_found_here() {
        assert_eq!(fields(&order(Options::default())), [""; 0]);
        let full = Options {
            task_queue: Some("q".into()),
            priority: Some(5),
            fairness_key: Some("é".repeat(32)),
            fairness_weight: Some(0.001),
            delay: Some(Duration::ZERO),
            timeout: Some(Duration::from_secs(1)),
            summary: Some("s".repeat(1000)),
            schedule_to_start: None,
        };
        assert_eq!(fields(&order(full.clone())), [""; 0]);
        let wrong = [
            ("taskQueue", Options { task_queue: Some(" ".into()), ..full.clone() }),
            ("priority", Options { priority: Some(0), ..full.clone() }),
            ("priority", Options { priority: Some(6), ..full.clone() }),
            ("fairnessKey", Options { fairness_key: Some("é".repeat(33)), ..full.clone() }),
            ("fairnessKey", Options { fairness_key: Some(String::new()), ..full.clone() }),
            ("fairnessWeight", Options { fairness_weight: Some(f32::NAN), ..full.clone() }),
            ("fairnessWeight", Options { fairness_weight: Some(1000.1), ..full.clone() }),
            ("fairnessWeight", Options { fairness_key: None, ..full.clone() }),
            ("delay", Options { delay: Some(Duration::MAX), ..full.clone() }),
            ("timeout", Options { timeout: Some(Duration::ZERO), ..full }),
        ];
        for (field, options) in wrong {
            assert_eq!(fields(&order(options)), [field]);
        }
        let long = Order { id: "x".repeat(1001), ..order(Options::default()) };
        assert_eq!(fields(&long), ["id"]);
        let large = Order { input: Value::from("x".repeat(MAX_INPUT)), ..order(Options::default()) };
        assert_eq!(fields(&large), ["input"]);
    }

    #[test]
    fn a_summary_is_clipped_by_its_bytes_as_json() {
        assert_eq!(clipped("short", 300), "short");
        assert_eq!(clipped("abc", 2), "ab…");
        assert_eq!(clipped("\"\"\"", 4), "\"\"…");
        assert_eq!(clipped("ééé", 4), "éé…");
    }
}
