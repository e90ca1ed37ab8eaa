//! Any line gets its frames: JSON, `ok` first, one that ends the answer, and a session that goes on.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

use std::io;

use proptest::{
    arbitrary::any,
    collection::vec,
    prelude::{Just, prop},
    prop_oneof, proptest,
    sample::select,
    strategy::Strategy,
};
use save_parsing::{
    Limits, Save, SaveErrorKind, Scalars, Schema,
    protocol::{self, LONGEST_REQUEST, Request, Session, Turn},
};
use serde_json::{Map, Value, json};

const TEXT: &str = "a={ 1={ x=y x=z } 2=none { 3 } \"q\\\"\"={ } }\nb=7\nlist={ 1 2 }\nopen={ 1={ x=y }\n";

fn save() -> Save {
    Save::from_bytes(TEXT.as_bytes().to_vec(), &Limits::default()).unwrap()
}

fn frames(save: &Save, line: &[u8]) -> (Turn, Vec<Value>) {
    let mut bytes = Vec::new();
    let mut send = |sent: &[u8]| {
        assert!(sent.starts_with(b"{\"ok\":") && sent.ends_with(b"\n"));
        bytes.extend_from_slice(sent);
        Ok(())
    };
    let turn = Session::new(save, Schema::V1).answer(line, &mut send).unwrap();
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    (turn, lines.map(|line| serde_json::from_slice(line).unwrap()).collect())
}

fn check(line: &[u8]) {
    let save = save();
    let (turn, frames) = frames(&save, line);
    let blank = line.trim_ascii().is_empty();
    let Some((last, before)) = frames.split_last() else {
        assert!(blank, "{}", String::from_utf8_lossy(line));
        return;
    };
    assert!(!blank);
    assert_eq!(turn == Turn::Closed, last["closed"] == true);
    if last["ok"] == false {
        assert!(last["message"].is_string() && last["error"].is_string());
        assert!(last.get("line").is_some() && last.get("col").is_some());
        assert!(matches!(last["exit_code"].as_u64(), Some(2 | 3)), "{last}");
    }
    if let Some((header, entries)) = before.split_first() {
        assert!(header["stream"] == true && (last["done"] == true || last["ok"] == false));
        assert!(entries.iter().all(|frame| frame.get("entry").is_some() || frame["entries"].is_array()));
    }
    // As one answer, it holds what the stream holds.
    if let Ok(Value::Object(op)) = serde_json::from_slice(line) {
        let inline = protocol::answer(&save, &op, Schema::V1);
        assert_eq!(inline.is_ok(), last["ok"] == true && turn == Turn::Next, "{}", String::from_utf8_lossy(line));
        let Ok(inline) = inline else { return };
        let inline: Value = serde_json::from_slice(&inline).unwrap();
        if before.is_empty() && last.get("done").is_none() {
            let mut body = last.as_object().unwrap().clone();
            body.remove("ok");
            assert_eq!(Value::Object(body), inline);
        } else {
            let all = before.iter().flat_map(|frame| match frame.get("entries") {
                Some(entries) => entries.as_array().unwrap().clone(),
                None => frame.get("entry").cloned().into_iter().collect(),
            });
            assert_eq!(Value::Array(all.collect()), inline["entries"]);
        }
    }
}

fn words() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => select(vec!["a", "b", "list", "open", "meta", "nothing", "1", "2", "x", "y", "q\"", ""]).prop_map(Value::from),
        1 => select(vec!["a.*", "a.1.x", "a[*]", "a.*[x=y].{x}", "open.*", "*", "a[", "list[1]"]).prop_map(Value::from),
        1 => (0..4u64).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<f64>().prop_map(Value::from),
    ]
}

