//! Any text under the rules of redaction: what was JSON stays JSON, and the same text gives the same.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use shipping::redaction::Redactor;

static REDACTOR: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(&["own".into()], &["[a-f0-9]{8,}|\\bx+".into()]).expect("the pattern can be read"));

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (redacted, count) = REDACTOR.redact(text);
    assert_eq!(REDACTOR.redact(text), (redacted.clone(), count));
    if count == 0 {
        assert_eq!(redacted, text);
    }
    // One line is what the rules are for; a document in many lines is read as well.
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        assert!(serde_json::from_str::<IgnoredAny>(&redacted).is_ok(), "{text} became {redacted}");
    }
});
