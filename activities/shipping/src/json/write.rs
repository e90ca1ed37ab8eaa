//! Writing JSON: text into literals, and values that were read.

use super::literal::{escape, inner, is_beyond_floats, is_special, special};

/// Writes text into a literal, without the quotes around it.
pub(crate) fn push_escaped(out: &mut Vec<u8>, text: &str) {
    /// So much is escaped at once, that what it may need at worst stays in the nearest cache.
    const BLOCK: usize = 4096;
    for block in text.as_bytes().chunks(BLOCK) {
        let start = out.len();
        out.resize(start + 2 * block.len() + 8, 0);
        let mut to = start;
        let mut rest = block;
        while let Some((head, tail)) = rest.split_first_chunk::<8>() {
            let found = special(u64::from_le_bytes(*head));
            let Some(space) = out.get_mut(to..).and_then(|space| space.first_chunk_mut::<8>()) else { break };
            *space = *head;
            if found == 0 {
                to += 8;
                rest = tail;
                continue;
            }
            let run = (found.trailing_zeros() / 8) as usize;
            to += run;
            let byte = head.get(run).copied().unwrap_or_default();
            rest = rest.get(run + 1..).unwrap_or_default();
            to = push_special(out, to, byte, rest.len());
        }
        for (index, byte) in rest.iter().copied().enumerate() {
            if is_special(byte) {
                to = push_special(out, to, byte, rest.len() - index);
            } else {
                if let Some(space) = out.get_mut(to) {
                    *space = byte;
                }
                to += 1;
            }
        }
        out.truncate(to);
    }
}

/// Writes an escape at an offset, with room behind it for `left` further bytes; returns the offset behind it.
#[inline]
fn push_special(out: &mut Vec<u8>, at: usize, byte: u8, left: usize) -> usize {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\t' => b't',
        b'\r' => b'r',
        0x8 => b'b',
        0xc => b'f',
        _ => {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            out.truncate(at);
            out.extend_from_slice(b"\\u00");
            out.extend([byte >> 4, byte & 15].map(|digit| DIGITS.get(usize::from(digit)).copied().unwrap_or_default()));
            let end = out.len();
            out.resize(end + 2 * left + 8, 0);
            return end;
        }
    };
    if let Some(space) = out.get_mut(at..).and_then(|space| space.first_chunk_mut::<2>()) {
        *space = [b'\\', short];
    }
    at + 2
}

/// Writes a value that has been checked as it is, but for what strict readers refuse when it is `odd`: half a surrogate pair
/// becomes U+FFFD, and a number beyond all floats a string of its digits.
pub(crate) fn push_json(out: &mut Vec<u8>, value: &str, odd: bool) {
    if !odd {
        out.extend_from_slice(value.as_bytes());
        return;
    }
    let bytes = value.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = value.get(at..).unwrap_or_default();
        let length = match byte {
            b'"' => {
                out.push(b'"');
                at += 1 + push_repaired(out, rest.get(1..).unwrap_or_default());
                continue;
            }
            b'-' | b'0'..=b'9' => {
                let number =
                    rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
                let number = rest.get(..number).unwrap_or_default();
                let beyond = is_beyond_floats(number);
                out.extend(beyond.then_some(b'"'));
                out.extend_from_slice(number.as_bytes());
                out.extend(beyond.then_some(b'"'));
                at += number.len();
                continue;
            }
            _ => 1,
        };
        out.extend_from_slice(rest.as_bytes().get(..length).unwrap_or_default());
        at += length;
    }
}

/// Writes a literal without its quotes, repaired when it is `odd`.
pub(crate) fn push_inner(out: &mut Vec<u8>, literal: &str, odd: bool) {
    if odd {
        push_repaired(out, literal.get(1..).unwrap_or_default());
        out.pop();
    } else {
        out.extend_from_slice(inner(literal).as_bytes());
    }
}

/// Writes the inside of a literal up to its closing quote, and returns its length with that quote.
fn push_repaired(out: &mut Vec<u8>, text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        let run = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default());
        let end = run.map_or(bytes.len(), |run| at + run);
        out.extend_from_slice(bytes.get(at..end).unwrap_or_default());
        match bytes.get(end) {
            Some(b'\\') => {
                let (length, character) = escape(text.get(end..).unwrap_or_default());
                if character == char::REPLACEMENT_CHARACTER {
                    out.extend_from_slice(b"\\ufffd");
                } else {
                    out.extend_from_slice(bytes.get(end..end + length).unwrap_or_default());
                }
                at = end + length;
            }
            Some(_) => {
                out.push(b'"');
                return end + 1;
            }
            None => return end,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::{decode, decode_mapped};

    fn repaired(value: &str) -> String {
        let mut out = Vec::new();
        push_json(&mut out, value, true);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_what_is_refused_is_written_anew() {
        let value = r#"{"a":[1e400,-2.5e999,1e5,"1e400","\ud83d\ude00\ud83dx\\ud83d\"",true],"\udc00":null, "é":"ü"}"#;
        assert_eq!(
            repaired(value),
            r#"{"a":["1e400","-2.5e999",1e5,"1e400","\ud83d\ude00\ufffdx\\ud83d\"",true],"\ufffd":null, "é":"ü"}"#
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in any::<String>(), often in r#"[\x00-\x25\\"a-zé]{0,60}"#) {
            for text in [text, often.repeat(300)] {
                let mut out = vec![b'"'];
                push_escaped(&mut out, &text);
                out.push(b'"');
                let literal = String::from_utf8(out).unwrap();
                prop_assert_eq!(&serde_json::from_str::<String>(&literal).unwrap(), &text);
                prop_assert_eq!(decode(&literal), text.as_str());
                prop_assert_eq!(&decode_mapped(&literal).0, &text);
                prop_assert_eq!(&repaired(&literal), &literal);
            }
        }
    }
}
