//! An event as it stands in the store, and its JSON.

use std::{fmt::Write as _, sync::OnceLock};

use bytes::Bytes;

use super::NewEvent;
use crate::json::{write_number, write_text};

/// The columns of the table `events`, in its order: the keys of [`CommittedEvent::json`].
pub const COLUMNS: [&str; 22] = [
    "id",
    "event_id",
    "schema_version",
    "session_id",
    "agent_type",
    "event_type",
    "tool_name",
    "status",
    "tokens_in",
    "tokens_out",
    "branch",
    "project",
    "duration_ms",
    "created_at",
    "client_timestamp",
    "metadata",
    "payload_truncated",
    "model",
    "cost_usd",
    "cache_read_tokens",
    "cache_write_tokens",
    "source",
];

/// An event that is stored: it is made after COMMIT, and what it says stays true.
#[derive(Debug)]
pub struct CommittedEvent {
    /// Key of the row; ascending in the order of storing.
    pub id: i64,
    /// UTC, `YYYY-MM-DD HH:MM:SS`.
    pub created_at: String,
    /// What was stored, with project, branch and cost filled in.
    pub event: NewEvent,
    /// The type of a row that another program wrote and the contract does not know.
    foreign_type: Option<Box<str>>,
    json: OnceLock<Bytes>,
}

impl CommittedEvent {
    pub(crate) fn new(id: i64, created_at: String, event: NewEvent) -> Self {
        Self { id, created_at, event, foreign_type: None, json: OnceLock::new() }
    }

    /// A row as it was read, whatever its type is.
    pub(crate) fn read(id: i64, created_at: String, event: NewEvent, event_type: &str) -> Self {
        let foreign_type = (event.event_type.as_str() != event_type).then(|| event_type.into());
        Self { id, created_at, event, foreign_type, json: OnceLock::new() }
    }

    /// The type as it stands in the store. That of [`CommittedEvent::event`], but for a row that another program wrote.
    pub fn event_type(&self) -> &str {
        self.foreign_type.as_deref().unwrap_or(self.event.event_type.as_str())
    }

    /// The row as one JSON object with the 22 keys of [`COLUMNS`]: metadata as a text, `payload_truncated` 0 or 1. Made at
    /// the first call, shared by all.
    pub fn json(&self) -> Bytes {
        self.json.get_or_init(|| Bytes::from(self.to_json(false))).clone()
    }

    /// As [`CommittedEvent::json`], or with metadata as the JSON that it is.
    pub(crate) fn to_json(&self, nested: bool) -> String {
        let mut out = String::with_capacity(420 + self.event.metadata.json().len());
        self.write(&mut out, nested);
        out
    }

    /// Appends what [`CommittedEvent::json`] gives.
    pub fn write_json(&self, out: &mut String) {
        self.write(out, false);
    }

    fn write(&self, out: &mut String, nested: bool) {
        let event = &self.event;
        let mut row = Row { out, begun: false };
        row.number("id", Some(self.id));
        row.text("event_id", event.event_id.as_deref());
        row.number("schema_version", Some(1));
        row.text("session_id", Some(&event.session_id));
        row.text("agent_type", Some(&event.agent_type));
        row.text("event_type", Some(self.event_type()));
        row.text("tool_name", event.tool_name.as_deref());
        row.text("status", Some(event.status.as_str()));
        row.number("tokens_in", Some(event.tokens_in));
        row.number("tokens_out", Some(event.tokens_out));
        row.text("branch", event.branch.as_deref());
        row.text("project", event.project.as_deref());
        row.number("duration_ms", event.duration_ms);
        row.text("created_at", Some(&self.created_at));
        row.text("client_timestamp", event.client_timestamp.as_deref());
        if nested {
            row.key("metadata");
            row.out.push_str(&event.metadata.on_one_line());
        } else {
            row.text("metadata", Some(event.metadata.json()));
        }
        row.number("payload_truncated", Some(u8::from(event.metadata.truncated())));
        row.text("model", event.model.as_deref());
        row.key("cost_usd");
        write_number(row.out, event.cost_usd.unwrap_or(f64::NAN));
        row.number("cache_read_tokens", Some(event.cache_read_tokens));
        row.number("cache_write_tokens", Some(event.cache_write_tokens));
        row.text("source", Some(event.source.as_str()).filter(|source| !source.is_empty()));
        row.out.push('}');
    }
}

struct Row<'a> {
    out: &'a mut String,
    begun: bool,
}

impl Row<'_> {
    fn key(&mut self, name: &str) {
        self.out.push_str(if std::mem::replace(&mut self.begun, true) { ",\"" } else { "{\"" });
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        self.key(name);
        match value {
            Some(text) => write_text(self.out, text),
            None => self.out.push_str("null"),
        }
    }

    fn number(&mut self, name: &str, value: Option<impl std::fmt::Display>) {
        self.key(name);
        let _ = match value {
            Some(number) => write!(self.out, "{number}"),
            None => write!(self.out, "null"),
        };
    }
}
