//! Request bodies that come compressed, inflated piece by piece under a cap.

use std::io::{self, Write};

use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer};

/// Inflated bytes per compressed byte that are believed, once a mebibyte is out. Deflate cannot pass it; what
/// does in another encoding was made to.
pub const MAX_RATIO: u64 = 1_000;
/// Small bodies may have any ratio.
const RATIO_FREE_BYTES: u64 = 1024 * 1024;
/// Compressed bytes that are inflated at a time.
const STEP: usize = 4 * 1024;

/// How a body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// RFC 1952, of one or more members.
    Gzip,
    /// RFC 1950, or bare RFC 1951, which some clients send under the same name.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

impl Encoding {
    /// The encoding that a `Content-Encoding` names; none for one that is unknown, and for several on top of each other.
    pub fn of_header(value: &str) -> Option<Self> {
        Some(match value.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Self::Identity,
            "gzip" | "x-gzip" => Self::Gzip,
            "deflate" => Self::Deflate,
            "br" => Self::Brotli,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }
}

/// Why a body cannot be inflated.
#[derive(Debug, PartialEq, Eq)]
pub enum InflateError {
    /// More than this many bytes come out.
    TooLarge(u64),
    /// More than [`MAX_RATIO`] bytes come out for each that goes in.
    Ratio,
    /// The bytes are not what the encoding says, or end too early.
    Damaged,
}

/// What comes out, and how much may.
struct Sink {
    bytes: Vec<u8>,
    total: u64,
    fed: u64,
    cap: u64,
    refused: Option<InflateError>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.total += bytes.len() as u64;
        let refused = if self.total > self.cap {
            Some(InflateError::TooLarge(self.cap))
        } else if self.total > RATIO_FREE_BYTES && self.total / MAX_RATIO > self.fed {
            Some(InflateError::Ratio)
        } else {
            None
        };
        if refused.is_some() {
            self.refused = refused;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Kind {
    Identity(Sink),
    Gzip(flate2::write::MultiGzDecoder<Sink>),
    /// Deflate before its first bytes have told which.
    Undecided(Sink),
    Deflate(Box<DeflateState>),
    Brotli(Box<brotli_decompressor::writer::DecompressorWriter<Sink>>),
    Zstd(Box<ZstdState>),
}

/// Not flate2's own writer, which takes a stream without its checksum for a whole one.
struct DeflateState {
    decoder: Decompress,
    sink: Sink,
    complete: bool,
}

struct ZstdState {
    decoder: ZstdDecoder<'static>,
    sink: Sink,
    /// Whether the last frame is complete.
    complete: bool,
}

/// Inflates a body as it comes.
pub struct Inflater(Option<Kind>);

impl std::fmt::Debug for Inflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflater").finish_non_exhaustive()
    }
}

impl Inflater {
    /// An inflater that gives at most `cap` bytes.
    ///
    /// # Errors
    /// The decoder of Zstandard cannot be made: no memory.
    pub fn new(encoding: Encoding, cap: u64) -> Result<Self, InflateError> {
        let sink = Sink { bytes: Vec::new(), total: 0, fed: 0, cap, refused: None };
        Ok(Self(Some(match encoding {
            Encoding::Identity => Kind::Identity(sink),
            Encoding::Gzip => Kind::Gzip(flate2::write::MultiGzDecoder::new(sink)),
            Encoding::Deflate => Kind::Undecided(sink),
            Encoding::Brotli => {
                Kind::Brotli(Box::new(brotli_decompressor::writer::DecompressorWriter::new(sink, STEP)))
            }
            Encoding::Zstd => {
                let mut decoder = ZstdDecoder::new().map_err(|_| InflateError::Damaged)?;
                // 8 MiB, as RFC 9659 has it for HTTP: the window is memory that the sender decides on.
                decoder
                    .set_parameter(zstd::stream::raw::DParameter::WindowLogMax(23))
                    .map_err(|_| InflateError::Damaged)?;
                Kind::Zstd(Box::new(ZstdState { decoder, sink, complete: true }))
            }
        })))
    }

    /// Takes the next bytes of the body.
    ///
    /// # Errors
    /// See [`InflateError`]; the inflater is of no more use.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), InflateError> {
        // In small steps: what one of them may inflate to is bounded, and so is the memory.
        for step in bytes.chunks(STEP) {
            self.step(step)?;
        }
        Ok(())
    }

