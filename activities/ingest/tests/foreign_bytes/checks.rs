//! What must hold of any bytes, route by route. The fuzz targets call the same functions.
#![allow(dead_code, reason = "each fuzz target calls one of them")]
#![allow(clippy::panic, clippy::expect_used, reason = "what does not hold is a finding")]

use std::{collections::HashMap, convert::Infallible, sync::LazyLock};

use ingest::{
    event::{Content, Limits, Metadata, NewEvent, parse, parse_batch, parse_text},
    http::{Encoding, Inflater, Line, Lines, Query, Redaction},
    otel::{Counters, LogsRequest, MetricsRequest, log_events, logs_from_json, metric_events, metrics_from_json},
    transfer::{ImportOptions, import_line},
};
use prost::Message;

const CONTENTS: [Content; 4] = [Content::Utf8, Content::Latin1, Content::Utf16, Content::Utf16Be];
const ENCODINGS: [Encoding; 5] =
    [Encoding::Identity, Encoding::Gzip, Encoding::Deflate, Encoding::Brotli, Encoding::Zstd];

/// No text in UTF-8 holds it, so it parts the texts of one input.
const SEPARATOR: u8 = 0xff;

fn keeps_the_contract(event: &NewEvent, cap: usize) {
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

/// The body of `POST /api/events`, under any cap: an event that keeps the contract, or all that is wrong with it. What is
/// stored of metadata is JSON below the cap and stays the same when it is read again. The first byte chooses charset and cap.
pub(crate) fn event(input: &[u8]) {
    let Some((first, body)) = input.split_first() else { return };
    let content = CONTENTS[usize::from(first % 4)];
    let cap = [0, 2, 60, 10_240][usize::from(first / 4 % 4)];
    match parse(body, content, &Limits { metadata_bytes: cap }) {
        Ok(event) => keeps_the_contract(&event, cap),
        Err(invalid) => assert!(!invalid.details.is_empty()),
    }
}

/// The body of `POST /api/events/batch`: each item is what it would be alone.
pub(crate) fn batch(input: &[u8]) {
    let limits = Limits::default();
    if let Ok(items) = parse_batch(input, Content::Utf8, &limits) {
        assert!(items.len() <= input.len());
    }
    // Items that are put together come out as they are: an object neither begins nor ends the array.
    let texts = input.split(|byte| *byte == SEPARATOR).filter_map(|part| std::str::from_utf8(part).ok());
    let whole = |text: &&str| {
        let trimmed = text.trim_matches([' ', '\n', '\r', '\t']);
        trimmed.starts_with('{') && Metadata::from_json(trimmed, &limits).is_some()
    };
    let objects: Vec<&str> = texts.filter(whole).collect();
    let body = format!("{{\"events\":[{}]}}", objects.join(","));
    let items = parse_batch(body.as_bytes(), Content::Utf8, &limits).expect("it is a batch");
    let alone: Vec<_> = objects.iter().map(|text| parse_text(text, &limits)).collect();
    assert_eq!(items, alone);
}

/// The body of `POST /api/events/ndjson`: the lines are the same in whatever pieces they come, none is longer than the limit,
/// and each is an event or says why not. The first byte chooses the size of the pieces, the second the longest line.
pub(crate) fn lines(input: &[u8]) {
    let [size, longest, body @ ..] = input else { return };
    let longest = 16 << (longest % 8);
    let cut = |size: usize| -> Vec<Line> {
        let mut lines = Lines::new(longest);
        let mut found = Vec::new();
        for piece in body.chunks(size) {
            lines.push(piece);
            found.extend(std::iter::from_fn(|| lines.next()));
        }
        lines.finish();
        found.extend(std::iter::from_fn(|| lines.next()));
        found
    };
    let found = cut(body.len().max(1));
    assert_eq!(found, cut(usize::from(*size) % 64 + 1));
    assert_eq!(
        found.len(),
        body.split(|byte| *byte == b'\n').count() - usize::from(body.is_empty() || body.ends_with(b"\n"))
    );
    for line in found {
        let Line::Text(bytes) = line else { continue };
        assert!(bytes.len() <= longest);
        match parse_text(&String::from_utf8_lossy(&bytes), &Limits::default()) {
            Ok(event) => keeps_the_contract(&event, Limits::default().metadata_bytes),
            Err(invalid) => assert!(!invalid.details.is_empty()),
        }
    }
}

/// Lines of a file of events: an event with an id that is the same the next time, a reason, or nothing for a blank line.
pub(crate) fn import_lines(input: &[u8]) {
    let options = ImportOptions::default();
    for (line, number) in input.split(|byte| *byte == b'\n').zip(1..) {
        let read = || import_line(line, number, "0123", &options);
        match read() {
            None => assert!(String::from_utf8_lossy(line).trim_matches('\u{feff}').trim().is_empty()),
            Some(Ok(event)) => {
                assert!(event.event_id.is_some());
                assert_eq!(read(), Some(Ok(event)));
            }
            Some(Err(invalid)) => assert!(!invalid.details.is_empty()),
        }
    }
}

// Compiling the rules takes longer than all else.
static REDACTION: LazyLock<Redaction> = LazyLock::new(|| Redaction::new(true, &[], &[]).expect("the rules are right"));

/// A body in any encoding: inflated within the cap, parsed, redacted. The first byte chooses the encoding, the second the
/// charset.
pub(crate) fn encoded_body(input: &[u8]) {
    const CAP: u64 = 64 * 1024;
    let [encoding, content, body @ ..] = input else { return };
    let encoding = ENCODINGS[usize::from(*encoding) % ENCODINGS.len()];
    let content = CONTENTS[usize::from(*content) % CONTENTS.len()];
    let mut inflater = Inflater::new(encoding, CAP).expect("there is memory");
    let mut inflated = Vec::new();
    for piece in body.chunks(100) {
        if inflater.push(piece).is_err() {
            return;
        }
        inflated.append(&mut inflater.take());
    }
    let Ok(mut rest) = inflater.finish() else { return };
    inflated.append(&mut rest);
    assert!(inflated.len() as u64 <= CAP);

    let limits = Limits::default();
    let batch = parse_batch(&inflated, content, &limits).unwrap_or_default();
    for event in batch.into_iter().chain([parse(&inflated, content, &limits)]).flatten() {
        let json = event.metadata.json();
        let clean = REDACTION.json(json);
        // 128 levels are as many as this reader takes.
        if serde_json::from_str::<serde_json::Value>(json).is_ok() {
            serde_json::from_str::<serde_json::Value>(&clean)
                .unwrap_or_else(|error| panic!("{error}: {json} to {clean}"));
        }
    }
    let _ = REDACTION.json(&String::from_utf8_lossy(&inflated));
}

/// The body of `POST /api/otel/v1/logs`, as JSON and as protocol buffers: what becomes of a record is an event or nothing.
/// That of `/api/otel/v1/traces` is read as JSON by the same reader, and not at all as protocol buffers.
pub(crate) fn otlp_logs(input: &[u8]) {
    for content in CONTENTS {
        let _ = logs_from_json(&content.text(input));
    }
    let json = logs_from_json(&String::from_utf8_lossy(input)).ok();
    for request in [json, LogsRequest::decode(input).ok()].into_iter().flatten() {
        let records: usize =
            request.resource_logs.iter().flat_map(|group| &group.scope_logs).map(|s| s.log_records.len()).sum();
        let found = log_events(&request);
        assert_eq!(found.events.len() as u64 + found.skipped, records as u64);
        for event in found.events {
            if let Err(invalid) = parse_text(&event.to_string(), &Limits::default()) {
                // A session of blanks alone, or a time that no calendar has.
                assert!(invalid.details.iter().all(|detail| detail.field != "body"), "{invalid} in {event}");
            }
        }
    }
}

#[derive(Default)]
struct Kept(HashMap<String, f64>);

impl Counters for Kept {
    type Error = Infallible;

    fn remembered(&mut self, key: &str) -> Result<Option<f64>, Infallible> {
        Ok(self.0.get(key).copied())
    }
}

/// The body of `POST /api/otel/v1/metrics`, twice: nothing is counted below zero.
pub(crate) fn otlp_metrics(input: &[u8]) {
    let json = metrics_from_json(&String::from_utf8_lossy(input)).ok();
    for request in [json, MetricsRequest::decode(input).ok()].into_iter().flatten() {
        let mut kept = Kept::default();
        for _ in 0..2 {
            let Ok((points, _)) = metric_events(&request, &mut kept);
            for point in points {
                for column in ["tokens_in", "tokens_out", "cache_read_tokens", "cache_write_tokens", "cost_usd"] {
                    let number = point.event.as_ref().and_then(|event| event.get(column)?.as_f64());
                    assert!(number.is_none_or(|number| number >= 0.0), "{column} of {:?}", point.event);
                }
                kept.0.extend(point.counters);
            }
        }
    }
}

/// The query of any route: what is read of it is the same however often one asks, and no longer than what was sent.
pub(crate) fn query(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Ok(uri) = format!("/api/events?{text}").parse::<axum::http::Uri>() else { return };
    let query = Query::of(&uri);
    for key in
        ["limit", "offset", "since", "until", "agent_type", "event_type", "session_id", "last_event_id", "token", ""]
    {
        let first = query.first(key);
        // A byte that is no text becomes three.
        assert!(first.is_none_or(|value| !value.is_empty() && value.len() <= 3 * text.len()));
        assert_eq!(query.text(key).as_deref(), first);
        if let Some(number) = query.number(key) {
            let digits = number.unsigned_abs().to_string();
            assert!(first.is_some_and(|value| value.contains(&digits)), "{number} in {first:?}");
        }
        let _ = query.flag(key);
    }
}
