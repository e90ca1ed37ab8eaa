//! Log records of any bytes, as JSON and as protocol buffers: what becomes of them is an event or nothing.
#![no_main]

use ingest::{
    event::{Limits, parse_text},
    otel::{LogsRequest, log_events, logs_from_json},
};
use libfuzzer_sys::fuzz_target;
use prost::Message;

fuzz_target!(|input: &[u8]| {
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
});
