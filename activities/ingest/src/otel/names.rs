//! Which agent speaks, of which session, and which of the twelve types a record is.

use serde_json::{Map, Value};

use super::{attributes::text, message::KeyValue};
use crate::event::EventType;

/// The type of agent: by the name of the service or of its SDK, else that name itself.
pub(super) fn agent_type(resource: &[KeyValue]) -> String {
    let service = text(resource, "service.name").unwrap_or_default();
    let sdk = text(resource, "telemetry.sdk.name").unwrap_or_default();
    let both = format!("{service} {sdk}").to_lowercase();
    if both.contains("codex") {
        "codex".into()
    } else if both.contains("claude") {
        "claude_code".into()
    } else if service.trim().is_empty() {
        "unknown".into()
    } else {
        service
    }
}

/// The session: of the record, of the resource, of the body.
pub(super) fn session_id(
    record: &[KeyValue],
    resource: &[KeyValue],
    body: Option<&Map<String, Value>>,
) -> Option<String> {
    const KEYS: [&str; 3] = ["gen_ai.session.id", "conversation.id", "session.id"];
    let among = |attributes: &[KeyValue]| KEYS.iter().find_map(|key| text(attributes, key));
    let in_body = || body?.get("session_id")?.as_str().filter(|id| !id.trim().is_empty()).map(str::to_owned);
    among(record).or_else(|| among(resource)).or_else(in_body)
}

/// The type that a name's last part says, whoever speaks.
pub(super) fn by_suffix(name: &str) -> Option<EventType> {
    Some(match name.rsplit('.').next()? {
        "tool_result" | "tool_use" | "tool_decision" => EventType::ToolUse,
        "api_request" | "websocket_request" => EventType::LlmRequest,
        "api_response" => EventType::LlmResponse,
        "session_start" | "conversation_starts" => EventType::SessionStart,
        "session_end" => EventType::SessionEnd,
        "file_change" => EventType::FileChange,
        "git_commit" => EventType::GitCommit,
        "plan_step" => EventType::PlanStep,
        "error" | "api_error" => EventType::Error,
        "user_prompt" | "user_prompt_submit" | "user_message" => EventType::UserPrompt,
        "instruction_load" => EventType::InstructionLoad,
        _ => return None,
    })
}

/// Records that come by the hundred a turn and say nothing that another does not.
pub(super) fn is_noise(name: &str) -> bool {
    matches!(name, "claude_code.response" | "claude_code.hook_execution_start") || name.ends_with("_delta")
}
