//! What no bytes may do.

use ingest::event::{Content, Limits, Metadata, parse, parse_batch};
use proptest::prelude::*;

/// JSON of any shape, with keys and numbers that JavaScript treats in its own way.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        // Whole sixty-fourths: what reads the result back in this test is not exact to the last bit.
        any::<i32>().prop_map(|number| serde_json::json!(f64::from(number) / 64.0)),
        ".{0,20}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        let key = prop_oneof!["[0-9]{1,11}", "[a-c]", "command|error|type|path", ".{0,6}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::vec((key, inner), 0..8)
                .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// Numbers as JavaScript has them: whole ones are no other than fractions.
fn as_numbers(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Number(number) => serde_json::json!(number.as_f64()),
        serde_json::Value::Array(items) => items.iter().map(as_numbers).collect(),
        serde_json::Value::Object(members) => {
            serde_json::Value::Object(members.iter().map(|(key, value)| (key.clone(), as_numbers(value))).collect())
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn any_bytes_are_an_event_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for content in [Content::Utf8, Content::Latin1, Content::Utf16, Content::Utf16Be, Content::Other] {
            let _ = parse(&bytes, content, &Limits::default());
            let _ = parse_batch(&bytes, content, &Limits::default());
        }
    }

    #[test]
    fn any_text_of_json_characters_is_an_event_or_an_error(text in r#"[{}\[\]",:\\0-9eE.+\-a-cu \n]{0,60}"#) {
        let ours = Metadata::from_json(&text, &Limits::default()).is_some();
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        prop_assert_eq!(ours, theirs);
        let body = format!(r#"{{"session_id":"s","agent_type":"a","event_type":"error","metadata":{text}}}"#);
        let _ = parse(body.as_bytes(), Content::Utf8, &Limits::default());
    }

    #[test]
    fn what_is_stored_means_what_was_sent(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let unlimited = Limits { metadata_bytes: usize::MAX };
        let stored = Metadata::from_json(&text, &unlimited).unwrap();
        let back: serde_json::Value = serde_json::from_str(stored.json()).unwrap();
        if !value.is_null() {
            prop_assert_eq!(as_numbers(&back), as_numbers(&value));
        }
        let again = Metadata::from_json(stored.json(), &unlimited).unwrap();
        prop_assert_eq!(again.json(), stored.json());
    }

    #[test]
    fn what_is_capped_is_json_below_the_cap(value in json(), cap in 0_usize..400) {
        let stored = Metadata::from_json(&value.to_string(), &Limits { metadata_bytes: cap }).unwrap();
        prop_assert!(stored.json().len() <= cap.max(2));
        prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(stored.json()).is_ok());
    }

    #[test]
    fn any_text_is_a_time_or_none(text in "[0-9a-zA-Z:+/., ()\\-TZ]{0,40}") {
        if let Some(millis) = ingest::timestamp::parse(&text) {
            prop_assert_eq!(ingest::timestamp::parse(&ingest::timestamp::to_iso(millis)), Some(millis));
        }
    }
}