fn requests() -> impl Strategy<Value = Value> {
    const OPS: [&str; 14] = [
        "extract_sections",
        "iter_section",
        "query",
        "get_entry",
        "get_entries",
        "count_keys",
        "contains_tokens",
        "contains_kv",
        "get_country_summaries",
        "get_duplicate_values",
        "get_entry_text",
        "multi",
        "close",
        "other",
    ];
    let one = |members: Map<String, Value>, op: &str| {
        let mut request = members;
        request.insert("op".to_owned(), op.into());
        Value::Object(request)
    };
    let lists = || vec(words(), 0..4).prop_map(Value::from);
    let member = prop_oneof![
        4 => (select(vec!["section", "key", "field", "path"]), words()).boxed(),
        4 => (select(vec!["sections", "keys", "fields", "tokens"]), lists()).boxed(),
        1 => (Just("pairs"), vec(vec(words(), 2).prop_map(Value::from), 0..3).prop_map(Value::from)).boxed(),
        1 => (select(vec!["batch_size", "limit", "schema_version"]), (0..4u64).prop_map(Value::from)).boxed(),
        1 => (select(vec!["strict", "scalars"]), select(vec![json!(true), json!("typed"), json!(null)])).boxed(),
        1 => (select(OPS.to_vec()), words()).boxed(),
    ];
    let members = vec(member, 0..9).prop_map(|members| {
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<String, Value>>()
    });
    let simple = (members, select(OPS.to_vec())).prop_map(move |(members, op)| one(members, op));
    simple.prop_recursive(3, 12, 4, |inner| vec(inner, 0..4).prop_map(|ops| json!({ "op": "multi", "ops": ops })))
}

proptest! {
    #[test]
    fn any_request_has_its_frames(request in requests()) {
        check(request.to_string().as_bytes());
    }

    #[test]
    fn any_bytes_have_their_frames(line in vec(any::<u8>().prop_filter("a line", |byte| *byte != b'\n'), 0..60)) {
        check(&line);
    }

    #[test]
    fn any_damage_to_a_request_has_its_frames(
        request in requests(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>().prop_filter("a line", |byte| *byte != b'\n'),
    ) {
        let mut line = request.to_string().into_bytes();
        let at = at.index(line.len());
        line[at] = byte;
        check(&line);
        check(&line[..at]);
    }
}

#[test]
fn a_client_that_is_gone_ends_the_answer() {
    let save = save();
    let session = Session::new(&save, Schema::V1);
    for line in [
        &br#"{"op":"iter_section","section":"a"}"#[..],
        br#"{"op":"query","path":"a.*"}"#,
        br#"{"op":"count_keys","keys":[]}"#,
        b"nonsense",
    ] {
        for good in 0..2 {
            let mut left = good;
            let mut send = |_: &[u8]| {
                left -= 1;
                if left < 0 { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
            };
            let ended = session.answer(line, &mut send);
            if good == 0 || line.starts_with(b"{\"op\":\"iter") || line.starts_with(b"{\"op\":\"query") {
                assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
            }
            assert!(left >= -1, "it is not tried again");
        }
    }
}

#[test]
fn an_answer_cannot_be_blown_up_by_the_same_key_over_and_over() {
    let ask = |times: usize| {
        let request = json!({ "op": "get_entries", "section": "a", "keys": vec!["1"; times] });
        Request::read(request.to_string().as_bytes(), Schema::V1).map(drop)
    };
    assert!(ask(16).is_ok());
    assert_eq!(ask(17).unwrap_err().kind, SaveErrorKind::InvalidInput);
    let long = vec![b' '; LONGEST_REQUEST + 1];
    assert_eq!(Request::read(&long, Schema::V1).unwrap_err().kind, SaveErrorKind::InvalidInput);
}

#[test]
fn a_batch_is_parted_when_it_is_big() {
    let text =
        format!("a={{ {} }}\n", (0..40).map(|key| format!("{key}=\"{}\"", "x".repeat(100_000))).collect::<String>());
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    let (_, frames) = frames(&save, br#"{"op":"iter_section","section":"a","batch_size":1000}"#);
    let sizes: Vec<usize> = frames.iter().filter_map(|frame| Some(frame["entries"].as_array()?.len())).collect();
    assert_eq!(sizes, [11, 11, 11, 7]);
}

#[test]
fn what_an_answer_fails_with_is_an_object_too() {
    let op = json!({ "op": "get_entry", "section": "open", "key": "1" });
    let error = protocol::answer(&save(), op.as_object().unwrap(), Schema::V2(Scalars::Typed)).unwrap_err();
    let object: Value = serde_json::from_slice(&error.object(Schema::V2(Scalars::Typed))).unwrap();
    assert_eq!(
        (&object["error"], &object["line"], &object["schema_version"]),
        (&json!("ParseError"), &json!(4), &json!(2))
    );
}
