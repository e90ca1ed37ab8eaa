//! What of metadata is stored: JSON as JavaScript prints it, below a cap, never cut.

use ingest::event::{Content, Limits, Metadata, parse};

fn stored(json: &str) -> String {
    Metadata::from_json(json, &Limits { metadata_bytes: usize::MAX }).unwrap().json().to_owned()
}

fn capped(json: &str, bytes: usize) -> (String, bool) {
    let metadata = Metadata::from_json(json, &Limits { metadata_bytes: bytes }).unwrap();
    (metadata.json().to_owned(), metadata.truncated())
}

#[test]
fn json_is_printed_as_javascript_prints_it() {
    for (given, expected) in [
        (r#"{ "a" : [ 1 , 2 ] , "b" : { } }"#, r#"{"a":[1,2],"b":{}}"#),
        (r#"{"b":1,"10":2,"a":3,"2":4,"01":5,"-1":6}"#, r#"{"2":4,"10":2,"b":1,"a":3,"01":5,"-1":6}"#),
        (r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
        (
            "[1.0,1e3,-0,1.50,1e21,1e-7,123456789012345680000,0.000001,5e-324,1E400]",
            "[1,1000,0,1.5,1e+21,1e-7,123456789012345680000,0.000001,5e-324,null]",
        ),
        ("[9007199254740993,12345678901234567890]", "[9007199254740992,12345678901234567000]"),
        (r#"["\u00e9\/\u0001\b\f\n\r\t\"\\\u2028"]"#, "[\"\u{e9}/\\u0001\\b\\f\\n\\r\\t\\\"\\\\\u{2028}\"]"),
        ("\"text\"", "\"text\""),
        ("true", "true"),
        ("1.0", "1"),
        ("null", "{}"),
        (
            r#"[{"x":{"4294967295":1,"4294967294":2}},[],{},[[]]]"#,
            r#"[{"x":{"4294967294":2,"4294967295":1}},[],{},[[]]]"#,
        ),
    ] {
        assert_eq!(stored(given), expected, "{given}");
        assert_eq!(stored(expected), expected, "printing is not stable");
    }
}

#[test]
fn the_cap_is_inclusive_and_counts_bytes_of_utf_8() {
    let json = "{\"k\":\"\u{e9}\u{e9}\"}";
    assert_eq!(capped(json, json.len()), (json.to_owned(), false));
    assert!(capped(json, json.len() - 1).1);
}

#[test]
fn an_object_gives_way_to_its_telling_keys_in_their_order() {
    let filler = "x".repeat(300);
    let json =
        format!(r#"{{"type":"t","filler":"{filler}","path":null,"command":{{"b":1.0,"a":[true]}},"error":"e"}}"#);
    let bytes = stored(&json).len();
    let (kept, truncated) = capped(&json, 200);
    assert!(truncated);
    assert_eq!(
        kept,
        format!(
            r#"{{"_truncated":true,"_original_bytes":{bytes},"command":{{"b":1,"a":[true]}},"error":"e","path":null,"type":"t"}}"#
        )
    );
}

#[test]
fn what_has_no_keys_or_too_large_ones_gives_way_to_its_size() {
    let long = "y".repeat(300);
    for json in [format!("\"{long}\""), format!("[\"{long}\"]"), format!(r#"{{"command":"{long}"}}"#)] {
        let (kept, truncated) = capped(&json, 100);
        assert_eq!((kept, truncated), (format!(r#"{{"_truncated":true,"_original_bytes":{}}}"#, json.len()), true));
        assert_eq!(capped(&json, 20), ("{}".to_owned(), true));
    }
}

#[test]
fn a_cap_of_nothing_marks_everything() {
    assert_eq!(capped("{}", 1), ("{}".to_owned(), true));
    assert_eq!(capped("{}", 2), ("{}".to_owned(), false));
}

#[test]
fn nesting_is_stored_to_a_thousand_and_refused_beyond() {
    let nested = |depth: usize| {
        let body = format!(
            r#"{{"session_id":"s","agent_type":"a","event_type":"error","metadata":{}1{}}}"#,
            "[ ".repeat(depth),
            "]".repeat(depth)
        );
        parse(body.as_bytes(), Content::Utf8, &Limits::default())
    };
    assert_eq!(nested(500).unwrap().metadata.json(), format!("{}1{}", "[".repeat(500), "]".repeat(500)));
    assert!(nested(1000).is_ok());
    assert_eq!(nested(1001).unwrap_err().details[0].field, "body");
    assert!(nested(400_000).is_err());
    let deep = format!("{}{}1{}", r#"{"1":"#.repeat(900), r#"{"a":1,"a":"#, "}".repeat(901));
    assert_eq!(stored(&deep), format!("{}{}1{}", r#"{"1":"#.repeat(900), r#"{"a":"#, "}".repeat(901)));
}
