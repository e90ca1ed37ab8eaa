//! Source bytes as text, total for any bytes and offsets.

use std::borrow::Cow;

/// A hard cap on names that are repeated in other definitions' signatures: a hostile file could otherwise multiply one
/// huge name by thousands of members.
pub(super) const MAX_REPEATED_NAME: usize = 256;

pub(super) fn slice(source: &[u8], start: u32, end: u32) -> &[u8] {
    source.get(start as usize..end as usize).unwrap_or_default()
}

pub(super) fn lossy(source: &[u8], start: u32, end: u32) -> Cow<'_, str> {
    String::from_utf8_lossy(slice(source, start, end))
}

/// White space as the languages see it: the byte order mark counts.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// The longest prefix of at most `limit` bytes that ends between two characters.
pub(super) fn prefix(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The text with each run of white space as one blank and none at the ends.
pub(super) fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(is_blank).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Where the lines of a source start.
pub(super) struct LineTable {
    starts: Vec<u32>,
}

impl LineTable {
    pub(super) fn new(source: &[u8]) -> Self {
        let breaks = source.iter().zip(1_u32..).filter(|(byte, _)| **byte == b'\n').map(|(_, next)| next);
        Self { starts: breaks.collect() }
    }

    /// The line of a byte offset, from 1.
    pub(super) fn line(&self, byte: u32) -> u32 {
        let before = self.starts.partition_point(|start| *start <= byte);
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }
}
