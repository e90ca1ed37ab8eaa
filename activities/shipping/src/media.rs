//! Images and the like, which sessions hold as base64: cut out of what is sent, for they are most of the bytes of the sessions
//! that have them, and a server can make nothing of them.
//!
//! Two rules, at any level of JSON in strings: a member `data` whose object names a media type (Claude's `source`, Gemini's
//! `inlineData`), and a `data:` URL (Codex). Only a run of base64 longer than [`KEPT`] characters whose media type is one of
//! [`TYPES`], and that decodes.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use memchr::memmem;
use sha2::{Digest, Sha256};

use crate::{
    edit::{Cause, Edit},
    quoted::{NEAR, end_of, is_level, quote, slashes_before, value_of},
};

/// So many characters of base64 stay where they are.
const KEPT: usize = 512;

/// What is media: these types, by their beginnings.
const TYPES: [&str; 4] = ["image/", "audio/", "video/", "application/pdf"];

/// Names of the member that says which type the data is of.
const TYPE_MEMBERS: [&[u8]; 4] = [b"media_type", b"mimeType", b"mime_type", b"mediaType"];

/// Adds an edit for each piece of media in a text.
pub(crate) fn find(text: &str, edits: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    for mark in memmem::find_iter(bytes, b";base64,") {
        edits.extend(url(text, mark));
    }
    for name in memmem::find_iter(bytes, b"\"data") {
        edits.extend(member(text, name));
    }
}

/// A `data:` URL, of which the offset of `;base64,` is given.
fn url(text: &str, mark: usize) -> Option<Edit> {
    let bytes = text.as_bytes();
    let near = mark.saturating_sub(NEAR);
    let start = near + memmem::rfind(bytes.get(near..mark)?, b"data:")?;
    let described = text.get(start + 5..mark)?;
    if !described.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/.+-;=_".contains(&byte)) {
        return None;
    }
    let media_type = described.split(';').next()?;
    let data = mark + 8;
    let end = data + run(bytes.get(data..)?);
    cut(text, start, data, end, media_type)
}

/// A member `data`, of which the offset of the quote before its name is given.
fn member(text: &str, name: usize) -> Option<Edit> {
    let bytes = text.as_bytes();
    let slashes = Some(slashes_before(bytes, name)).filter(|slashes| is_level(*slashes))?;
    let start = value_of(bytes, quote(bytes, name + 5, slashes)?, slashes)?;
    let end = start + run(bytes.get(start..)?);
    if end - start <= KEPT {
        return None;
    }
    quote(bytes, end, slashes)?;
    // The object around it is small but for the data.
    let near = name.saturating_sub(NEAR);
    let before = bytes.get(near..name)?;
    let before = before.get(memchr::memrchr2(b'{', b'}', before).map_or(0, |found| found + 1)..)?;
    let behind = bytes.get(end..(end + NEAR).min(bytes.len()))?;
    let behind = behind.get(..memchr::memchr2(b'{', b'}', behind).unwrap_or(behind.len()))?;
    let media_type = media_type(before, slashes).or_else(|| media_type(behind, slashes))?;
    cut(text, start, start, end, std::str::from_utf8(media_type).ok()?)
}

fn media_type(members: &[u8], slashes: usize) -> Option<&[u8]> {
    TYPE_MEMBERS.into_iter().find_map(|name| {
        let end = memmem::find(members, name)? + name.len();
        let start = value_of(members, quote(members, end, slashes)?, slashes)?;
        members.get(start..end_of(members, start, slashes)?)
    })
}

/// How many characters of base64 there are.
fn run(bytes: &[u8]) -> usize {
    let is_data = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    bytes.iter().take_while(|byte| is_data(byte)).count()
}

/// Replaces what stands from `start` to `end`, of which the base64 begins at `data`.
fn cut(text: &str, start: usize, data: usize, end: usize, media_type: &str) -> Option<Edit> {
    let is_type = |byte: u8| byte.is_ascii_alphanumeric() || b"/.+-".contains(&byte);
    if end - data <= KEPT
        || !TYPES.iter().any(|known| media_type.starts_with(known))
        || !media_type.bytes().all(is_type)
    {
        return None;
    }
    let (hash, length) = hash(text.get(data..end)?.as_bytes())?;
    let text = format!("[media {media_type} sha256:{hash} {length} bytes]");
    Some(Edit { range: start..end, text: text.into(), cause: Cause::Media(length) })
}

/// SHA-256 and length of what base64 stands for.
fn hash(data: &[u8]) -> Option<(String, u64)> {
    const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const ENGINE: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
    let (mut hash, mut length, mut decoded) = (Sha256::new(), 0, [0; 6144]);
    for characters in data.chunks(8192) {
        let count = ENGINE.decode_slice(characters, &mut decoded).ok()?;
        hash.update(decoded.get(..count)?);
        length += count as u64;
    }
    Some((hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")), length))
}
