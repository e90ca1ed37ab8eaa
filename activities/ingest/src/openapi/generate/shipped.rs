//! The routes of shippers, as the receiver of sessions has them.

use schemars::JsonSchema;
use serde_json::{Value, json};

use super::Document;

/// A session and events of it, as a shipper sends them. Other fields are passed over.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct ShippedSession {
    /// A UUID.
    id: String,
    /// `claude`, `codex`, `gemini`, or another.
    provider: String,
    /// `production` by default.
    environment: Option<String>,
    project: Option<String>,
    device_id: Option<String>,
    cwd: Option<String>,
    git_repo: Option<String>,
    git_branch: Option<String>,
    /// RFC 3339 with `Z` or an offset.
    started_at: String,
    ended_at: Option<String>,
    provider_session_id: Option<String>,
    /// All of them are stored or none.
    events: Vec<ShippedEvent>,
}

/// An event of a session. One that is sent again, in the same place of the same file, is stored once.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct ShippedEvent {
    #[schemars(extend("enum" = ["user", "assistant", "tool", "system"]))]
    role: String,
    content_text: Option<String>,
    tool_name: Option<String>,
    /// An object.
    tool_input_json: Option<Value>,
    tool_output_text: Option<String>,
    /// RFC 3339 with `Z` or an offset.
    timestamp: String,
    source_path: Option<String>,
    /// Byte of the file at which the event's line starts.
    source_offset: Option<u64>,
    tool_call_id: Option<String>,
    /// Ordinal in its line.
    item_index: Option<u64>,
    /// The line, with its first event.
    raw_json: Option<String>,
}

/// What became of a shipped body.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct ShippedAnswer {
    session_id: String,
    /// Events that were new to the store of sessions.
    events_inserted: u64,
    /// Events that it had.
    events_skipped: u64,
    session_created: bool,
}

/// Why nothing of a shipped body was taken.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct ShippedRefusal {
    /// A word for programs.
    error: String,
    message: String,
    /// Of a body that has not the form: every failure, the first hundred.
    failures: Option<Vec<Value>>,
    failure_count: Option<u64>,
    /// Name of the limit that was passed.
    limit: Option<String>,
    /// Its value.
    most: Option<u64>,
}

pub(super) fn describe(d: &mut Document) {
    let body = d.body::<ShippedSession>();
    let mut answers = vec![("200", d.json::<ShippedAnswer>("Stored, also among the events."))];
    for (status, what) in [
        ("400", "It cannot be inflated, is cut, or is not JSON."),
        ("401", "No token, or a wrong one."),
        ("403", "A page of another site asks."),
        ("408", "It did not arrive."),
        ("413", "Over a limit, which is named."),
        ("415", "A Content-Encoding that is not known."),
        ("422", "Not the form of a session with events."),
        ("429", "Too many events of one device; Retry-After says when."),
        ("503", "No room now; Retry-After says when."),
    ] {
        answers.push((status, d.json::<ShippedRefusal>(what)));
    }
    d.operation("/api/agents/ingest", "post", "Store events of a shipped session", &[], body, answers);
    let any = |what: &str| json!({ "description": what, "content": { "application/json": { "schema": { "type": "object" } } } });
    let sessions = any("A page; `next` is the `after` of the one behind it.");
    let page = ["after", "limit"];
    d.operation("/api/agents/sessions", "get", "Shipped sessions", &page, None, vec![("200", sessions.clone())]);
    let path = "/api/agents/sessions/{id}/events";
    d.operation(path, "get", "Events of a shipped session, whole", &page, None, vec![("200", sessions)]);
    let removed = any("How many events it had. What was made of them among the events stays.");
    let path = "/api/agents/sessions/{id}";
    d.operation(path, "delete", "Remove a shipped session", &[], None, vec![("200", removed)]);
}
