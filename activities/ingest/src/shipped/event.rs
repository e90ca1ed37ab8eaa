//! One event of a shipped session as a row of `events`.

use session_receiver::{Event, Role, SessionHead};

use crate::{
    event::{EventType, Limits, Metadata, NewEvent, members},
    json::{Raw, Scanner, write_text},
    timestamp,
};

/// The source of these events.
pub const SOURCE: &str = "shipper";

/// Characters of a text that are kept; the whole of it is in the receiver's store.
const TEXT_CHARS: usize = 500;
/// Characters of a name: of a tool, a project, a branch.
const NAME_CHARS: usize = 200;

/// What is kept of a tool's input: what the hooks of the agents tell of it.
const INPUTS: [&str; 6] = ["command", "file_path", "path", "pattern", "query", "url"];

/// The type of agent of a provider: as hooks and telemetry of the same agent name it.
pub fn agent_type(provider: &str) -> String {
    match provider.trim() {
        name if name.eq_ignore_ascii_case("claude") => "claude_code".to_owned(),
        name => cut(name, NAME_CHARS),
    }
}

/// The row of an event. Its id is made of the event's key, so that an event that comes again is a duplicate.
pub fn event(session: &SessionHead, shipped: &Event, limits: &Limits) -> NewEvent {
    let tool = name(shipped.tool_name.as_deref());
    let kind = match shipped.role {
        Role::User => EventType::UserPrompt,
        Role::Assistant if tool.is_some() || shipped.tool_input_json.is_some() => EventType::ToolUse,
        Role::Assistant => EventType::LlmResponse,
        // The call was counted as the use of a tool; its answer is no second one.
        Role::Tool => EventType::Response,
        Role::System => EventType::InstructionLoad,
    };
    let key = shipped.key(&session.id);
    let folder = || session.cwd.as_deref().and_then(|cwd| cwd.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next());
    NewEvent {
        event_id: Some(format!("shipped:{}", hex::encode(key.get(..16).unwrap_or_default()))),
        tool_name: tool,
        project: name(session.project.as_deref()).or_else(|| name(folder())),
        branch: name(session.git_branch.as_deref()),
        client_timestamp: Some(timestamp::to_iso(shipped.timestamp.div_euclid(1000))),
        metadata: Metadata::from_json(&metadata(shipped), limits).unwrap_or_default(),
        source: SOURCE.to_owned(),
        ..NewEvent::new(session.id.clone(), agent_type(&session.provider), kind)
    }
}

fn metadata(shipped: &Event) -> String {
    let mut object = Object(String::from("{"));
    object.text("role", shipped.role.name());
    let said = shipped.content_text.as_deref().or(shipped.tool_output_text.as_deref());
    if let Some(said) = said.map(str::trim).filter(|said| !said.is_empty()) {
        object.text("message", &cut(said, TEXT_CHARS));
    }
    if let Some(call) = &shipped.tool_call_id {
        object.text("tool_use_id", &cut(call, NAME_CHARS));
    }
    if let Some(input) = &shipped.tool_input_json {
        object.inputs(input);
    }
    object.text("source_path", &cut(&shipped.source_path, TEXT_CHARS));
    object.0.push_str(&format!(",\"source_offset\":{}}}", shipped.source_offset));
    object.0
}

struct Object(String);

impl Object {
    fn text(&mut self, name: &str, value: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        write_text(&mut self.0, name);
        self.0.push(':');
        write_text(&mut self.0, value);
    }

    fn inputs(&mut self, input: &str) {
        let mut found = [const { None }; INPUTS.len()];
        let mut scanner = Scanner::new(input);
        scanner.blanks();
        // The receiver has read it as an object; one that is nested deeper than is read here tells nothing.
        let _ = members(&mut scanner, |name, scanner| {
            if let Raw::Text(text) = scanner.value()?
                && let Some(place) = INPUTS.iter().position(|input| *input == name)
                && let Some(slot) = found.get_mut(place)
            {
                *slot = Some(cut(&text.decode(), TEXT_CHARS));
            }
            Ok(())
        });
        for (name, value) in INPUTS.iter().zip(found) {
            if let Some(value) = value {
                self.text(name, &value);
            }
        }
    }
}

fn name(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(|text| cut(text, NAME_CHARS))
}

fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> SessionHead {
        SessionHead {
            id: "0f6b1c1e-7a1d-4c55-9d0e-5a3f7f0c2b11".into(),
            provider: "claude".into(),
            cwd: Some("/home/dev/orchard/".into()),
            git_branch: Some("main".into()),
            ..SessionHead::default()
        }
    }

    fn said(role: Role, text: &str) -> Event {
        Event {
            role,
            content_text: Some(text.into()),
            tool_name: None,
            tool_input_json: None,
            tool_output_text: None,
            timestamp: 1_772_600_767_089_999,
            source_path: "/home/dev/.claude/projects/a/b.jsonl".into(),
            source_offset: 90,
            tool_call_id: None,
            item_index: Some(0),
            raw_json: Some("{}".into()),
        }
    }

    fn row(shipped: &Event) -> NewEvent {
        event(&head(), shipped, &Limits::default())
    }

    #[test]
    fn what_is_said_becomes_a_row_that_hooks_could_have_sent() {
        let asked = row(&said(Role::User, " mend\nit "));
        assert_eq!((asked.agent_type.as_str(), asked.event_type), ("claude_code", EventType::UserPrompt));
        assert_eq!((asked.project.as_deref(), asked.branch.as_deref()), (Some("orchard"), Some("main")));
        assert_eq!(asked.client_timestamp.as_deref(), Some("2026-03-04T05:06:07.089Z"));
        assert_eq!(asked.source, "shipper");
        assert_eq!(
            asked.metadata.json(),
            r#"{"role":"user","message":"mend\nit","source_path":"/home/dev/.claude/projects/a/b.jsonl","source_offset":90}"#
        );
        assert_eq!(row(&said(Role::Assistant, "done")).event_type, EventType::LlmResponse);
        assert_eq!(row(&said(Role::System, "rules")).event_type, EventType::InstructionLoad);
    }

    #[test]
    fn a_call_is_the_use_of_a_tool_and_its_answer_is_not_another() {
        let call = Event {
            content_text: None,
            tool_name: Some("Edit".into()),
            tool_input_json: Some(
                r#" {"file_path": "/a.rs", "old_string": "x", "command": 7, "deep": [[{"path": "no"}]]}"#.into(),
            ),
            tool_call_id: Some("t1".into()),
            ..said(Role::Assistant, "")
        };
        let used = row(&call);
        assert_eq!((used.event_type, used.tool_name.as_deref()), (EventType::ToolUse, Some("Edit")));
        let kept: serde_json::Value = serde_json::from_str(used.metadata.json()).unwrap();
        assert_eq!(
            kept,
            serde_json::json!({"role": "assistant", "tool_use_id": "t1", "file_path": "/a.rs",
                "source_path": "/home/dev/.claude/projects/a/b.jsonl", "source_offset": 90})
        );
        let answer = Event { content_text: None, tool_output_text: Some("ok".into()), ..said(Role::Tool, "") };
        let answered = row(&answer);
        assert_eq!((answered.event_type, answered.tool_name), (EventType::Response, None));
        assert!(answered.metadata.json().contains(r#""message":"ok""#));
    }

    #[test]
    fn the_id_is_of_the_event_and_of_nothing_else() {
        let first = said(Role::User, "a");
        let id = |shipped: &Event| row(shipped).event_id.unwrap();
        assert_eq!(id(&first), id(&Event { raw_json: None, ..first.clone() }));
        assert_eq!(id(&first).len(), "shipped:".len() + 32);
        for other in [
            said(Role::User, "b"),
            Event { source_offset: 91, ..first.clone() },
            Event { source_path: "/other".into(), ..first.clone() },
            Event { item_index: Some(1), ..first.clone() },
        ] {
            assert_ne!(id(&first), id(&other));
        }
        let moved = SessionHead { id: "1f6b1c1e-7a1d-4c55-9d0e-5a3f7f0c2b11".into(), ..head() };
        assert_ne!(event(&moved, &first, &Limits::default()).event_id, row(&first).event_id);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = Event {
            tool_name: Some("é".repeat(1000)),
            tool_input_json: Some(format!("{{\"command\":\"{}\"}}", "\\u00e9".repeat(100_000))),
            ..said(Role::Assistant, &"é".repeat(1_000_000))
        };
        let row = row(&long);
        assert_eq!(row.tool_name.unwrap().chars().count(), NAME_CHARS);
        assert!(!row.metadata.truncated() && row.metadata.json().len() < 4096, "{}", row.metadata.json().len());
    }
}
