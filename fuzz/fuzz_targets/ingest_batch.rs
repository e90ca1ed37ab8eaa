//! The body of `POST /api/events/batch`, of any bytes: each item is what it would be alone.
#![no_main]

use ingest::event::{Content, Limits, parse_batch, parse_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let limits = Limits::default();
    if let Ok(items) = parse_batch(input, Content::Utf8, &limits) {
        assert!(items.len() <= input.len());
    }
    // Items that are put together come out as they are: an object neither begins nor ends the array.
    let texts: Vec<&str> =
        input.split(|byte| *byte == 0xff).filter_map(|part| std::str::from_utf8(part).ok()).collect();
    let whole = |text: &&&str| {
        let trimmed = text.trim_matches([' ', '\n', '\r', '\t']);
        trimmed.starts_with('{') && ingest::event::Metadata::from_json(trimmed, &limits).is_some()
    };
    let objects: Vec<&str> = texts.iter().filter(whole).copied().collect();
    let body = format!("{{\"events\":[{}]}}", objects.join(","));
    let items = parse_batch(body.as_bytes(), Content::Utf8, &limits).expect("it is a batch");
    let alone: Vec<_> = objects.iter().map(|text| parse_text(text, &limits)).collect();
    assert_eq!(items, alone);
});
