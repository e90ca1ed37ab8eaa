//! Compression of request bodies.

use std::{fmt, io};

use libdeflater::{CompressionLvl, Compressor};

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `Content-Encoding: gzip` at a libdeflate level, 1 to 12.
    Gzip(u8),
    /// `Content-Encoding: zstd` at a level, 1 to 19.
    Zstd(u8),
}

impl Encoding {
    /// The value of `Content-Encoding`.
    pub fn token(self) -> &'static str {
        match self {
            Self::Gzip(_) => "gzip",
            Self::Zstd(_) => "zstd",
        }
    }
}

/// Compresses body after body; what the libraries need to work is allocated once per level. One per thread.
#[derive(Default)]
pub struct Encoder {
    gzip: Option<(u8, Compressor)>,
    zstd: Option<(u8, zstd::bulk::Compressor<'static>)>,
}

impl fmt::Debug for Encoder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gzip = self.gzip.as_ref().map(|(level, _)| level);
        let zstd = self.zstd.as_ref().map(|(level, _)| level);
        formatter.debug_struct("Encoder").field("gzip", &gzip).field("zstd", &zstd).finish()
    }
}

impl Encoder {
    /// Without anything allocated yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Overwrites `out` with the compressed payload. The same payload gives the same bytes.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] for a level that does not exist, else what the library says.
    pub fn encode(&mut self, encoding: Encoding, payload: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match encoding {
            Encoding::Gzip(level) => self.gzip(level, payload, out),
            Encoding::Zstd(level) => self.zstd(level, payload, out),
        }
    }

    fn gzip(&mut self, level: u8, payload: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let compressor = match &mut self.gzip {
            Some((of, compressor)) if *of == level => compressor,
            slot => {
                let valid = (1..=12).contains(&level).then(|| CompressionLvl::new(level.into()).ok()).flatten();
                let valid = valid.ok_or_else(|| no_level("gzip", level, 12))?;
                &mut slot.insert((level, Compressor::new(valid))).1
            }
        };
        // Sessions shrink to a third and less: room for all of it is only taken when that fails, so that memory stays small.
        for room in [payload.len() / 2 + 1024, compressor.gzip_compress_bound(payload.len())] {
            out.resize(room, 0);
            if let Ok(length) = compressor.gzip_compress(payload, out) {
                out.truncate(length);
                return Ok(());
            }
        }
        out.clear();
        Err(io::Error::other("the gzip library wants more room than it said"))
    }

    fn zstd(&mut self, level: u8, payload: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let compressor = match &mut self.zstd {
            Some((of, compressor)) if *of == level => compressor,
            slot => {
                if !(1..=19).contains(&level) {
                    return Err(no_level("zstd", level, 19));
                }
                &mut slot.insert((level, zstd::bulk::Compressor::new(level.into())?)).1
            }
        };
        out.clear();
        out.reserve(zstd::zstd_safe::compress_bound(payload.len()));
        compressor.compress_to_buffer(payload, out)?;
        Ok(())
    }
}

fn no_level(name: &str, level: u8, most: u8) -> io::Error {
    let text = format!("there is no {name} level {level}; it is 1 to {most}");
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn any_payload_comes_back() {
        let mut encoder = Encoder::new();
        let mut out = b"from before".to_vec();
        for payload in [Vec::new(), b"{}".to_vec(), b"abc".repeat(100_000), noise(300_000)] {
            for encoding in [Encoding::Gzip(1), Encoding::Zstd(1), Encoding::Gzip(6), Encoding::Zstd(3)] {
                encoder.encode(encoding, &payload, &mut out).unwrap();
                let back = match encoding {
                    Encoding::Zstd(_) => zstd::bulk::decompress(&out, payload.len() + 1).unwrap(),
                    Encoding::Gzip(_) => {
                        let mut back = vec![0; payload.len() + 1];
                        let length = libdeflater::Decompressor::new().gzip_decompress(&out, &mut back).unwrap();
                        back.truncate(length);
                        back
                    }
                };
                assert_eq!(back, payload);
                let again = out.clone();
                encoder.encode(encoding, &payload, &mut out).unwrap();
                assert_eq!(out, again);
            }
        }
    }

    #[test]
    fn a_level_that_does_not_exist_is_refused() {
        for encoding in [Encoding::Gzip(0), Encoding::Gzip(13), Encoding::Zstd(0), Encoding::Zstd(20)] {
            let error = Encoder::new().encode(encoding, b"x", &mut Vec::new()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    }
}
