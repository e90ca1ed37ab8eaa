use std::path::Path;

use serde_json::{Value, json};
use shipping::{
    batch::{Source, build_lines},
    provider::by_name,
};

use crate::built::{CODEX, Read, before, codex, lines_with, options};

fn line(kind: &str, payload: &Value) -> String {
    json!({ "timestamp": "2026-02-15T10:00:00.123Z", "type": kind, "payload": payload }).to_string() + "\n"
}

fn item(payload: &Value) -> String {
    line("response_item", payload)
}

fn meta(id: &str, cwd: &str) -> String {
    let git = json!({ "branch": "main", "commit_hash": "c", "repository_url": "u" });
    line("session_meta", &json!({ "id": id, "cwd": cwd, "cli_version": "0.9.1", "git": git, "instructions": null }))
}

fn said(role: &str, text: &str) -> String {
    let kind = if role == "user" { "input_text" } else { "output_text" };
    item(&json!({ "type": "message", "role": role, "content": [{ "type": kind, "text": text }] }))
}

const OWN: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";
const TAIL: &str = "66666666-7777-4888-9999-aaaaaaaaaaaa";

#[test]
fn messages_of_the_person_and_the_agent_are_events() {
    let two = json!({ "type": "message", "role": "assistant", "content": [
        { "type": "output_text", "text": "one" }, { "type": "input_image", "image_url": "x" }, { "type": "output_text", "text": "two" },
    ] });
    let text = said("user", "hi")
        + &said("developer", "rules")
        + &said("system", "rules")
        + &said("assistant", " ")
        + &item(&two);
    assert_eq!(codex(text).said(), ["user: hi", "assistant: one\ntwo"]);
}

#[test]
fn other_lines_and_items_are_no_events() {
    let text = meta(OWN, "/w/engine")
        + &line("turn_context", &json!({ "cwd": "/w/other" }))
        + &line("event_msg", &json!({ "type": "user_message", "message": "hi" }))
        + &item(&json!({ "type": "reasoning", "summary": [] }))
        + &item(&json!({ "type": "web_search_call" }))
        + &line("compacted", &json!({}));
    let read = codex(text);
    assert_eq!((read.built.events, read.built.unusable_count), (0, 0));
    assert_eq!(read.built.after.cwd.as_deref(), Some("/w/engine"));
    assert_eq!(read.built.after.git_branch.as_deref(), Some("main"));
    assert_eq!(read.built.after.version.as_deref(), Some("0.9.1"));
}

#[test]
fn calls_carry_their_arguments_as_an_object() {
    let call = |arguments: Value| {
        let read =
            codex(item(&json!({ "type": "function_call", "name": "shell", "arguments": arguments, "call_id": "c1" })));
        assert_eq!(read.said(), ["assistant: shell"]);
        assert_eq!(read.all("tool_call_id"), ["c1"]);
        read.events()[0]["tool_input_json"].clone()
    };
    assert_eq!(
        call(json!(r#"{"command":["bash","-lc","echo \"hi\"\n"]}"#)),
        json!({ "command": ["bash", "-lc", "echo \"hi\"\n"] })
    );
    assert_eq!(call(json!("{ \"a\":\n 1 }")), json!({ "a": 1 }));
    // What is no object goes inside one.
    assert_eq!(call(json!("{broken")), json!({ "raw": "{broken" }));
    assert_eq!(call(json!("[1]")), json!({ "raw": "[1]" }));
    assert_eq!(call(json!("")), Value::Null);
    assert_eq!(call(json!({ "a": 1 })), json!({ "a": 1 }));
}

#[test]
fn answers_are_taken_out_of_what_is_around_them() {
    let answer = |output: Value| {
        let read = codex(item(&json!({ "type": "function_call_output", "call_id": "c1", "output": output })));
        assert!(read.all("tool_call_id").iter().all(|id| id == "c1"));
        read.said()
    };
    assert_eq!(answer(json!("plain")), ["tool: plain"]);
    assert_eq!(answer(json!(r#"{"output":"a\n\"b\"","metadata":{"exit_code":0}}"#)), ["tool: a\n\"b\""]);
    assert_eq!(answer(json!(r#"{"result":"output"}"#)), [r#"tool: {"result":"output"}"#]);
    assert_eq!(answer(json!({ "content": "c", "success": true })), ["tool: c"]);
    assert_eq!(
        answer(json!([{ "type": "input_text", "text": "a" }, { "type": "output_text", "text": "b" }])),
        ["tool: a\nb"]
    );
    assert!(answer(json!("")).is_empty());
    assert!(answer(Value::Null).is_empty());
}

#[test]
fn the_first_name_that_a_session_gives_itself_is_its_name() {
    let read =
        codex(meta(OWN, "/w/child") + &meta("0199a213-0000-7800-8aa1-000000000000", "/w/parent") + &said("user", "hi"));
    assert_eq!(read.body["id"], OWN);
    assert_eq!(read.body["provider_session_id"], OWN);
    assert_eq!(read.body["cwd"], "/w/child");
    // A name behind the first event comes too late: the event before it has gone to the other.
    let late = codex(said("user", "hi") + &meta(OWN, "/w/child"));
    assert_eq!(late.body["id"], TAIL);
    assert_eq!(late.body["cwd"], "/w/child");
    // A name that is no UUID is what the agent calls it all the same.
    let named = codex(meta("mine", "/w") + &said("user", "hi"));
    assert_eq!((&named.body["id"], &named.body["provider_session_id"]), (&json!(TAIL), &json!("mine")));
}

#[test]
fn a_session_without_a_name_is_called_by_its_file() {
    let read = codex(said("user", "hi"));
    assert_eq!((&read.body["id"], &read.body["provider_session_id"]), (&json!(TAIL), &json!(TAIL)));
    let path = "/home/ada/.codex/sessions/old.jsonl";
    let read = lines_with("codex", path, said("user", "hi"), &options());
    let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, path.as_bytes()).to_string();
    assert_eq!((&read.body["id"], &read.body["provider_session_id"]), (&json!(id), &json!("old")));
}

#[test]
fn a_later_batch_goes_to_the_same_session() {
    let source = Source { provider: by_name("codex").unwrap(), path: Path::new(CODEX) };
    let mut payload = Vec::new();
    let head = meta(OWN, "/w/engine") + &said("user", "hi");
    let first = build_lines(&source, 0, head.as_bytes(), &before(), &options(), &mut payload);
    let rest = said("assistant", "yes").replace("10:00:00.123", "11:00:00");
    let built = build_lines(&source, head.len() as u64, rest.as_bytes(), &first.after, &options(), &mut payload);
    let read = Read::new(built, payload);
    assert_eq!(read.body["id"], OWN);
    assert_eq!((&read.body["project"], &read.body["git_branch"]), (&json!("engine"), &json!("main")));
    assert_eq!(read.body["started_at"], "2026-02-15T10:00:00.123000+00:00");
    assert_eq!(read.body["ended_at"], "2026-02-15T11:00:00+00:00");
    assert_eq!(read.all("source_offset"), [head.len()]);
}
