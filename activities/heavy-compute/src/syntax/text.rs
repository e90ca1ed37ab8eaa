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

/// Which line a byte is on. Only block totals are kept: counting within a block is vectorised and cheaper than a table of
/// all line starts, of which few are ever asked for.
pub(super) struct LineTable<'s> {
    source: &'s [u8],
    /// Line breaks before each block.
    before: Vec<u32>,
}

/// Small enough for the count of a block to fit a byte, which keeps the vectors narrow.
const BLOCK: usize = 192;

impl<'s> LineTable<'s> {
    pub(super) fn new(source: &'s [u8]) -> Self {
        let mut total = 0_u32;
        let before = source
            .chunks(BLOCK)
            .map(|block| {
                let before = total;
                total = total.saturating_add(breaks(block));
                before
            })
            .collect();
        Self { source, before }
    }

    /// The line of a byte offset, from 1.
    pub(super) fn line(&self, byte: u32) -> u32 {
        let byte = (byte as usize).min(self.source.len().saturating_sub(1));
        let block = byte / BLOCK;
        let before = self.before.get(block).copied().unwrap_or_default();
        let part = self.source.get(block * BLOCK..byte).unwrap_or_default();
        before.saturating_add(breaks(part)).saturating_add(1)
    }
}

fn breaks(bytes: &[u8]) -> u32 {
    let breaks = bytes.iter().fold(0_u8, |breaks, byte| breaks.wrapping_add(u8::from(*byte == b'\n')));
    u32::from(breaks)
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, LineTable, prefix};

    #[test]
    fn a_line_break_belongs_to_the_line_it_ends() {
        let source = format!("a\nb\r\n\n{}\nc", "x".repeat(2 * BLOCK));
        let table = LineTable::new(source.as_bytes());
        let line = |byte: usize| table.line(u32::try_from(byte).unwrap());
        assert_eq!([0, 1, 2, 4, 5, 6].map(line), [1, 1, 2, 2, 3, 4]);
        assert_eq!(line(source.len() - 1), 5);
        assert_eq!(line(source.len() + 9), 5);
        assert_eq!(LineTable::new(b"").line(0), 1);
    }

    #[test]
    fn a_prefix_ends_between_characters() {
        assert_eq!(prefix("aé", 2), "a");
        assert_eq!(prefix("aé", 3), "aé");
        assert_eq!(prefix("é", 0), "");
    }
}
