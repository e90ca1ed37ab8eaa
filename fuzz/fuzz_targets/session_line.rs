//! Any bytes as lines of Claude and of Codex, under all rules: the body is JSON, the same for the same bytes, and the same events in
//! one batch as in two.
#![no_main]

use std::{path::Path, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use shipping::{
    batch::{Built, Options, Source, build_lines},
    provider::by_name,
    redaction::Redactor,
    session::SessionMetadata,
    timestamp::Timestamp,
};

static OPTIONS: LazyLock<Options> = LazyLock::new(|| Options {
    device_id: "fuzz".into(),
    redactor: Redactor::new(&["own".into()], &["[0-9]{4}-[a-z]+".into()]).expect("the pattern can be read"),
    cut_media: true,
    omit_raw: false,
});

fn build(source: &Source<'_>, start: u64, bytes: &[u8], before: &SessionMetadata) -> (Built, Vec<serde_json::Value>) {
    let mut payload = Vec::new();
    let built = build_lines(source, start, bytes, before, &OPTIONS, &mut payload);
    if built.events == 0 {
        assert!(payload.is_empty());
        return (built, Vec::new());
    }
    let body: serde_json::Value = serde_json::from_slice(&payload).expect("a body is JSON");
    let events = body["events"].as_array().expect("a body has events").clone();
    assert_eq!(events.len() as u64, built.events);
    (built, events)
}

fuzz_target!(|input: &[u8]| {
    let Some((first, bytes)) = input.split_first() else { return };
    let name = if first % 2 == 0 { "claude" } else { "codex" };
    let source = Source { provider: by_name(name).expect("it is there"), path: Path::new("/s/1.jsonl") };
    let before = SessionMetadata::starting(Timestamp(0));
    let whole = build(&source, 0, bytes, &before);
    assert_eq!(build(&source, 0, bytes, &before), whole);

    let ends: Vec<usize> = bytes.iter().zip(1..).filter(|(byte, _)| **byte == b'\n').map(|(_, end)| end).collect();
    let Some(middle) = ends.get(ends.len() / 2) else { return };
    let (head, rest) = bytes.split_at(*middle);
    let (one, mut events) = build(&source, 0, head, &before);
    let (two, later) = build(&source, *middle as u64, rest, &one.after);
    events.extend(later);
    assert_eq!(events, whole.1);
    assert_eq!(two.after, whole.0.after);
});
