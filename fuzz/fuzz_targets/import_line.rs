//! A line of a file of events, of any bytes: an event with an id that is the same the next time, a reason, or nothing for a
//! blank line.
#![no_main]

use ingest::transfer::{ImportOptions, import_line};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
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
});
