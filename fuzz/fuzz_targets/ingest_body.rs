//! Any bytes as the body of `POST /api/agents/ingest`, in each encoding: read or refused, never larger than allowed; and what is read
//! has an identity that depends on nothing but itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use session_receiver::{Batch, BodyEncoding, Limits, Refusal, inflate};

const LIMITS: Limits = Limits { body_bytes: 1 << 20, inflated_bytes: 4 << 20, inflate_ratio: 200, events: 1000 };

fuzz_target!(|input: &[u8]| {
    let Some((first, body)) = input.split_first() else { return };
    let encoding = match first % 4 {
        0 => BodyEncoding::Gzip,
        1 => BodyEncoding::Zstd,
        _ => BodyEncoding::Identity,
    };
    let Ok(inflated) = inflate(encoding, body, &LIMITS) else { return };
    assert!(inflated.len() as u64 <= LIMITS.inflated_bytes);
    match Batch::parse(&inflated, LIMITS.events) {
        Ok(batch) => {
            assert!(batch.events.len() as u64 <= LIMITS.events);
            assert_eq!(batch.session.id.len(), 36);
            for event in &batch.events {
                assert_eq!(event.identity(), event.clone().identity());
                assert!(event.source_offset >= 0 && event.item_index.is_none_or(|index| index >= 0));
                assert!(event.tool_input_json.as_ref().is_none_or(|input| input.starts_with('{')));
            }
        }
        Err(Refusal::Schema { failures, count }) => {
            assert!(!failures.is_empty() && failures.len() as u64 <= count && failures.len() <= Batch::MOST_FAILURES);
        }
        Err(_) => {}
    }
});
