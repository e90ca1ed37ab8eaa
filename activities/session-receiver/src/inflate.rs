//! Bodies as they come to bodies as they were, never larger than allowed.

use std::io::{BufReader, Read};

use flate2::read::MultiGzDecoder;

use crate::{limits::Limits, refusal::Refusal};

/// How a body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyEncoding {
    /// As it is.
    Identity,
    /// RFC 1952, one member or several.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl BodyEncoding {
    /// What this server tells that it takes, for `Accept-Encoding`.
    pub const ACCEPTED: &'static str = "gzip, zstd";

    /// Of the value of `Content-Encoding`; several at once are not known.
    ///
    /// # Errors
    /// [`Refusal::UnknownEncoding`].
    pub fn of_header(value: Option<&[u8]>) -> Result<Self, Refusal> {
        let Some(value) = value else { return Ok(Self::Identity) };
        let name = value.trim_ascii().to_ascii_lowercase();
        match name.as_slice() {
            b"" | b"identity" => Ok(Self::Identity),
            b"gzip" | b"x-gzip" => Ok(Self::Gzip),
            b"zstd" => Ok(Self::Zstd),
            _ => Err(Refusal::UnknownEncoding(String::from_utf8_lossy(value).chars().take(100).collect())),
        }
    }
}

/// 32 MiB: no level that a batch is compressed with has a larger window.
const LARGEST_ZSTD_WINDOW: u32 = 25;

/// Inflates a body. What it claims of its own size is not believed: it is inflated step by step and given up where a limit
/// is passed.
///
/// # Errors
/// [`Refusal::TooLarge`] with the limit that it passes, [`Refusal::Unreadable`] when it is damaged, incomplete or followed by something
/// else.
pub fn inflate(encoding: BodyEncoding, body: &[u8], limits: &Limits) -> Result<Vec<u8>, Refusal> {
    match encoding {
        BodyEncoding::Identity => read_limited(body, body.len(), limits),
        BodyEncoding::Gzip => read_limited(MultiGzDecoder::new(body), body.len(), limits),
        BodyEncoding::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(BufReader::new(body)).map_err(|e| unreadable("zstd", &e))?;
            decoder.window_log_max(LARGEST_ZSTD_WINDOW).map_err(|e| unreadable("zstd", &e))?;
            read_limited(decoder, body.len(), limits)
        }
    }
}

fn read_limited(mut from: impl Read, wire_bytes: usize, limits: &Limits) -> Result<Vec<u8>, Refusal> {
    let wire_bytes = wire_bytes as u64;
    let by_ratio = wire_bytes.saturating_mul(limits.inflate_ratio).max(Limits::RATIO_FREE_BYTES);
    let most = limits.inflated_bytes.min(by_ratio);
    // Bodies of sessions become four times as large.
    let mut inflated = Vec::with_capacity(usize::try_from((wire_bytes * 5).min(most)).unwrap_or(0));
    from.by_ref().take(most).read_to_end(&mut inflated).map_err(|e| unreadable("compressed", &e))?;
    // One byte more would be too much; none also proves that checksums were read and hold.
    match from.read(&mut [0; 1]) {
        Ok(0) => Ok(inflated),
        Ok(_) if most == limits.inflated_bytes => Err(Refusal::TooLarge { limit: "inflated_bytes", most }),
        Ok(_) => Err(Refusal::TooLarge { limit: "inflate_ratio", most: limits.inflate_ratio }),
        Err(error) => Err(unreadable("compressed", &error)),
    }
}

fn unreadable(kind: &str, error: &std::io::Error) -> Refusal {
    Refusal::Unreadable(format!("its {kind} data is damaged or incomplete: {error}"))
}
