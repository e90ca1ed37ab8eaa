//! The query of a request, of any bytes. What must hold is in the crate's own tests.
#![no_main]

#[path = "../../activities/ingest/tests/foreign_bytes/checks.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| checks::query(input));
