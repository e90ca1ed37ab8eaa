//! The body of `POST /api/events`: which fields, which defaults, which errors in which order.

use ingest::event::{Content, Invalid, Limits, NewEvent, Status, parse};

use crate::support::event;

fn read(json: &str) -> Result<NewEvent, Invalid> {
    parse(json.as_bytes(), Content::Utf8, &Limits::default())
}

fn errors(json: &str) -> Vec<String> {
    read(json).unwrap_err().details.iter().map(ToString::to_string).collect()
}

/// The required fields and one more.
fn with(field: &str) -> String {
    format!(r#"{{"session_id":"s","agent_type":"a","event_type":"tool_use",{field}}}"#)
}

const TYPES: &str = "event_type: must be one of: tool_use, session_start, session_end, error, llm_request, llm_response, \
    response, file_change, git_commit, plan_step, user_prompt, instruction_load";

#[test]
fn the_least_event_gets_every_default() {
    let event = event(r#"{"session_id":" s ","agent_type":"any agent","event_type":" tool_use "}"#);
    assert_eq!((event.session_id.as_str(), event.agent_type.as_str()), ("s", "any agent"));
    assert_eq!((event.status, event.source.as_str(), event.metadata.json()), (Status::Success, "api", "{}"));
    assert_eq!((event.tokens_in, event.duration_ms, event.cost_usd, event.event_id), (0, None, None, None));
}

#[test]
fn each_of_the_twelve_types_is_taken_and_error_has_its_own_status() {
    for name in TYPES.split(": ").last().unwrap().split(", ") {
        let event = event(&format!(r#"{{"session_id":"s","agent_type":"a","event_type":"{name}"}}"#));
        assert_eq!(event.event_type.as_str(), name);
        assert_eq!(event.status, if name == "error" { Status::Error } else { Status::Success });
    }
    let told = r#"{"session_id":"s","agent_type":"a","event_type":"error","status":"timeout"}"#;
    assert_eq!(event(told).status, Status::Timeout);
}

#[test]
fn all_that_is_wrong_is_listed_in_the_order_of_the_contract() {
    let body = r#"{"source":1,"client_timestamp":1,"cost_usd":-1,"cache_write_tokens":-1,"cache_read_tokens":true,
        "tokens_out":"1","tokens_in":1.5,"duration_ms":[],"model":1,"project":1,"branch":1,"tool_name":1,"event_id":1,
        "status":1,"agent_type":" ","session_id":1}"#;
    assert_eq!(
        errors(body),
        [
            "session_id: must be a string",
            "agent_type: must be a non-empty string",
            "event_type: must be a string",
            TYPES,
            "status: must be a string when provided",
            "event_id: must be a string when provided",
            "tool_name: must be a string when provided",
            "branch: must be a string when provided",
            "project: must be a string when provided",
            "model: must be a string when provided",
            "duration_ms: must be a non-negative integer when provided",
            "tokens_in: must be a non-negative integer when provided",
            "tokens_out: must be a non-negative integer when provided",
            "cache_read_tokens: must be a non-negative integer when provided",
            "cache_write_tokens: must be a non-negative integer when provided",
            "cost_usd: must be a non-negative number when provided",
            "client_timestamp: must be an ISO timestamp string when provided",
            "source: must be a string when provided",
        ]
    );
}

#[test]
fn single_errors_have_their_words() {
    assert_eq!(errors(&with(r#""status":"""#)), ["status: must be one of: success, error, timeout"]);
    assert_eq!(errors(&with(r#""status":" success""#)), ["status: must be one of: success, error, timeout"]);
    assert_eq!(errors(&with(r#""client_timestamp":"soon""#)), ["client_timestamp: must be a valid timestamp"]);
    assert_eq!(errors(&with(r#""client_timestamp":"""#)), ["client_timestamp: must be a valid timestamp"]);
    let blank_type = r#"{"session_id":"s","agent_type":"a","event_type":"  "}"#;
    assert_eq!(errors(blank_type), ["event_type: must be a non-empty string", TYPES]);
    for number in ["1e999", "-1e999"] {
        assert_eq!(
            errors(&with(&format!(r#""cost_usd":{number}"#))),
            ["cost_usd: must be a non-negative number when provided"]
        );
    }
    let too_large = "tokens_in: must be a non-negative integer when provided";
    assert_eq!(errors(&with(r#""tokens_in":9007199254740992"#)), [too_large]);
    assert_eq!(event(&with(r#""tokens_in":9007199254740991"#)).tokens_in, 9_007_199_254_740_991);
}

#[test]
fn what_is_no_object_is_one_error_of_the_body() {
    for body in ["", "  ", "[]", "1", "null", "true", "\"text\"", "{", "{\"a\":}", "{} {}", "{\"a\":1,}", "{'a':1}"] {
        assert_eq!(errors(body), ["body: must be a JSON object"], "{body}");
    }
    let json = serde_json::to_string(&read("1").unwrap_err()).unwrap();
    assert_eq!(json, r#"[{"field":"body","message":"must be a JSON object"}]"#);
}

#[test]
fn null_and_blank_are_absent_and_zero_is_a_count() {
    let all = with(
        r#""event_id":" ","tool_name":"","branch":null,"project":"","model":" ","source":"","tokens_in":null,"duration_ms":0,
        "cost_usd":0,"client_timestamp":null,"metadata":null,"status":null,"tokens_out":12.0,"cache_read_tokens":1e3"#,
    );
    let event = event(&all);
    assert_eq!(
        (event.event_id, event.tool_name, event.branch, event.project, event.model),
        (None, None, None, None, None)
    );
    assert_eq!((event.source.as_str(), event.duration_ms, event.cost_usd), ("api", None, Some(0.0)));
    assert_eq!((event.tokens_out, event.cache_read_tokens, event.metadata.json()), (12, 1000, "{}"));
}

#[test]
fn text_that_holds_json_is_unwrapped_three_times() {
    let mut body = with(r#""tool_name":"Bash""#);
    for layer in 0..5 {
        assert_eq!(read(&body).is_ok(), layer <= 3, "{layer} layers");
        body = serde_json::to_string(&body).unwrap();
    }
    let quoted = format!("\"{}\"", with(r#""tool_name":"Bash""#));
    assert_eq!(read(&quoted).unwrap().tool_name.as_deref(), Some("Bash"));
}

#[test]
fn bytes_that_are_no_text_become_the_replacement_character() {
    let body = b"\xef\xbb\xbf {\"session_id\":\"a\xffb\",\"agent_type\":\"\\ud800x\",\"event_type\":\"tool_use\",\
        \"metadata\":{\"k\":\"\\udc00\xc3\"}}";
    let event = parse(body, Content::Utf8, &Limits::default()).unwrap();
    assert_eq!((event.session_id.as_str(), event.agent_type.as_str()), ("a\u{fffd}b", "\u{fffd}x"));
    assert_eq!(event.metadata.json(), "{\"k\":\"\u{fffd}\u{fffd}\"}");
}

#[test]
fn a_pair_of_surrogates_is_one_character_and_the_last_of_a_repeated_key_wins() {
    let event = event(&with(r#""tool_name":"\ud83d\ude00","branch":"one","branch":"two","session_id":"last""#));
    assert_eq!(event.tool_name.as_deref(), Some("\u{1f600}"));
    assert_eq!((event.branch.as_deref(), event.session_id.as_str()), (Some("two"), "last"));
}

#[test]
fn content_types_and_character_sets() {
    let of = |header| Content::from_header(Some(header));
    for json in
        ["application/json", "application/vnd.x+json; charset=UTF-8", "text/plain;charset=utf8", "Application/JSON"]
    {
        assert_eq!(of(json).unwrap(), Content::Utf8, "{json}");
    }
    assert_eq!(Content::from_header(None).unwrap(), Content::Other);
    assert_eq!(of("application/x-www-form-urlencoded").unwrap(), Content::Other);
    assert!(of("application/json; charset=klingon").is_err());
    assert!(parse(b"{}", Content::Other, &Limits::default()).unwrap_err().details[0].field == "body");

    let body = with("\"tool_name\":\"caf\u{e9}\"");
    let latin1: Vec<u8> = body.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect();
    let utf16: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (content, bytes) in
        [(of("text/plain; charset=latin1"), latin1), (of("application/json; charset=utf-16"), utf16)]
    {
        let event = parse(&bytes, content.unwrap(), &Limits::default()).unwrap();
        assert_eq!(event.tool_name.as_deref(), Some("caf\u{e9}"));
    }
}

#[test]
fn what_the_store_sets_cannot_be_set() {
    assert_eq!(event(&with(r#""id":7,"created_at":"2001-01-01","schema_version":9"#)), event(&with(r#""x":1"#)));
}
