//! String literals: what they say, and how they are written.

use std::borrow::Cow;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// High bits where a byte is a quote, a backslash or a control character. Exact for the lowest of them.
#[inline]
pub(super) fn special(word: u64) -> u64 {
    let quote = word ^ (ONES * 0x22);
    let slash = word ^ (ONES * 0x5c);
    let found = (quote.wrapping_sub(ONES) & !quote)
        | (slash.wrapping_sub(ONES) & !slash)
        | (word.wrapping_sub(ONES * 0x20) & !word);
    found & HIGHS
}

#[inline]
pub(super) fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// How many bytes at the start stand in a literal as they are.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((word, behind)) = rest.split_first_chunk::<8>() {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            return bytes.len() - rest.len() + (found.trailing_zeros() / 8) as usize;
        }
        rest = behind;
    }
    let tail = rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len());
    bytes.len() - rest.len() + tail
}

/// Whether a value is a string.
#[inline]
pub(crate) fn is_string(value: &str) -> bool {
    value.starts_with('"')
}

/// What stands between the quotes.
#[inline]
pub(crate) fn inner(literal: &str) -> &str {
    literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(literal)
}

/// The UTF-16 unit of a `\uXXXX` at the start of some text.
pub(super) fn unit(bytes: &[u8]) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = bytes else { return None };
    digits.get(..4)?.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

/// Whether a number that is written as JSON has no finite float.
pub(super) fn is_beyond_floats(number: &str) -> bool {
    number.parse().is_ok_and(|float: f64| float.is_infinite())
}

/// The characters that a literal says, each with the offset in the literal at which it is written. Half a surrogate pair says
/// U+FFFD.
struct Characters<'a> {
    inner: &'a str,
    at: usize,
}

impl Iterator for Characters<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<(usize, char)> {
        let start = self.at;
        let rest = self.inner.get(start..)?;
        let first = rest.chars().next()?;
        let (length, character) = if first == '\\' { escape(rest) } else { (first.len_utf8(), first) };
        self.at += length;
        // With the quote before it.
        Some((start + 1, character))
    }
}

/// An escape at the start of some text: its length and what it says.
pub(super) fn escape(text: &str) -> (usize, char) {
    let bytes = text.as_bytes();
    let simple = match bytes.get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => {
            let Some(high) = unit(bytes) else { return (1, '\\') };
            if let 0xd800..0xdc00 = high
                && let Some(low @ 0xdc00..0xe000) = unit(bytes.get(6..).unwrap_or_default())
            {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return (12, char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            return (6, char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Some(other) if other.is_ascii() => char::from(*other),
        _ => return (1, '\\'),
    };
    (2, simple)
}

fn characters(literal: &str) -> Characters<'_> {
    Characters { inner: inner(literal), at: 0 }
}

/// What a literal says.
pub(crate) fn decode(literal: &str) -> Cow<'_, str> {
    let inner = inner(literal);
    let Some(mut at) = memchr::memchr(b'\\', inner.as_bytes()) else { return Cow::Borrowed(inner) };
    let mut text = String::with_capacity(inner.len());
    text.push_str(inner.get(..at).unwrap_or_default());
    while let Some(rest) = inner.get(at..).filter(|rest| !rest.is_empty()) {
        let (length, character) = escape(rest);
        text.push(character);
        let rest = rest.get(length..).unwrap_or_default();
        let run = memchr::memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
        text.push_str(rest.get(..run).unwrap_or_default());
        at += length + run;
    }
    Cow::Owned(text)
}

/// What a literal says, and for each byte of that, and for its end, the offset in the literal at which its character is written.
pub(crate) fn decode_mapped(literal: &str) -> (String, Vec<usize>) {
    let (mut text, mut offsets) = (String::new(), Vec::new());
    for (offset, character) in characters(literal) {
        text.push(character);
        offsets.resize(text.len(), offset);
    }
    offsets.push(literal.len().saturating_sub(1));
    (text, offsets)
}

/// Whether a literal says nothing but white space. Looks no further than the first character that is none.
pub(crate) fn is_blank(literal: &str) -> bool {
    characters(literal).all(|(_, character)| character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_seen_through_escapes() {
        assert!(is_blank(r#"" \n\t\u0020\u00a0\u2003""#));
        assert!(is_blank("\"\""));
        assert!(!is_blank(r#"" \u0000""#));
        assert!(!is_blank(r#""\\n""#));
    }

    #[test]
    fn offsets_lead_back_into_the_literal() {
        let literal = r#""a\n\ud83d\ude00é""#;
        let (text, offsets) = decode_mapped(literal);
        assert_eq!(text, "a\n😀é");
        assert_eq!(offsets, [1, 2, 4, 4, 4, 4, 16, 16, 18]);
        assert_eq!(literal.get(16..18), Some("é"));
    }
}
