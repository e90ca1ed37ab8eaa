//! The body of `POST /api/events`, of any bytes under any cap: an event that keeps the contract, or all that is wrong with
//! it. What is stored of metadata is JSON below the cap and stays the same when it is read again.
#![no_main]

use ingest::event::{Content, Limits, Metadata, NewEvent, parse};
use libfuzzer_sys::fuzz_target;

fn check(event: &NewEvent, cap: usize) {
    for required in [&event.session_id, &event.agent_type, &event.source] {
        assert!(!required.is_empty(), "{event:?}");
    }
    assert!(event.cost_usd.is_none_or(|cost| cost.is_finite() && cost >= 0.0), "{event:?}");
    let json = event.metadata.json();
    assert!(json.len() <= cap.max(2), "above the cap: {json}");
    let again = Metadata::from_json(json, &Limits { metadata_bytes: usize::MAX }).expect("what is stored is JSON");
    assert_eq!(again.json(), json);
    if let Some(time) = &event.client_timestamp {
        assert_eq!(ingest::timestamp::parse(time).map(ingest::timestamp::to_iso).as_ref(), Some(time));
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((first, body)) = input.split_first() else { return };
    let content = [Content::Utf8, Content::Latin1, Content::Utf16, Content::Utf16Be][usize::from(first % 4)];
    let cap = [0, 2, 60, 10_240][usize::from(first / 4 % 4)];
    match parse(body, content, &Limits { metadata_bytes: cap }) {
        Ok(event) => check(&event, cap),
        Err(invalid) => assert!(!invalid.details.is_empty()),
    }
});
