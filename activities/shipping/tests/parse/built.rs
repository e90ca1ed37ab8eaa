//! Text of a file to what a server would read of it.

use std::path::Path;

use serde_json::Value;
use shipping::{
    batch::{Built, Options, Source, build_lines},
    document::Document,
    provider::by_name,
    redaction::Redactor,
    session::SessionMetadata,
    timestamp::Timestamp,
};

pub(crate) const CLAUDE: &str =
    "/home/ada/.claude/projects/-home-ada-engine/11111111-2222-4333-8444-555555555555.jsonl";
pub(crate) const CODEX: &str =
    "/home/ada/.codex/sessions/2026/02/15/rollout-2026-02-15T10-00-00-66666666-7777-4888-9999-aaaaaaaaaaaa.jsonl";
pub(crate) const GEMINI: &str = "/home/ada/.gemini/sessions/session-2026-02-15T10-00-bbbbbbbb.json";

/// When every file of the tests was first seen: 2026-02-01.
pub(crate) const FIRST_SEEN: Timestamp = Timestamp(1_769_904_000_000_000);

pub(crate) fn options() -> Options {
    Options { device_id: "shipper-test".into(), redactor: Redactor::off(), cut_media: false, omit_raw: false }
}

pub(crate) fn before() -> SessionMetadata {
    SessionMetadata::starting(FIRST_SEEN)
}

/// A body read back, and what else was said of the batch.
pub(crate) struct Read {
    pub(crate) built: Built,
    pub(crate) body: Value,
    pub(crate) payload: String,
}

impl Read {
    pub(crate) fn new(built: Built, payload: Vec<u8>) -> Self {
        let payload = String::from_utf8(payload).expect("a body is UTF-8");
        let body: Value = match payload.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).expect("a body is JSON"),
        };
        assert_eq!(body["events"].as_array().map_or(0, |events| events.len() as u64), built.events);
        let roles = built.by_role;
        assert_eq!(roles.user + roles.assistant + roles.tool, built.events);
        Self { built, body, payload }
    }

    pub(crate) fn events(&self) -> &[Value] {
        self.body["events"].as_array().map_or(&[], Vec::as_slice)
    }

    /// One member of each event.
    pub(crate) fn all(&self, member: &str) -> Vec<Value> {
        self.events().iter().map(|event| event[member].clone()).collect()
    }

    /// What each event says, in short: role, and text, call or answer.
    pub(crate) fn said(&self) -> Vec<String> {
        let said = |event: &Value| {
            let role = event["role"].as_str().unwrap();
            let text =
                ["content_text", "tool_output_text", "tool_name"].into_iter().find_map(|name| event[name].as_str());
            format!("{role}: {}", text.unwrap_or("-"))
        };
        self.events().iter().map(said).collect()
    }
}

pub(crate) fn lines_with(name: &str, path: &str, text: impl AsRef<[u8]>, options: &Options) -> Read {
    let source = Source { provider: by_name(name).unwrap(), path: Path::new(path) };
    let mut payload = b"from before".to_vec();
    let built = build_lines(&source, 0, text.as_ref(), &before(), options, &mut payload);
    Read::new(built, payload)
}

pub(crate) fn claude(text: impl AsRef<[u8]>) -> Read {
    lines_with("claude", CLAUDE, text, &options())
}

pub(crate) fn codex(text: impl AsRef<[u8]>) -> Read {
    lines_with("codex", CODEX, text, &options())
}

pub(crate) fn gemini_with(path: &str, text: impl AsRef<[u8]>, options: &Options) -> Read {
    let source = Source { provider: by_name("gemini").unwrap(), path: Path::new(path) };
    let before = before();
    let document = Document::open(&source, text.as_ref(), &before, options).unwrap();
    let mut payload = b"from before".to_vec();
    let built = document.build(0..document.messages(), &mut payload);
    Read::new(built, payload)
}

pub(crate) fn gemini(text: impl AsRef<[u8]>) -> Read {
    gemini_with(GEMINI, text, &options())
}
