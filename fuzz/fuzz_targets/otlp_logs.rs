//! Log records of any bytes, as JSON and as protocol buffers; traces are read by the same reader. What must hold is in the crate's own tests.
#![no_main]

#[path = "../../activities/ingest/tests/foreign_bytes/checks.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| checks::otlp_logs(input));
