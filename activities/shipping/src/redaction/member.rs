//! Members whose name says that the value is secret.

use std::collections::BTreeSet;

use crate::{
    edit::{Cause, Edit},
    quoted::{end_of, is_level, slashes_before, value_of},
};

/// Endings of names, in lower case and without `_` and `-`: `OPENAI_API_KEY`, `x-api-key` and `apiKey` all end on the first.
const SECRET: [&str; 18] = [
    "apikey",
    "authorization",
    "password",
    "passwd",
    "passphrase",
    "clientsecret",
    "secretkey",
    "secretaccesskey",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "authtoken",
    "sessiontoken",
    "bearertoken",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "connectionstring",
];

/// No name is longer.
const LONGEST: usize = 64;

const REPLACEMENT: &str = "[redacted]";

/// Knows which names are secret.
#[derive(Debug)]
pub(super) struct Members {
    /// Places of the last three bytes that a secret name can have. Most names are done with by that.
    endings: [bool; PLACES],
    own: BTreeSet<Vec<u8>>,
}

const PLACES: usize = 1024;

impl Members {
    pub(super) fn new(own: &[String]) -> Self {
        let own: BTreeSet<_> = own.iter().map(|name| normal(name.as_bytes())).filter(|name| !name.is_empty()).collect();
        let mut endings = [false; PLACES];
        let builtin = SECRET.iter().map(|name| name.as_bytes());
        for name in builtin.chain(own.iter().map(Vec::as_slice)) {
            match ending(name).and_then(|ending| endings.get_mut(ending)) {
                Some(place) => *place = true,
                // A name so short tells nothing.
                None => endings = [true; PLACES],
            }
        }
        Self { endings, own }
    }

    pub(super) fn find(&self, text: &str, edits: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        // Every name has a colon behind it, and a single byte is the fastest to look for.
        for colon in memchr::memchr_iter(b':', bytes) {
            let head = bytes.get(..colon).unwrap_or_default();
            let quote = match head {
                [.., b'"'] => colon - 1,
                [.., b' ' | b'\t'] => {
                    let blanks =
                        head.iter().rev().take(LONGEST).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                    match head.get(..colon - blanks) {
                        Some([.., b'"']) => colon - blanks - 1,
                        _ => continue,
                    }
                }
                _ => continue,
            };
            edits.extend(self.member(bytes, quote));
        }
    }

    /// The value of the member whose name has its closing quote at an offset.
    fn member(&self, bytes: &[u8], quote: usize) -> Option<Edit> {
        let head = bytes.get(..quote)?;
        let mut last = quote.checked_sub(1)?;
        let mut slashes = 0;
        if bytes.get(last) == Some(&b'\\') {
            slashes = slashes_before(bytes, quote);
            last = last.checked_sub(slashes)?;
        }
        // One with a mark among the last three is looked at in full.
        if ending(head.get(..=last)?).and_then(|ending| self.endings.get(ending)) == Some(&false) {
            return None;
        }
        let near = last.saturating_sub(LONGEST);
        let open = near + memchr::memrchr(b'"', head.get(near..=last)?)?;
        let name = head.get(open + 1..=last)?;
        if !is_level(slashes) || slashes_before(bytes, open) != slashes || !self.is_secret(name) {
            return None;
        }
        let start = value_of(bytes, quote + 1, slashes)?;
        let end = end_of(bytes, start, slashes).filter(|end| *end > start)?;
        Some(Edit { range: start..end, text: REPLACEMENT.into(), cause: Cause::Secret })
    }

    fn is_secret(&self, name: &[u8]) -> bool {
        let name = normal(name);
        SECRET.iter().any(|secret| name.ends_with(secret.as_bytes())) || self.own.contains(&name)
    }
}

/// Where the last three letters of a name are noted.
fn ending(name: &[u8]) -> Option<usize> {
    let [.., a, b, c] = name else { return None };
    if [a, b, c].into_iter().any(|byte| matches!(byte, b'_' | b'-')) {
        return None;
    }
    let [a, b, c] = [a, b, c].map(|byte| usize::from(byte.to_ascii_lowercase()));
    Some((a.wrapping_mul(49) ^ b.wrapping_mul(7) ^ c) % PLACES)
}

fn normal(name: &[u8]) -> Vec<u8> {
    name.iter().filter(|byte| !matches!(byte, b'_' | b'-')).map(u8::to_ascii_lowercase).collect()
}
