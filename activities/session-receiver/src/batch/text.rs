//! Strings of JSON, also those that are no proper text.

use std::{borrow::Cow, fmt};

use serde::{Deserializer, de};
use serde_json::value::RawValue;

/// Decodes a string literal; nothing when it is another kind of value. Half of a surrogate pair, which programs cut out of
/// the middle of a text, becomes U+FFFD, and so costs a character and not the event.
pub(super) fn decode(literal: &RawValue) -> Option<String> {
    let literal = literal.get();
    if !literal.starts_with('"') {
        return None;
    }
    if let Ok(text) = serde_json::from_str::<String>(literal) {
        return Some(text);
    }
    let mut reader = serde_json::Deserializer::from_str(literal);
    reader.deserialize_bytes(Wtf8).ok()
}

/// Takes a string as bytes, in which half of a pair is written like a character of its own.
struct Wtf8;

impl de::Visitor<'_> for Wtf8 {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<String, E> {
        let mut text = String::with_capacity(bytes.len());
        let mut rest = bytes;
        while !rest.is_empty() {
            match std::str::from_utf8(rest) {
                Ok(good) => {
                    text.push_str(good);
                    break;
                }
                Err(error) => {
                    let (good, bad) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(good));
                    text.push(char::REPLACEMENT_CHARACTER);
                    // Half of a pair is three bytes long.
                    rest = bad.get(3..).unwrap_or_default();
                }
            }
        }
        Ok(text)
    }
}

/// What a value is, for messages.
pub(super) fn kind(value: &RawValue) -> Cow<'static, str> {
    Cow::Borrowed(match value.get().as_bytes().first() {
        Some(b'"') => "a string",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    })
}
