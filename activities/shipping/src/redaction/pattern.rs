//! Regular expressions of the user's.

use regex_lite::{Regex, RegexBuilder};

use super::RedactionError;
use crate::{
    edit::{Cause, Edit},
    json,
    quoted::end_of,
};

const REPLACEMENT: &str = "[redacted]";

/// What a compiled expression may take, in bytes.
const SIZE: usize = 4 * 1024 * 1024;

pub(super) fn compile(pattern: &str) -> Result<Regex, RedactionError> {
    RegexBuilder::new(pattern)
        .size_limit(SIZE)
        .build()
        .map_err(|error| RedactionError::Pattern { pattern: pattern.into(), reason: error.to_string() })
}

/// Members whose values are what a record is understood by.
const KINDS: [&str; 2] = ["\"type\"", "\"role\""];

/// Adds an edit for each match in each string of a text, but for names of members and for what says of which kind something is:
/// without these a record would be lost.
pub(super) fn find(patterns: &[Regex], text: &str, edits: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    let (mut at, mut name) = (0, "");
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(b'"', rest)) {
        let start = at + found + 1;
        let Some(end) = end_of(bytes, start, 0) else {
            // The line is torn, and will not be sent; the next one begins anew.
            let rest = bytes.get(start..).unwrap_or_default();
            at = memchr::memchr(b'\n', rest).map_or(bytes.len(), |line| start + line + 1);
            continue;
        };
        at = end + 1;
        let literal = text.get(start - 1..=end).unwrap_or_default();
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':') {
            name = literal;
            continue;
        }
        if KINDS.contains(&std::mem::take(&mut name)) {
            continue;
        }
        if !literal.contains('\\') {
            let inner = text.get(start..end).unwrap_or_default();
            add(patterns, inner, |offset| start + offset, edits);
        } else if patterns.iter().any(|pattern| pattern.is_match(&json::decode(literal))) {
            let (said, offsets) = json::decode_mapped(literal);
            add(patterns, &said, |offset| start - 1 + offsets.get(offset).copied().unwrap_or(literal.len() - 1), edits);
        }
    }
}

fn add(patterns: &[Regex], text: &str, place: impl Fn(usize) -> usize, edits: &mut Vec<Edit>) {
    for found in patterns.iter().flat_map(|pattern| pattern.find_iter(text)).filter(|found| !found.is_empty()) {
        let range = place(found.start())..place(found.end());
        edits.push(Edit { range, text: REPLACEMENT.into(), cause: Cause::Secret });
    }
}
