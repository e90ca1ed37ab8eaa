use std::{collections::HashMap, convert::Infallible};

use prost::Message;
use serde_json::{Value, json};

use super::{
    message::{Any, AnyValue, KeyValue, KeyValueList, LogRecord, Resource, ResourceLogs, ScopeLogs},
    *,
};

#[derive(Default)]
struct Kept(HashMap<String, f64>);

impl Counters for Kept {
    type Error = Infallible;

    fn remembered(&mut self, key: &str) -> Result<Option<f64>, Infallible> {
        Ok(self.0.get(key).copied())
    }
}

impl Kept {
    fn take(&mut self, request: &Value) -> Vec<Value> {
        let (points, _) = metric_events(&metrics_from_json(&request.to_string()).unwrap(), self).unwrap();
        for (key, number) in points.iter().flat_map(|point| &point.counters) {
            self.0.insert(key.clone(), *number);
        }
        points.into_iter().filter_map(|point| point.event).collect()
    }
}

fn tokens(service: &str, temporality: u8, points: &[(&str, f64, u64)]) -> Value {
    let points: Vec<Value> = points
        .iter()
        .map(|(kind, value, start)| {
            json!({ "asDouble": value, "startTimeUnixNano": (start * 1_000_000_000).to_string(),
                    "attributes": [{ "key": "type", "value": { "stringValue": kind } }] })
        })
        .collect();
    let resource = json!({ "attributes": [
        { "key": "service.name", "value": { "stringValue": service } },
        { "key": "session.id", "value": { "stringValue": "s" } },
    ] });
    let name = if service == "codex" { "codex_cli_rs.token.usage" } else { "claude_code.token.usage" };
    let metric = json!({ "name": name, "sum": { "aggregationTemporality": temporality, "dataPoints": points } });
    json!({ "resourceMetrics": [{ "resource": resource, "scopeMetrics": [{ "metrics": [metric] }] }] })
}

fn counted(events: &[Value], column: &str) -> Vec<u64> {
    events.iter().filter_map(|event| event.get(column)?.as_u64()).collect()
}

#[test]
fn a_counter_is_counted_once_whatever_happens_to_its_process_or_ours() {
    let mut kept = Kept::default();
    let mut send = |value, start| counted(&kept.take(&tokens("claude", 2, &[("input", value, start)])), "tokens_in");
    assert_eq!(send(100.0, 5), [100]);
    // Our restart is none: what was counted is kept by the caller.
    assert_eq!(send(120.0, 5), [20]);
    assert_eq!(send(110.0, 5), [0; 0], "late");
    assert_eq!(send(125.0, 5), [5]);
    assert_eq!(send(30.0, 9), [30], "started anew");
    assert_eq!(send(126.0, 5), [0; 0], "of the run before");
    assert_eq!(send(31.0, 9), [1]);
    // Without a start a fall is a new run whose beginning is not known.
    assert_eq!(send(10.0, 0), [0; 0]);
    assert_eq!(send(12.0, 0), [2]);
}

#[test]
fn two_points_of_a_series_in_one_request_are_counted_after_each_other() {
    let mut kept = Kept::default();
    let events = kept.take(&tokens("claude", 2, &[("output", 10.0, 1), ("output", 15.0, 1), ("input", 7.0, 1)]));
    assert_eq!((counted(&events, "tokens_out"), counted(&events, "tokens_in")), (vec![10, 5], vec![7]));
}

#[test]
fn what_openai_read_from_its_cache_is_not_input_as_well() {
    let mut kept = Kept::default();
    let points = [("input", 100.0, 1), ("cached_input", 40.0, 1)];
    let events = kept.take(&tokens("codex", 1, &points));
    assert_eq!((counted(&events, "tokens_in"), counted(&events, "cache_read_tokens")), (vec![60], vec![40]));
    let events = kept.take(&tokens("claude", 1, &[("input", 100.0, 1), ("cacheRead", 40.0, 1)]));
    assert_eq!(counted(&events, "tokens_in"), [100]);
}

#[test]
fn json_and_protocol_buffers_say_the_same() {
    let text = |key: &str, value: &str| KeyValue {
        key: key.into(),
        value: Some(AnyValue { value: Some(Any::Text(value.into())) }),
    };
    let record = LogRecord {
        time_unix_nano: 1_771_927_200_123_456_789,
        attributes: vec![
            text("event.name", "codex.tool_result"),
            text("conversation.id", "c"),
            text("tool_name", "sh"),
        ],
        body: Some(AnyValue {
            value: Some(Any::Map(KeyValueList { values: vec![text("command", "ls"), text("success", "false")] })),
        }),
        ..LogRecord::default()
    };
    let message = LogsRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(Resource { attributes: vec![text("service.name", "codex_exec")] }),
            scope_logs: vec![ScopeLogs { log_records: vec![record] }],
        }],
    };
    let read = LogsRequest::decode(message.encode_to_vec().as_slice()).unwrap();
    assert_eq!(read, message);
    let json = r#"{"resource_logs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"codex_exec"}}]},
        "scopeLogs":[{"logRecords":[{"timeUnixNano":"1771927200123456789","attributes":[
          {"key":"event.name","value":{"stringValue":"codex.tool_result"}},{"key":"conversation.id","value":{"string_value":"c"}},
          {"key":"tool_name","value":{"stringValue":"sh"}}],
        "body":{"kvlistValue":{"values":[{"key":"command","value":{"stringValue":"ls"}},{"key":"success","value":{"stringValue":"false"}}]}}}]}]}]}"#;
    assert_eq!(logs_from_json(json).unwrap(), message);
    let events = log_events(&read).events;
    let event = events.first().unwrap();
    assert_eq!(event["event_type"], "tool_use");
    assert_eq!(
        (&event["status"], &event["tool_name"], &event["session_id"]),
        (&json!("error"), &json!("sh"), &json!("c"))
    );
    assert_eq!(event["metadata"]["command"], "ls");
}

#[test]
fn what_is_deep_or_odd_is_left_out_and_harms_nothing() {
    let mut value = AnyValue { value: Some(Any::Text("x".into())) };
    for _ in 0..2_000 {
        value = AnyValue {
            value: Some(Any::Map(KeyValueList { values: vec![KeyValue { key: "k".into(), value: Some(value) }] })),
        };
    }
    // Prost refuses it when it is read; what is made by hand must not be dropped by recursion either.
    let encoded_depth_is_refused =
        LogRecord::decode(LogRecord { body: Some(value.clone()), ..LogRecord::default() }.encode_to_vec().as_slice());
    assert!(encoded_depth_is_refused.is_err());
    assert_eq!(logs_from_json(&"[".repeat(100_000)), Err(Unreadable));
    for odd in [
        "{}",
        "[]",
        r#"{"resourceLogs":{}}"#,
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":5}]}]}]}]}"#,
    ] {
        assert_eq!(log_events(&logs_from_json(odd).unwrap()).events, Vec::<Value>::new());
    }
}
