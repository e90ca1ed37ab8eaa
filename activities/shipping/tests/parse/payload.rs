//! Whole bodies, one per agent.

use serde_json::json;

use crate::built::{claude, codex, gemini};

#[test]
fn of_claude() {
    let lines = [
        json!({ "type": "summary", "summary": "Build", "leafUuid": "u9" }),
        json!({ "type": "user", "uuid": "u1", "timestamp": "2026-02-15T10:00:00.000Z", "cwd": "/home/ada/engine", "gitBranch": "main", "version": "2.1.9", "message": { "role": "user", "content": "Fix the \"build\"\tplease" } }),
        json!({ "type": "assistant", "uuid": "u2", "timestamp": "2026-02-15T10:00:01.250Z", "message": { "content": [
            { "type": "text", "text": "Grüße" }, { "type": "tool_use", "id": "t1", "name": "Bash", "input": { "command": "make" } },
        ] } }),
        json!({ "type": "user", "uuid": "u3", "timestamp": "2026-02-15T12:00:02+02:00", "message": { "content": [
            { "type": "tool_result", "tool_use_id": "t1", "content": [{ "type": "text", "text": "ok" }] },
        ] } }),
    ];
    insta::assert_snapshot!(claude(lines.map(|line| line.to_string() + "\n").concat()).payload);
}

#[test]
fn of_codex() {
    let line = |kind: &str, payload| {
        json!({ "timestamp": "2026-02-15T10:00:00.123Z", "type": kind, "payload": payload }).to_string() + "\n"
    };
    let text = line(
        "session_meta",
        json!({ "id": "0199a213-81c0-7800-8aa1-bbab2a035a53", "cwd": "/w/engine", "git": { "branch": "dev" } }),
    ) + &line(
        "response_item",
        json!({ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "hi" }] }),
    ) + &line(
        "response_item",
        json!({ "type": "function_call", "name": "shell", "arguments": "{\"command\":[\"ls\"]}", "call_id": "c1" }),
    ) + &line(
        "response_item",
        json!({ "type": "function_call_output", "call_id": "c1", "output": "{\"output\":\"a\\nb\"}" }),
    );
    insta::assert_snapshot!(codex(text).payload);
}

#[test]
fn of_gemini() {
    let text = json!({
        "sessionId": "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff", "projectHash": "h", "startTime": "2026-02-15T10:00:00Z", "messages": [
            { "id": "m1", "type": "user", "timestamp": "2026-02-15T10:00:00Z", "content": "hi" },
            { "id": "m2", "type": "gemini", "timestamp": 1_771_149_601_000_u64, "content": "", "toolCalls": [{
                "id": "c1", "name": "ls", "args": { "path": "." }, "result": [{ "functionResponse": { "response": { "output": "a" } } }],
            }] },
        ],
    });
    insta::assert_snapshot!(gemini(text.to_string()).payload);
}
