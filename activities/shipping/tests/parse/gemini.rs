use std::{fs, path::Path};

use serde_json::{Value, json};
use shipping::{
    batch::Source,
    document::{Document, DocumentError},
    provider::by_name,
};

use crate::built::{GEMINI, Read, before, gemini, gemini_with, options};

const ID: &str = "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff";

fn document(messages: &Value) -> String {
    let document = json!({
        "sessionId": ID, "projectHash": "h", "startTime": "2026-02-15T10:00:00Z", "lastUpdated": "2026-02-15T12:00:00Z", "messages": messages,
    });
    serde_json::to_string_pretty(&document).unwrap()
}

#[test]
fn roles_are_told_by_type_or_role() {
    let text = document(&json!([
        { "type": "user", "content": "a" },
        { "type": "gemini", "content": "b" },
        { "role": "assistant", "content": "c" },
        { "role": "model", "content": "d" },
        { "role": "user", "content": "e" },
        { "type": "info", "content": "no" },
        { "type": "system", "content": "no" },
        { "type": "error", "role": "user", "content": "no" },
        { "content": "no" },
        { "type": "user", "content": " \n" },
        { "type": "user" },
        { "type": "user", "content": [{ "text": "f" }, { "text": "g" }] },
        { "role": "model", "parts": [{ "text": "h" }] },
    ]));
    assert_eq!(
        gemini(text).said(),
        ["user: a", "assistant: b", "assistant: c", "assistant: d", "user: e", "user: f\ng", "assistant: h"]
    );
}

#[test]
fn calls_and_their_answers_are_events() {
    let result =
        |output: Value| json!({ "functionResponse": { "id": "c1", "name": "n", "response": { "output": output } } });
    let text = document(&json!([{ "type": "gemini", "content": "", "timestamp": "2026-02-15T11:00:00Z", "toolCalls": [
        { "id": "c1", "name": "read_file", "displayName": "ReadFile", "args": { "n": 1 }, "result": [result(json!("one")), result(json!("")), result(json!({ "a": 1 }))] },
        { "id": "c2", "name": "ls", "args": {}, "result": null },
        { "id": "c3", "name": "ls", "args": "x", "result": [{ "functionResponse": { "response": { "error": "e" } } }, 7] },
    ] }]));
    // What is no text is sent as it is written.
    let compact: Value = serde_json::from_str(&text).unwrap();
    let read = gemini(compact.to_string());
    let said = ["assistant: ReadFile", "tool: one", "tool: {\"a\":1}", "assistant: ls", "assistant: ls"];
    assert_eq!(read.said(), said);
    assert_eq!(read.all("tool_call_id"), ["c1", "c1", "c1", "c2", "c3"]);
    assert_eq!(read.all("tool_input_json"), [json!({ "n": 1 }), Value::Null, Value::Null, json!({}), Value::Null]);
    assert_eq!(read.all("item_index"), [0, 1, 2, 3, 4]);
}

#[test]
fn a_list_and_a_history_are_sessions_too() {
    let messages = json!([{ "role": "user", "content": "hi" }]);
    assert_eq!(gemini(messages.to_string()).said(), ["user: hi"]);
    assert_eq!(gemini(json!({ "history": messages }).to_string()).said(), ["user: hi"]);
    assert_eq!(gemini("[]").built.events, 0);
}

#[test]
fn events_stand_at_0_and_are_told_apart_by_their_ordinal() {
    let text = document(&json!([
        { "type": "user", "content": "a", "timestamp": "2026-02-15T11:00:00Z" },
        { "type": "gemini", "content": "b", "timestamp": "2026-02-15T11:00:00.000Z" },
        { "type": "user", "content": "c", "timestamp": 1_771_153_200 },
        { "type": "user", "content": "d", "timestamp": 1_771_153_201_500_u64 },
        { "type": "user", "content": "e" },
        { "type": "user", "content": "f", "timestamp": "2026-02-15T11:00:00Z" },
    ]));
    let read = gemini(&text);
    assert_eq!(read.all("source_offset"), [0, 0, 0, 0, 0, 0]);
    assert_eq!(read.all("item_index"), [0, 1, 2, 0, 1, 3]);
    let moments = ["11:00:00", "11:00:00", "11:00:00", "11:00:01.500000", "11:00:01.500000", "11:00:00"];
    assert_eq!(read.all("timestamp"), moments.map(|clock| format!("2026-02-15T{clock}+00:00")));
    // Each message is raw on its first event.
    let raw: Value = serde_json::from_str(read.events()[3]["raw_json"].as_str().unwrap()).unwrap();
    assert_eq!(raw["content"], "d");
}

