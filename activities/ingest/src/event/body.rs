//! Bytes of a request to text: content type, character set, byte order mark.

use std::borrow::Cow;

/// What a `Content-Type` says of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// JSON or plain text in UTF-8.
    Utf8,
    /// JSON or plain text, each byte a character.
    Latin1,
    /// JSON or plain text in UTF-16; little-endian unless a byte order mark says otherwise.
    Utf16,
    /// JSON or plain text in UTF-16, big-endian.
    Utf16Be,
    /// Anything else, or nothing said: such a body counts as empty.
    Other,
}

/// A character set that is not read; the answer is 415.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unsupported charset \"{0}\"")]
pub struct UnsupportedCharset(pub String);

impl Content {
    /// Reads the header; `None` when there is none.
    pub fn from_header(header: Option<&str>) -> Result<Self, UnsupportedCharset> {
        let Some(header) = header else { return Ok(Self::Other) };
        let mut parts = header.split(';');
        let kind = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let json = kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"));
        if !json && kind != "text/plain" {
            return Ok(Self::Other);
        }
        let charset = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
        });
        match charset.as_deref() {
            None | Some("" | "utf-8" | "utf8" | "us-ascii" | "ascii") => Ok(Self::Utf8),
            Some("latin1" | "iso-8859-1" | "binary") => Ok(Self::Latin1),
            Some("utf-16" | "utf16" | "utf-16le" | "utf16le" | "ucs2" | "ucs-2") => Ok(Self::Utf16),
            Some("utf-16be" | "utf16be") => Ok(Self::Utf16Be),
            Some(other) => Err(UnsupportedCharset(other.to_owned())),
        }
    }

    /// The text of the body, without a byte order mark. What is no text becomes U+FFFD.
    pub fn text(self, body: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Other => Cow::Borrowed(""),
            Self::Utf8 => {
                let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
                // What is text is found to be so several times faster than what is not is repaired.
                std::str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed)
            }
            Self::Latin1 => Cow::Owned(body.iter().map(|byte| char::from(*byte)).collect()),
            Self::Utf16 | Self::Utf16Be => Cow::Owned(utf16(body, self == Self::Utf16Be)),
        }
    }
}

fn utf16(body: &[u8], big_endian: bool) -> String {
    let (big_endian, body) = match body {
        [0xfe, 0xff, rest @ ..] => (true, rest),
        [0xff, 0xfe, rest @ ..] => (false, rest),
        _ => (big_endian, body),
    };
    let units = body.chunks_exact(2).map(|pair| {
        let pair = [pair.first().copied().unwrap_or_default(), pair.get(1).copied().unwrap_or_default()];
        if big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    });
    char::decode_utf16(units).map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
