//! What Codex says in records whose name alone does not tell.

use serde_json::{Map, Value};

use super::{
    attributes::{boolean, text},
    message::KeyValue,
};
use crate::event::EventType;

/// Kinds of items of a conversation that are parts of an answer.
const ITEMS: [&str; 17] = [
    "assistant_message",
    "agent_message",
    "message_from_assistant",
    "message_from_user",
    "reasoning",
    "local_shell_call",
    "function_call",
    "function_call_output",
    "tool_search_call",
    "tool_search_output",
    "custom_tool_call",
    "custom_tool_call_output",
    "web_search_call",
    "image_generation_call",
    "ghost_snapshot",
    "compaction",
    "other",
];

/// One record of Codex.
pub(super) struct CodexRecord<'a> {
    pub(super) attributes: &'a [KeyValue],
    pub(super) body: Option<&'a Map<String, Value>>,
}

impl CodexRecord<'_> {
    /// The type of a record called `name`; none when it is noise.
    pub(super) fn event_type(&self, name: Option<&str>) -> Option<EventType> {
        match name {
            Some("codex.sse_event") => return self.of_stream(),
            Some("codex.websocket_event" | "codex.websocket.event") => {
                return self.failed().then_some(EventType::Error);
            }
            _ => {}
        }
        match self.item()?.as_str() {
            "user_message" | "user_prompt" => Some(EventType::UserPrompt),
            item if ITEMS.contains(&item) => Some(EventType::Response),
            _ => None,
        }
    }

    fn of_stream(&self) -> Option<EventType> {
        let kind = self.kind();
        match kind.as_deref() {
            Some("response.completed") => Some(EventType::LlmResponse),
            _ if self.failed() => Some(EventType::Error),
            // A delta is one word of many.
            Some(kind) if kind.starts_with("response.") && !kind.contains("delta") => Some(EventType::Response),
            _ => None,
        }
    }

    /// What happened on the wire.
    pub(super) fn kind(&self) -> Option<String> {
        let attribute = text(self.attributes, "event.kind").or_else(|| text(self.attributes, "kind"));
        attribute.or_else(|| self.said("event_kind")).or_else(|| self.said("kind"))
    }

    /// What kind of item the conversation got.
    pub(super) fn item(&self) -> Option<String> {
        let attribute =
            || ["response_item.type", "item.type", "type"].iter().find_map(|key| text(self.attributes, key));
        self.payload().and_then(|payload| string(payload, "type")).or_else(|| self.said("type")).or_else(attribute)
    }

    /// What went wrong.
    pub(super) fn error(&self) -> Option<String> {
        let nested =
            |map: &Map<String, Value>| map.get("error")?.as_object().and_then(|error| string(error, "message"));
        text(self.attributes, "error.message")
            .or_else(|| self.said("error"))
            .or_else(|| self.body.and_then(nested))
            .or_else(|| self.payload().and_then(nested))
    }

    /// Whether it says that it worked.
    pub(super) fn success(&self) -> Option<bool> {
        let of = |map: &Map<String, Value>| match map.get("success")? {
            Value::Bool(value) => Some(*value),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        boolean(self.attributes, "success").or_else(|| self.body.and_then(of)).or_else(|| self.payload().and_then(of))
    }

    fn failed(&self) -> bool {
        self.kind().as_deref() == Some("response.failed") || self.success() == Some(false) || self.error().is_some()
    }

    fn payload(&self) -> Option<&Map<String, Value>> {
        self.body?.get("payload")?.as_object()
    }

    fn said(&self, key: &str) -> Option<String> {
        self.body.and_then(|body| string(body, key)).or_else(|| self.payload().and_then(|payload| string(payload, key)))
    }
}

fn string(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
