use serde_json::{Value, json};

use crate::built::{CLAUDE, claude, lines_with, options};

fn line(kind: &str, content: &Value) -> String {
    let line = json!({
        "uuid": "u1", "type": kind, "timestamp": "2026-02-15T10:00:00.5Z", "cwd": "/home/ada/engine", "gitBranch": "main",
        "version": "2.1.9", "message": { "role": kind, "content": content }
    });
    line.to_string() + "\n"
}

#[test]
fn a_prompt_is_one_event() {
    let read = claude(line("user", &json!("fix the \"build\"\nplease")));
    assert_eq!(read.said(), ["user: fix the \"build\"\nplease"]);
    assert_eq!(read.events()[0]["timestamp"], "2026-02-15T10:00:00.500000+00:00");
    assert_eq!(read.events()[0]["source_path"], CLAUDE);
    assert_eq!(read.events()[0]["source_offset"], 0);
    assert_eq!(read.events()[0]["item_index"], 0);
    for blank in ["", "  \n\t", "\u{a0}\u{2003}"] {
        assert_eq!(claude(line("user", &json!(blank))).built.events, 0, "{blank:?}");
    }
}

#[test]
fn texts_of_a_prompt_are_joined() {
    let content = json!([{ "type": "text", "text": "one" }, "two", { "type": "image", "source": {} }, { "type": "text", "text": "three" }]);
    assert_eq!(claude(line("user", &content)).said(), ["user: one\ntwo\nthree"]);
    assert_eq!(claude(line("user", &json!([{ "type": "text", "text": " " }, "\n"]))).built.events, 0);
    assert_eq!(claude(line("user", &json!([]))).built.events, 0);
}

#[test]
fn each_answer_of_a_tool_is_an_event_and_nothing_else_of_the_line() {
    let content = json!([
        { "type": "text", "text": "left out" },
        { "type": "tool_result", "tool_use_id": "t1", "content": "plain" },
        { "type": "tool_result", "tool_use_id": "t2", "content": [{ "type": "text", "text": "a" }, { "type": "image" }, "b"] },
        { "type": "tool_result", "tool_use_id": "t3", "content": "" },
        { "type": "tool_result", "tool_use_id": "t4", "content": [{ "type": "image" }] },
        { "type": "tool_result", "tool_use_id": "t5" },
        { "type": "tool_result", "tool_use_id": "t6", "content": null },
        { "type": "tool_result", "tool_use_id": "t7", "content": " " },
        { "type": "tool_result", "content": "without an id" },
    ]);
    let read = claude(line("user", &content));
    assert_eq!(read.said(), ["tool: plain", "tool: a\nb", "tool:  ", "tool: without an id"]);
    assert_eq!(read.all("tool_call_id"), [json!("t1"), json!("t2"), json!("t7"), Value::Null]);
    assert_eq!(read.all("item_index"), [0, 1, 2, 3]);
}

#[test]
fn an_answer_of_the_agent_is_its_texts_and_calls() {
    let content = json!([
        { "type": "thinking", "thinking": "hm", "signature": "x" },
        { "type": "text", "text": "I will look." },
        { "type": "redacted_thinking", "data": "x" },
        { "type": "tool_use", "id": "t1", "name": "Bash", "input": { "command": "ls", "n": [1, 2] } },
        { "type": "text", "text": "  " },
        { "type": "tool_use", "id": "t2", "name": "Odd", "input": "no object" },
        { "type": "image", "source": {} },
        "not for the agent",
        { "type": "tool_result", "tool_use_id": "t1", "content": "not for the agent" },
    ]);
    let read = claude(line("assistant", &content));
    assert_eq!(read.said(), ["assistant: I will look.", "assistant: Bash", "assistant: Odd"]);
    assert_eq!(read.all("tool_input_json"), [Value::Null, json!({ "command": "ls", "n": [1, 2] }), Value::Null]);
    assert_eq!(read.all("tool_call_id"), [Value::Null, json!("t1"), json!("t2")]);
    // The table of the format has no row for it.
    assert_eq!(claude(line("assistant", &json!("a string"))).built.events, 0);
}

#[test]
fn only_the_first_event_of_a_line_has_the_line() {
    let content = json!([{ "type": "text", "text": "a" }, { "type": "text", "text": "b" }]);
    let line = line("assistant", &content);
    let read = claude(format!("  {}\t\r\n", line.trim()));
    assert_eq!(read.all("raw_json"), [json!(line.trim()), Value::Null]);
    let without = lines_with("claude", CLAUDE, &line, &shipping::batch::Options { omit_raw: true, ..options() });
    assert_eq!(without.all("raw_json"), [Value::Null, Value::Null]);
}

#[test]
fn other_lines_are_no_events_but_feed_what_is_known_of_the_session() {
    let mut text = String::new();
    for kind in ["summary", "file-history-snapshot", "progress", "system", "queue-operation", "new-kind"] {
        text += &line(kind, &json!("nothing to send")).replace("10:00:00.5", "09:00:00");
    }
    let read = claude(&text);
    assert_eq!((read.built.events, read.payload.as_str()), (0, ""));
    assert_eq!((read.built.lines, read.built.unusable_count), (6, 0));
    let after = &read.built.after;
    assert_eq!(after.cwd.as_deref(), Some("/home/ada/engine"));
    assert_eq!(after.git_branch.as_deref(), Some("main"));
    assert_eq!(after.version.as_deref(), Some("2.1.9"));
    let later =
        claude(text + &line("user", &json!("now")).replace("10:00:00.5", "10:00:00").replace("engine", "other"));
    assert_eq!(later.body["started_at"], "2026-02-15T09:00:00+00:00");
    assert_eq!(later.body["ended_at"], "2026-02-15T10:00:00+00:00");
    assert_eq!(later.body["cwd"], "/home/ada/engine");
    assert_eq!(later.body["project"], "engine");
}

#[test]
fn a_session_is_called_by_its_file() {
    let text = line("user", &json!("hi"));
    let named = claude(&text);
    assert_eq!(named.body["id"], "11111111-2222-4333-8444-555555555555");
    assert_eq!(named.body["provider_session_id"], "11111111-2222-4333-8444-555555555555");
    let path = "/home/ada/.claude/projects/p/11111111-2222-4333-8444-555555555555/subagents/agent-a1b2.jsonl";
    let agent = lines_with("claude", path, &text, &options());
    let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, path.as_bytes()).to_string();
    assert_eq!(agent.body["id"], id);
    assert_eq!(agent.body["provider_session_id"], "agent-a1b2");
}

#[test]
fn members_may_come_in_any_order_twice_and_escaped() {
    let text = r#"{"message":{"content":"first"},"type":"assistant","message":{"content":"no","\u0063ontent":"last"},"t\u0079pe":"\u0075ser"}"#;
    assert_eq!(claude(format!("{text}\n")).said(), ["user: last"]);
    let taken_away = r#"{"type":"user","message":{"content":"first"},"message":7}"#;
    assert_eq!(claude(format!("{taken_away}\n")).built.events, 0);
}
