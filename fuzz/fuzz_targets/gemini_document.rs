//! Any bytes as a document of Gemini: refused, or bodies that are JSON, with the same events in whatever ranges.
#![no_main]

use std::{path::Path, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use shipping::{
    batch::{Options, Source},
    document::Document,
    provider::by_name,
    redaction::Redactor,
    session::SessionMetadata,
    timestamp::Timestamp,
};

static OPTIONS: LazyLock<Options> = LazyLock::new(|| Options {
    device_id: "fuzz".into(),
    redactor: Redactor::new(&[], &[]).expect("there is no pattern"),
    cut_media: true,
    omit_raw: false,
});

fuzz_target!(|input: &[u8]| {
    let source = Source { provider: by_name("gemini").expect("it is there"), path: Path::new("/s/session-1.json") };
    let before = SessionMetadata::starting(Timestamp(0));
    let Ok(document) = Document::open(&source, input, &before, &OPTIONS) else { return };
    let events = |limit: u64| {
        let mut events = Vec::new();
        for range in document.ranges(limit) {
            let mut payload = Vec::new();
            let built = document.build(range, &mut payload);
            assert_eq!(built.after, *document.metadata());
            if built.events > 0 {
                let body: serde_json::Value = serde_json::from_slice(&payload).expect("a body is JSON");
                events.extend(body["events"].as_array().expect("a body has events").iter().cloned());
            }
        }
        events
    };
    assert_eq!(events(u64::MAX), events(64));
});
