//! JSON written straight into a buffer.

use crate::{
    Member, Operator, Scalar, Value,
    text::{decode, decode_without_backslashes},
};

mod v1;
mod v2;

/// How scalars are written by schema version 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Scalars {
    /// All of them as strings.
    #[default]
    Text,
    /// Unquoted numbers that JSON can hold as numbers (their digits as in the text), unquoted `yes` and `no` as booleans, the
    /// rest as strings.
    Typed,
    /// As [`Scalars::Typed`], and a quoted one as `{"$quoted": "..."}`.
    Tagged,
}

/// The shape of JSON that values are written in; the crate's front page describes both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Schema {
    /// Version 1: what existing clients rely on; of several fields with one key only the last.
    #[default]
    V1,
    /// Version 2: nothing lost.
    V2(Scalars),
}

impl Schema {
    /// The version's number.
    pub fn version(self) -> u32 {
        match self {
            Self::V1 => 1,
            Self::V2(_) => 2,
        }
    }

    /// Writes a value.
    pub fn write(self, value: Value<'_>, out: &mut Vec<u8>) {
        match self {
            Self::V1 => v1::write(value, out),
            Self::V2(scalars) => v2::write(value, scalars, out),
        }
    }

    /// Writes the value of a field, with its operator where version 2 keeps it.
    pub fn write_field(self, field: &Member<'_>, out: &mut Vec<u8>) {
        let close = self.open_operator(field.operator, out);
        self.write(field.value, out);
        out.extend_from_slice(close);
    }

    /// Opens the object that an operator other than `=` is kept in, and returns what closes it.
    pub(crate) fn open_operator(self, operator: Operator, out: &mut Vec<u8>) -> &'static [u8] {
        if self == Self::V1 || operator == Operator::Equal {
            return b"";
        }
        out.extend_from_slice(b"{\"$operator\":\"");
        out.extend_from_slice(operator.as_str().as_bytes());
        out.extend_from_slice(b"\",\"$value\":");
        b"}"
    }

    /// Writes the text of a key as a JSON string.
    pub fn write_key(self, key: Scalar<'_>, out: &mut Vec<u8>) {
        match self {
            Self::V1 => push_v1(key, out),
            Self::V2(_) => v2::write_key(key, false, out),
        }
    }
}

/// Flags the high bit of bytes that JSON escapes: control characters, quotes and backslashes. The lowest flag is always
/// right, one above it may be a false one.
#[inline]
fn specials(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word;
    (below(word, 0x20) | below(word ^ (ONES * 0x22), 1) | below(word ^ (ONES * 0x5c), 1)) & (ONES << 7)
}

/// Whether bytes stand in JSON as they are: ASCII, and nothing to escape.
#[inline]
fn is_simple(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut bad = 0u64;
    for word in words {
        let word = u64::from_le_bytes(*word);
        bad |= specials(word) | word & ((u64::MAX / 255) << 7);
    }
    bad == 0 && rest.iter().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7f))
}

/// Writes a scalar as schema version 1 has it: every backslash left out.
#[inline]
pub(crate) fn push_v1(scalar: Scalar<'_>, out: &mut Vec<u8>) {
    if is_simple(scalar.bytes) {
        push_simple(scalar.bytes, out);
    } else {
        push_str(&decode_without_backslashes(scalar.bytes), out);
    }
}

/// Writes a scalar with its escapes resolved.
#[inline]
pub(crate) fn push_scalar(scalar: Scalar<'_>, out: &mut Vec<u8>) {
    if is_simple(scalar.bytes) {
        push_simple(scalar.bytes, out);
    } else {
        push_str(&decode(scalar.bytes, scalar.quoted), out);
    }
}

#[inline]
fn push_simple(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    out.extend_from_slice(bytes);
    out.push(b'"');
}

/// Writes a string.
pub(crate) fn push_str(text: &str, out: &mut Vec<u8>) {
    // Indented text is a third of tabs, which take two bytes.
    out.reserve(text.len() + text.len() / 2 + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        // Eight bytes are written and what is beyond the plain ones taken back: cheaper than a copy of just so many.
        while let Some(eight) = rest.first_chunk::<8>() {
            let plain = (specials(u64::from_le_bytes(*eight)).trailing_zeros() / 8) as usize;
            out.extend_from_slice(eight);
            out.truncate(out.len() - (8 - plain));
            rest = rest.get(plain..).unwrap_or_default();
            if plain < 8 {
                break;
            }
        }
        let plain = rest.iter().position(|byte| matches!(byte, 0..=0x1f | b'"' | b'\\')).unwrap_or(rest.len());
        let (before, from) = rest.split_at(plain);
        out.extend_from_slice(before);
        let Some((special, after)) = from.split_first() else { break };
        rest = after;
        match special {
            b'\t' => {
                let more = after.iter().take_while(|byte| **byte == b'\t').count();
                (0..=more).for_each(|_| out.extend_from_slice(b"\\t"));
                rest = after.get(more..).unwrap_or_default();
            }
            b'\n' => out.extend_from_slice(b"\\n"),
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\r' => out.extend_from_slice(b"\\r"),
            control => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.extend(HEX.get(usize::from(control >> 4)));
                out.extend(HEX.get(usize::from(control & 15)));
            }
        }
    }
    out.push(b'"');
}

/// Writes a comma unless it would follow an opening.
#[inline]
pub(crate) fn separate(out: &mut Vec<u8>) {
    if !matches!(out.last(), Some(b'{' | b'[') | None) {
        out.push(b',');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        /// Eight bytes at a time say what one at a time would.
        #[test]
        fn strings_are_what_serde_writes(text in "[\\PC\t\n\r\"\\\\\u{0}\u{1f}\u{7f}\u{a0}ab]{0,40}") {
            let mut out = Vec::new();
            super::push_str(&text, &mut out);
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text.clone());
            let simple = text.bytes().all(|byte| byte.is_ascii() && byte >= 0x20 && byte != b'"' && byte != b'\\');
            prop_assert_eq!(super::is_simple(text.as_bytes()), simple);
        }
    }
}
