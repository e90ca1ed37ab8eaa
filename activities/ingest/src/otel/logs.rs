//! Log records to events, as JSON in the contract of `POST /api/events`.

use serde_json::{Map, Value, json};

use super::{
    attributes::{body_object, body_text, boolean, number, text},
    codex::CodexRecord,
    message::{KeyValue, LogRecord, LogsRequest},
    names::{agent_type, by_suffix, is_noise, session_id},
};
use crate::{event::EventType, timestamp};

/// Events of one request.
#[derive(Debug, Default, PartialEq)]
pub struct LogEvents {
    /// Each an object as `POST /api/events` takes it.
    pub events: Vec<Value>,
    /// Records that are no events: of no session, of no known type, or noise.
    pub skipped: u64,
}

/// Fields of a body that become columns, and are not repeated in the metadata.
const COLUMNS: [&str; 16] = [
    "session_id",
    "tool_name",
    "model",
    "input_tokens",
    "output_tokens",
    "input_token_count",
    "output_token_count",
    "cached_token_count",
    "cached_input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_creation_tokens",
    "cost_usd",
    "duration_ms",
    "project",
    "branch",
];

/// Attributes that say who and when, which columns hold.
const NOT_METADATA: [&str; 14] = [
    "session.id",
    "gen_ai.session.id",
    "conversation.id",
    "event.name",
    "event.timestamp",
    "event.sequence",
    "user.email",
    "user.id",
    "user.account_id",
    "user.account_uuid",
    "organization.id",
    "model",
    "gen_ai.request.model",
    "tool_name",
];

/// Characters of a long text that a preview holds.
const PREVIEW: usize = 500;

/// The events of a request's records, in their order.
pub fn log_events(request: &LogsRequest) -> LogEvents {
    let mut found = LogEvents::default();
    for group in &request.resource_logs {
        let resource = group.resource.as_ref().map_or(&[][..], |resource| &resource.attributes);
        for record in group.scope_logs.iter().flat_map(|scope| &scope.log_records) {
            match log_event(record, resource) {
                Some(event) => found.events.push(event),
                None => found.skipped += 1,
            }
        }
    }
    found
}

fn log_event(record: &LogRecord, resource: &[KeyValue]) -> Option<Value> {
    let attributes = record.attributes.as_slice();
    let body = body_object(record.body.as_ref());
    let name = record_name(record);
    if name.as_deref().is_some_and(is_noise) {
        return None;
    }
    let agent = agent_type(resource);
    let codex = (agent == "codex").then_some(CodexRecord { attributes, body: body.as_ref() });
    let session = session_id(attributes, resource, body.as_ref())?;
    let event_type = event_type(record, codex.as_ref(), name.as_deref())?;
    let facts = Facts { attributes, resource, body: body.as_ref() };

    let cache_read = facts.count(
        &["gen_ai.usage.cache_read_input_tokens", "cached_token_count", "cache_read_tokens"],
        &["cache_read_tokens", "cached_token_count", "cached_input_tokens"],
    );
    let input = facts.count(
        &["gen_ai.usage.input_tokens", "input_token_count", "input_tokens"],
        &["input_tokens", "input_token_count"],
    );
    // OpenAI counts what came from its cache as input as well; the columns are apart.
    let tokens_in = if codex.is_some() { input.saturating_sub(cache_read) } else { input };
    let success = match &codex {
        Some(codex) => codex.success(),
        None => boolean(attributes, "success").or_else(|| body.as_ref()?.get("success")?.as_bool()),
    };
    let status = if event_type == EventType::Error || success == Some(false) { "error" } else { "success" };
    let tool = facts.text(&["gen_ai.tool.name", "tool_name", "tool.name"], &["tool_name", "name"]);
    let nanos = if record.time_unix_nano > 0 { record.time_unix_nano } else { record.observed_time_unix_nano };
    let millis = i64::try_from(nanos / 1_000_000).ok().filter(|millis| *millis > 0);
    Some(json!({
        "session_id": session,
        "agent_type": agent,
        "event_type": event_type.as_str(),
        "status": status,
        "tool_name": tool,
        "model": facts.text(&["gen_ai.request.model", "model"], &["model"]),
        "tokens_in": tokens_in,
        "tokens_out": facts.count(
            &["gen_ai.usage.output_tokens", "output_token_count", "output_tokens"],
            &["output_tokens", "output_token_count"],
        ),
        "cache_read_tokens": cache_read,
        "cache_write_tokens": facts.count(
            &["gen_ai.usage.cache_creation_input_tokens", "cache_creation_tokens"],
            &["cache_write_tokens", "cache_creation_tokens"],
        ),
        "cost_usd": facts.number(&["gen_ai.usage.cost", "cost_usd"], &["cost_usd"]).filter(|cost| *cost >= 0.0),
        "duration_ms": facts.number(&["gen_ai.latency", "duration_ms"], &["duration_ms"]).and_then(whole),
        "project": facts.text(&["project"], &["project"]),
        "branch": facts.text(&["branch"], &["branch"]),
        "client_timestamp": millis.map(timestamp::to_iso),
        "metadata": metadata(record, &facts, codex.as_ref(), event_type, name.as_deref()),
        "source": "otel",
    }))
}

/// The name: an attribute, the field of newer protocols, or a body that is nothing else.
fn record_name(record: &LogRecord) -> Option<String> {
    let of_body = || {
        let text = body_text(record.body.as_ref())?;
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        (plain && (text.starts_with("claude_code.") || text.starts_with("codex."))).then(|| text.to_owned())
    };
    text(&record.attributes, "event.name")
        .or_else(|| (!record.event_name.is_empty()).then(|| record.event_name.clone()))
        .or_else(of_body)
        .or_else(|| text(&record.attributes, "name"))
}

