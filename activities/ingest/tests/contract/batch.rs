//! The body of `POST /api/events/batch`.

use ingest::event::{Content, Limits, NotABatch, parse_batch};

fn read(json: &str) -> Result<Vec<Result<String, Vec<String>>>, NotABatch> {
    let items = parse_batch(json.as_bytes(), Content::Utf8, &Limits::default())?;
    Ok(items
        .into_iter()
        .map(|item| {
            item.map(|event| event.session_id)
                .map_err(|invalid| invalid.details.iter().map(ToString::to_string).collect())
        })
        .collect())
}

#[test]
fn items_stand_for_themselves_and_keep_their_order() {
    let body = r#"{"other":[1],"events":[{"session_id":"a","agent_type":"x","event_type":"error"}, 7, {"session_id":"b"},
        {"session_id":"c","agent_type":"x","event_type":"error"}]}"#;
    let items = read(body).unwrap();
    assert_eq!(items[0], Ok("a".to_owned()));
    assert_eq!(items[1], Err(vec!["body: must be a JSON object".to_owned()]));
    assert_eq!(items[2].as_ref().unwrap_err()[0], "agent_type: must be a string");
    assert_eq!(items[3], Ok("c".to_owned()));
}

#[test]
fn an_empty_batch_is_one() {
    assert_eq!(read(r#" {"events": [ ] } "#), Ok(Vec::new()));
}

#[test]
fn what_is_no_batch_says_what_is_expected() {
    for body in [
        "",
        "[]",
        "{}",
        r#"{"events":{}}"#,
        r#"{"events":[}"#,
        r#"{"events":[]"#,
        r#"{"events":[],"events":1}"#,
        "null",
    ] {
        assert_eq!(read(body), Err(NotABatch), "{body}");
    }
    assert_eq!(NotABatch.to_string(), "Expected { events: [...] }");
}