    fn step(&mut self, bytes: &[u8]) -> Result<(), InflateError> {
        if let Some(Kind::Undecided(_)) = &self.0 {
            self.decide(bytes);
        }
        let Some(kind) = &mut self.0 else { return Err(InflateError::Damaged) };
        kind.sink().fed += bytes.len() as u64;
        let written = match kind {
            Kind::Identity(sink) | Kind::Undecided(sink) => sink.write_all(bytes),
            Kind::Gzip(decoder) => decoder.write_all(bytes),
            Kind::Deflate(state) => state.write_all(bytes),
            Kind::Brotli(decoder) => decoder.write_all(bytes),
            Kind::Zstd(state) => state.write_all(bytes),
        };
        written.map_err(|_| kind.sink().refused.take().unwrap_or(InflateError::Damaged))
    }

    fn decide(&mut self, bytes: &[u8]) {
        if let Some(Kind::Undecided(sink)) = self.0.take() {
            // Method 8 and a window of at most 32 KiB; the flags make the two bytes a multiple of 31.
            let zlib = match bytes {
                [method, flags, ..] => {
                    method & 0x8f == 0x08 && (u16::from(*method) * 256 + u16::from(*flags)) % 31 == 0
                }
                _ => true,
            };
            self.0 =
                Some(Kind::Deflate(Box::new(DeflateState { decoder: Decompress::new(zlib), sink, complete: false })));
        }
    }

    /// What has come out since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        self.0.as_mut().map(|kind| std::mem::take(&mut kind.sink().bytes)).unwrap_or_default()
    }

    /// Tells the end of the body, and gives the rest.
    ///
    /// # Errors
    /// See [`InflateError`].
    pub fn finish(mut self) -> Result<Vec<u8>, InflateError> {
        let Some(mut kind) = self.0.take() else { return Err(InflateError::Damaged) };
        if kind.sink().fed == 0 {
            // An empty body is empty in every encoding.
            return Ok(Vec::new());
        }
        let ended = match &mut kind {
            Kind::Identity(_) | Kind::Undecided(_) => Ok(()),
            Kind::Gzip(decoder) => decoder.try_finish(),
            Kind::Brotli(decoder) => decoder.close(),
            Kind::Deflate(state) if state.complete => Ok(()),
            Kind::Zstd(state) if state.complete => Ok(()),
            Kind::Deflate(_) | Kind::Zstd(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        };
        let sink = kind.sink();
        ended.map_err(|_| sink.refused.take().unwrap_or(InflateError::Damaged))?;
        Ok(std::mem::take(&mut sink.bytes))
    }
}

impl Kind {
    fn sink(&mut self) -> &mut Sink {
        match self {
            Self::Identity(sink) | Self::Undecided(sink) => sink,
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Deflate(state) => &mut state.sink,
            Self::Brotli(decoder) => decoder.get_mut(),
            Self::Zstd(state) => &mut state.sink,
        }
    }
}

impl DeflateState {
    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let mut scratch = [0_u8; 16 * 1024];
        // What follows the end of the stream is not part of it.
        while !self.complete {
            let (read, written) = (self.decoder.total_in(), self.decoder.total_out());
            let status = self.decoder.decompress(bytes, &mut scratch, FlushDecompress::None)?;
            let taken = usize::try_from(self.decoder.total_in() - read).unwrap_or(usize::MAX);
            let given = usize::try_from(self.decoder.total_out() - written).unwrap_or(usize::MAX);
            self.sink.write_all(scratch.get(..given).unwrap_or_default())?;
            bytes = bytes.get(taken..).unwrap_or_default();
            self.complete = status == Status::StreamEnd;
            // A full buffer may hide more that is ready.
            if bytes.is_empty() && given < scratch.len() || taken == 0 && given == 0 {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl ZstdState {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut input = InBuffer::around(bytes);
        let mut scratch = [0_u8; 16 * 1024];
        loop {
            let mut output = OutBuffer::around(scratch.as_mut_slice());
            let remaining = self.decoder.run(&mut input, &mut output)?;
            let written = output.as_slice().len();
            self.sink.write_all(output.as_slice())?;
            self.complete = remaining == 0;
            // A full buffer may hide more that is ready.
            if input.pos() >= bytes.len() && written < scratch.len() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests;
