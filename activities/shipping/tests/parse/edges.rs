//! What files hold that no agent means to write.

use serde_json::{Value, json};
use shipping::{
    batch::{UNUSABLE_NAMED, Unusable},
    timestamp::Timestamp,
};

use crate::built::{FIRST_SEEN, claude, codex, gemini};

fn prompt(text: &str) -> String {
    prompt_of(&json!(text).to_string())
}

/// A prompt whose text is a JSON literal.
fn prompt_of(literal: &str) -> String {
    format!(r#"{{"type":"user","timestamp":"2026-02-15T10:00:00Z","message":{{"content":{literal}}}}}"#) + "\n"
}

#[test]
fn a_last_line_without_its_end_waits() {
    let read = claude(prompt("a") + prompt("b").trim_end());
    assert_eq!(read.said(), ["user: a"]);
    assert_eq!(read.built.lines, 1);
}

#[test]
fn bytes_that_are_no_utf8_lose_no_line() {
    let mut text = prompt("one").into_bytes();
    let second = text.len();
    text.extend_from_slice(prompt("t?o").as_bytes());
    let bad = text.iter().rposition(|byte| *byte == b'?').unwrap();
    text[bad] = 0xff;
    let third = text.len();
    text.extend_from_slice(prompt("three").as_bytes());
    let read = claude(text);
    assert_eq!(read.said(), ["user: one", "user: t\u{fffd}o", "user: three"]);
    assert_eq!(read.all("source_offset"), [0, second, third]);
    assert_eq!(read.built.unusable_count, 0);
}

#[test]
fn numbers_out_of_range_lose_no_line() {
    let call = |number: &str| {
        let item = format!(r#"{{"type":"tool_use","id":"t","name":"n","input":{{"a":{number}}}}}"#);
        format!(r#"{{"type":"assistant","cost":{number},"message":{{"content":[{item}],"n":{number}}}}}"#) + "\n"
    };
    let digits = "123456789012345678901234567890";
    let read = claude(call("1e400") + &call(digits) + &call("-1E+999"));
    assert_eq!(read.built.events, 3);
    // As it is written, where every reader takes it; else in a string.
    assert_eq!(read.events()[0]["tool_input_json"], json!({ "a": "1e400" }));
    assert!(read.payload.contains(&format!("{{\"a\":{digits}}}")));
    assert_eq!(read.events()[2]["tool_input_json"], json!({ "a": "-1E+999" }));
    assert!(read.events()[0]["raw_json"].as_str().unwrap().contains("\"cost\":1e400"));
    let arguments = r#"{"timestamp":1,"type":"response_item","payload":{"type":"function_call","name":"n","arguments":"{\"a\":1e400,\"b\":\"\\ud800\"}"}}"#;
    assert_eq!(
        codex(format!("{arguments}\n")).events()[0]["tool_input_json"],
        json!({ "a": "1e400", "b": "\u{fffd}" })
    );
}

#[test]
fn lines_that_are_no_objects_are_named_and_passed_over() {
    let others = ["[1,2]", "7", "\"text\"", "null", "true"];
    let broken = ["{", "{\"type\":\"user\"} x", "not json", "{\"a\":1,}", "{'a':1}", "{\"a\":NaN}"];
    let mut text = prompt("a");
    let mut expected = Vec::new();
    for (lines, reason) in [(&others[..], Unusable::NotAnObject), (&broken[..], Unusable::NotJson)] {
        for line in lines {
            expected.push((text.len() as u64, line.len() as u64 + 1, reason));
            text = text + line + "\n";
        }
    }
    let read = claude(text + &prompt("b"));
    assert_eq!(read.said(), ["user: a", "user: b"]);
    let named: Vec<_> = read.built.unusable.iter().map(|line| (line.offset, line.bytes, line.reason)).collect();
    assert_eq!(named, expected);
    assert_eq!(read.built.lines, 13);
}

#[test]
fn of_many_unusable_lines_the_first_are_named_and_all_counted() {
    let read = claude("x\n".repeat(1_000));
    assert_eq!((read.built.unusable.len(), read.built.unusable_count), (UNUSABLE_NAMED, 1_000));
}

#[test]
fn a_moment_is_text_or_number_else_that_of_the_line_before() {
    let at = |moment: &str| format!(r#"{{"type":"user","timestamp":{moment},"message":{{"content":"x"}}}}"#) + "\n";
    let none = r#"{"type":"user","message":{"content":"x"}}"#.to_owned() + "\n";
    let text = none.clone()
        + &at("12345")
        + &at("1771149600.25")
        + &none
        + &at("\"yesterday\"")
        + &at("{\"a\":[]}")
        + &at("null");
    let read = claude(text);
    let first = FIRST_SEEN.to_string();
    let own = "2026-02-15T10:00:00.250000+00:00";
    assert_eq!(read.all("timestamp"), [&first, &first, own, own, own, own, own]);
    assert_eq!((&read.body["started_at"], &read.body["ended_at"]), (&json!(own), &json!(own)));
    let nothing = claude(none);
    assert_eq!((&nothing.body["started_at"], &nothing.body["ended_at"]), (&json!(first), &json!(first)));
    assert_eq!(nothing.built.after.started_at, None::<Timestamp>);
}

#[test]
fn any_depth_is_read() {
    for depth in [300, 100_000] {
        let deep = "[".repeat(depth) + &"]".repeat(depth);
        let objects = "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
        for value in [&deep, &objects] {
            let text = prompt("before").replace("}}", &format!("}},\"extra\":{value}}}"))
                + &prompt_of(value)
                + &format!("{{\"type\":\"assistant\",\"timestamp\":{value},\"message\":{value}}}\n")
                + &format!(
                    "{{\"type\":\"assistant\",\"message\":{{\"content\":[{{\"type\":\"tool_use\",\"name\":\"n\",\"input\":{{\"v\":{value}}}}},{value}]}}}}\n"
                )
                + &format!("{value}\n")
                + &deep[..depth]
                + "\n"
                + &prompt("after");
            let (source, options) = (crate::built::CLAUDE, crate::built::options());
            let source = shipping::batch::Source {
                provider: shipping::provider::by_name("claude").unwrap(),
                path: std::path::Path::new(source),
            };
            let mut payload = Vec::new();
            let built = shipping::batch::build_lines(
                &source,
                0,
                text.as_bytes(),
                &crate::built::before(),
                &options,
                &mut payload,
            );
            assert_eq!(built.events, 3);
            assert!(String::from_utf8(payload).unwrap().contains("\"content_text\":\"after\""));
        }
        let document =
            format!("[{{\"role\":\"user\",\"content\":\"a\",\"x\":{deep}}},{{\"role\":\"user\",\"content\":{deep}}}]");
        let read = crate::built::gemini_with(
            crate::built::GEMINI,
            &document,
            &shipping::batch::Options { omit_raw: true, ..crate::built::options() },
        );
        assert_eq!(read.said(), ["user: a"]);
    }
}

#[test]
fn offsets_count_every_byte_of_a_line_end() {
    let crlf = |text: &str| prompt(text).replace('\n', "\r\n");
    let read = claude(crlf("a") + &crlf("b") + " \r\n\r\n" + &crlf("c"));
    let length = crlf("a").len();
    assert_eq!(read.all("source_offset"), [0, length, 2 * length + 5]);
    assert!(read.all("raw_json").iter().all(|raw| !raw.as_str().unwrap().contains('\r')));
    assert_eq!((read.built.lines, read.built.unusable_count), (5, 0));
}

#[test]
fn a_run_of_nul_costs_its_line_only() {
    let text = prompt("a") + &"\0".repeat(4096) + "\n" + &prompt("b");
    let read = claude(text);
    assert_eq!(read.said(), ["user: a", "user: b"]);
    assert_eq!((read.built.unusable_count, read.built.unusable[0].bytes), (1, 4097));
}

#[test]
fn a_byte_order_mark_at_the_start_is_no_part_of_the_line() {
    let read = claude("\u{feff}".to_owned() + &prompt("a"));
    assert_eq!(read.said(), ["user: a"]);
    assert_eq!(read.all("source_offset"), [0]);
    assert!(read.events()[0]["raw_json"].as_str().unwrap().starts_with('{'));
    assert_eq!(claude("\u{feff}\n").built.unusable_count, 0);
}

#[test]
fn half_a_surrogate_pair_is_sent_as_a_replacement_character() {
    let read = claude(
        prompt_of(r#""a\ud83d b""#)
            + &prompt_of(r#"[{"type":"text","text":"x\udc00"},{"type":"text","text":"\ud83d\ude00"}]"#)
            + &prompt_of(r#""\\ud83d""#),
    );
    assert_eq!(read.said(), ["user: a\u{fffd} b", "user: x\u{fffd}\n😀", "user: \\ud83d"]);
    // The raw line is the line, in which the escape is six characters.
    assert!(read.events()[0]["raw_json"].as_str().unwrap().contains(r"a\ud83d b"));
    let read = gemini(r#"[{"role":"user","content":"\udfff"}]"#);
    assert_eq!(read.said(), ["user: \u{fffd}"]);
}

#[test]
fn a_long_line_is_a_line() {
    let text = "0123456789 abc\n".repeat(800_000);
    let read = claude(prompt("a") + &prompt(&text) + &prompt("b"));
    assert_eq!(read.built.events, 3);
    assert_eq!(read.events()[1]["content_text"].as_str().unwrap(), text);
}

#[test]
fn the_same_line_twice_is_two_events() {
    let read = claude(prompt("a").repeat(2));
    assert_eq!(read.all("source_offset"), [0, prompt("a").len()]);
}

#[test]
fn nothing_gives_nothing() {
    for text in ["", "\n", "\n\n \n", "{}\n", "{}"] {
        let read = claude(text);
        assert_eq!((read.built.events, &read.body, read.built.unusable_count), (0, &Value::Null, 0), "{text:?}");
    }
}