fn event_type(record: &LogRecord, codex: Option<&CodexRecord<'_>>, name: Option<&str>) -> Option<EventType> {
    let named = name.and_then(by_suffix);
    let told = || codex.and_then(|codex| codex.event_type(name));
    // What Codex says on its wire is an answer or noise, never merely a record of an error's severity.
    let wire =
        name.is_some_and(|name| matches!(name, "codex.sse_event" | "codex.websocket_event" | "codex.websocket.event"));
    let severe = || (!wire && record.severity_text.eq_ignore_ascii_case("error")).then_some(EventType::Error);
    named.or_else(told).or_else(severe)
}

struct Facts<'a> {
    attributes: &'a [KeyValue],
    resource: &'a [KeyValue],
    body: Option<&'a Map<String, Value>>,
}

impl Facts<'_> {
    fn bodies(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.body.into_iter().chain(self.body.and_then(|body| body.get("payload")?.as_object()))
    }

    fn text(&self, attributes: &[&str], fields: &[&str]) -> Option<String> {
        let field = |name: &&str| self.bodies().find_map(|body| body.get(*name)?.as_str().map(str::to_owned));
        attributes
            .iter()
            .find_map(|key| text(self.attributes, key))
            .or_else(|| attributes.iter().find_map(|key| text(self.resource, key)))
            .or_else(|| fields.iter().find_map(field))
    }

    fn number(&self, attributes: &[&str], fields: &[&str]) -> Option<f64> {
        let of = |value: &Value| match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        };
        let field = |name: &&str| self.bodies().find_map(|body| body.get(*name).and_then(of));
        let found = attributes.iter().find_map(|key| number(self.attributes, key));
        found.or_else(|| fields.iter().find_map(field)).filter(|number: &f64| number.is_finite())
    }

    fn count(&self, attributes: &[&str], fields: &[&str]) -> u64 {
        self.number(attributes, fields).and_then(whole).unwrap_or(0)
    }
}

/// A count; none when it is negative or too large to be one.
pub(super) fn whole(number: f64) -> Option<u64> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 and 2^53")]
    (0.0..9_007_199_254_740_992.0).contains(&number).then(|| number.round() as u64)
}

fn metadata(
    record: &LogRecord,
    facts: &Facts<'_>,
    codex: Option<&CodexRecord<'_>>,
    event_type: EventType,
    name: Option<&str>,
) -> Map<String, Value> {
    let mut metadata: Map<String, Value> = Map::new();
    match facts.body {
        Some(body) => {
            let kept = body.iter().filter(|(key, _)| !COLUMNS.contains(&key.as_str()));
            metadata.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
        }
        None => {
            if let Some(text) = body_text(record.body.as_ref()).filter(|text| Some(*text) != name) {
                metadata.insert("message".into(), text.into());
            }
        }
    }
    let mut add = |key: &str, value: Value| {
        if !value.is_null() {
            metadata.entry(key).or_insert(value);
        }
    };
    add("otel_event_name", name.into());
    if let Some(codex) = codex {
        add("event_kind", codex.kind().into());
        add("error", codex.error().into());
        add("success", codex.success().into());
        if matches!(name, Some("codex.response" | "codex.event_msg")) {
            add("response_item_type", codex.item().into());
        }
    }
    if let Some(output) = text(facts.attributes, "output") {
        add("content_preview", output.chars().take(PREVIEW).collect::<String>().into());
    }
    if let Some(arguments) = text(facts.attributes, "arguments") {
        let parsed = serde_json::from_str(&arguments).unwrap_or_else(|_| arguments.clone().into());
        add("arguments", parsed);
        patch(&arguments, &mut add);
    }
    if event_type == EventType::UserPrompt {
        let prompt = ["gen_ai.prompt", "message", "prompt", "codex.prompt", "gen_ai.content.prompt"]
            .iter()
            .find_map(|key| text(facts.attributes, key));
        let inner = || facts.bodies().find_map(|body| body.get("message")?.as_str().map(str::to_owned));
        add("message", prompt.or_else(inner).into());
    }
    for pair in &record.attributes {
        let counted = COLUMNS.contains(&pair.key.as_str()) || NOT_METADATA.contains(&pair.key.as_str());
        if !counted && !pair.key.starts_with("gen_ai.usage.") {
            let truth = || boolean(facts.attributes, &pair.key).map(Value::from);
            let value = text(facts.attributes, &pair.key).map(Value::from).or_else(truth);
            add(&pair.key, value.unwrap_or_default());
        }
    }
    metadata
}

/// What an `apply_patch` changes: the file, and how many lines.
fn patch(arguments: &str, add: &mut impl FnMut(&str, Value)) {
    let input = match serde_json::from_str(arguments) {
        Ok(Value::Object(map)) => map.get("input").and_then(Value::as_str).map(str::to_owned),
        Ok(Value::String(text)) => Some(text),
        _ => Some(arguments.to_owned()),
    };
    let Some(input) = input.filter(|input| input.contains("*** ")) else { return };
    let file = input.lines().find_map(|line| {
        let change = line.strip_prefix("*** ")?;
        ["Update File:", "Add File:", "Delete File:"].iter().find_map(|start| change.strip_prefix(start))
    });
    if let Some(file) = file {
        let count = |sign: char, header: &str| {
            input.lines().filter(|line| line.starts_with(sign) && !line.starts_with(header)).count()
        };
        add("file_path", file.trim().into());
        add("lines_added", count('+', "+++").into());
        add("lines_removed", count('-', "---").into());
    }
}
