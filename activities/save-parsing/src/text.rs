//! Bytes of a save as text: UTF-8 first, windows-1252 for each string that is no UTF-8.

use std::borrow::Cow;

/// The characters of windows-1252 from 0x80 to 0x9f; what the page leaves open is the control character of the same number.
const UPPER: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}', '\u{2030}',
    '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}',
    '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}',
    '\u{17e}', '\u{178}',
];

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => UPPER.get(usize::from(byte - 0x80)).copied().unwrap_or('\u{fffd}'),
        _ => char::from(byte),
    }
}

/// The text of a scalar; in a quoted one `\"` and `\\` are resolved, other backslashes stay.
pub(crate) fn decode(bytes: &[u8], quoted: bool) -> Cow<'_, str> {
    if quoted && memchr::memchr(b'\\', bytes).is_some() {
        return Cow::Owned(characters(&resolve_escapes(bytes)).into_owned());
    }
    characters(bytes)
}

/// The text of a scalar with every backslash left out: what readers of schema version 1 are used to.
pub(crate) fn decode_without_backslashes(bytes: &[u8]) -> Cow<'_, str> {
    if memchr::memchr(b'\\', bytes).is_none() {
        return characters(bytes);
    }
    let kept: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\\').collect();
    Cow::Owned(characters(&kept).into_owned())
}

/// Bytes as characters, nothing resolved.
pub(crate) fn characters(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().copied().map(windows_1252).collect()),
    }
}

/// A long text, not one string: what is UTF-8 in it stays, only the other bytes are taken for windows-1252.
pub(crate) fn passage(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().copied().map(windows_1252));
    }
    Cow::Owned(text)
}

fn resolve_escapes(bytes: &[u8]) -> Vec<u8> {
    let mut resolved = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let escaped = if byte == b'\\' { rest.next_if(|next| matches!(next, b'"' | b'\\')) } else { None };
        resolved.push(escaped.unwrap_or(byte));
    }
    resolved
}
