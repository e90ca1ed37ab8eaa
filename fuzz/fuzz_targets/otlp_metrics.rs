//! Points of metrics of any bytes, twice: nothing is counted below zero, and a cumulative point that comes again counts
//! nothing.
#![no_main]

use std::{collections::HashMap, convert::Infallible};

use ingest::otel::{Counters, MetricsRequest, metric_events, metrics_from_json};
use libfuzzer_sys::fuzz_target;
use prost::Message;

#[derive(Default)]
struct Kept(HashMap<String, f64>);

impl Counters for Kept {
    type Error = Infallible;

    fn remembered(&mut self, key: &str) -> Result<Option<f64>, Infallible> {
        Ok(self.0.get(key).copied())
    }
}

fuzz_target!(|input: &[u8]| {
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
});
