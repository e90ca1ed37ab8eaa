//! Bodies of any bytes: inflated within the cap, parsed, redacted. The first byte chooses the encoding, the second the
//! charset.
#![no_main]

use std::sync::LazyLock;

use ingest::{
    event::{Content, Limits, parse, parse_batch},
    http::{Encoding, Inflater, Redaction},
};
use libfuzzer_sys::fuzz_target;

// Compiling the rules takes longer than all else.
static REDACTION: LazyLock<Redaction> = LazyLock::new(|| Redaction::new(true, &[], &[]).expect("the rules are right"));

const CAP: u64 = 64 * 1024;
const ENCODINGS: [Encoding; 5] =
    [Encoding::Identity, Encoding::Gzip, Encoding::Deflate, Encoding::Brotli, Encoding::Zstd];
const CONTENTS: [Content; 4] = [Content::Utf8, Content::Latin1, Content::Utf16, Content::Utf16Be];

fuzz_target!(|input: &[u8]| {
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
});