#[test]
fn a_session_is_called_by_its_file() {
    let text = document(&json!([{ "type": "user", "content": "a" }]));
    let read = gemini(&text);
    let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, GEMINI.as_bytes()).to_string();
    assert_eq!(
        (&read.body["id"], &read.body["provider_session_id"]),
        (&json!(id), &json!("session-2026-02-15T10-00-bbbbbbbb"))
    );
    assert_eq!(read.body["started_at"], "2026-02-15T10:00:00+00:00");
    assert_eq!(read.body["ended_at"], "2026-02-15T12:00:00+00:00");
    // Without a moment of its own a message has that of the session's start.
    assert_eq!(read.events()[0]["timestamp"], "2026-02-15T10:00:00+00:00");
}

#[test]
fn the_working_folder_is_the_repository_around_the_first_path() {
    let home = tempfile::tempdir().unwrap();
    let repository = home.path().join("engine");
    fs::create_dir_all(repository.join(".git")).unwrap();
    let call = |path: &Path| json!([{ "args": { "n": 1, "path": "src/lib.rs", "absolute": path.to_str().unwrap() }, "name": "read" }]);
    let text = document(
        &json!([{ "type": "gemini", "content": "x", "toolCalls": call(&repository.join("src/deep/lib.rs")) }]),
    );
    let read = gemini(text);
    assert_eq!(read.body["cwd"], repository.to_str().unwrap());
    assert_eq!(read.body["project"], "engine");
    let text =
        document(&json!([{ "type": "gemini", "content": "x", "toolCalls": call(Path::new("/nowhere/at/all")) }]));
    assert_eq!(gemini(text).body["cwd"], Value::Null);
}

#[test]
fn what_is_no_session_says_so() {
    let source = Source { provider: by_name("gemini").unwrap(), path: Path::new(GEMINI) };
    let error = |text: &str| Document::open(&source, text.as_bytes(), &before(), &options()).unwrap_err();
    assert_eq!(error("{}"), DocumentError::NotASession);
    assert_eq!(error("{\"messages\":{}}"), DocumentError::NotASession);
    assert_eq!(error("7"), DocumentError::NotASession);
    assert_eq!(error("{\"messages\":[{\"content\":\"half"), DocumentError::NotJson { offset: 29 });
    assert_eq!(error("{\"messages\":[]}x"), DocumentError::NotJson { offset: 15 });
    assert!(matches!(error(""), DocumentError::NotJson { .. }));
}

#[test]
fn elements_that_are_no_messages_are_named() {
    let read = gemini(r#"[7,{"role":"user","content":"a"},null,"x"]"#);
    assert_eq!(read.said(), ["user: a"]);
    let unusable: Vec<_> = read.built.unusable.iter().map(|line| (line.offset, line.bytes)).collect();
    assert_eq!((read.built.unusable_count, unusable), (3, vec![(1, 1), (33, 4), (38, 3)]));
}

#[test]
fn ranges_hold_every_message_once_with_the_same_events() {
    let messages: Vec<_> = (0..20)
        .map(|n| json!({ "type": "user", "content": "x".repeat(n * 10), "timestamp": format!("2026-02-15T11:00:0{}Z", n % 3) }))
        .collect();
    let text = document(&json!(messages));
    let whole = gemini(&text);
    let source = Source { provider: by_name("gemini").unwrap(), path: Path::new(GEMINI) };
    let (before, options) = (before(), options());
    let document = Document::open(&source, text.as_bytes(), &before, &options).unwrap();
    for limit in [0, 1, 300, 1_000, 1_000_000] {
        let ranges = document.ranges(limit);
        let mut events = Vec::new();
        for range in &ranges {
            let mut payload = Vec::new();
            let read = Read::new(document.build(range.clone(), &mut payload), payload);
            assert_eq!(read.built.after, whole.built.after);
            events.extend_from_slice(read.events());
        }
        assert_eq!(events, whole.events(), "{limit}");
        let ends: Vec<_> = ranges.iter().map(|range| range.end).collect();
        assert_eq!(ends.last(), Some(&20));
        assert_eq!(ranges.len(), if limit < 2 { 20 } else { ranges.len() });
    }
    assert_eq!(document.build(7..7, &mut Vec::new()).events, 0);
    assert_eq!(document.build(30..40, &mut Vec::new()).events, 0);
}

#[test]
fn marks_and_broken_characters_lose_no_message() {
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    bytes.extend_from_slice(b"[{\"role\":\"user\",\"content\":\"a\xff\"},{\"role\":\"user\",\"content\":\"b\"}]");
    assert_eq!(gemini_with(GEMINI, bytes, &options()).said(), ["user: a\u{fffd}", "user: b"]);
}
