//! A packed file as lines: unpacked as it is read, with a bound on what one line takes.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek},
};

use sha2::{Digest, Sha256};

use super::Format;

const BUFFER: usize = 64 * 1024;

/// Log of the largest window of zstd that is unpacked, 16 MiB: the memory that a file may ask for.
const WINDOW_LOG: u32 = 24;

/// Hash of a file, in hexadecimal, and its length. `proceed` is asked every quarter of a megabyte; `None` when it says no.
pub(super) fn hash(mut file: &File, mut proceed: impl FnMut() -> bool) -> io::Result<Option<(String, u64)>> {
    file.rewind()?;
    let (mut hash, mut buffer, mut bytes) = (Sha256::new(), vec![0; 4 * BUFFER], 0_u64);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Some((hex::encode(hash.finalize()), bytes))),
            Ok(count) => {
                hash.update(buffer.get(..count).unwrap_or_default());
                bytes += u64::try_from(count).unwrap_or_default();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if !proceed() {
            return Ok(None);
        }
    }
}

/// What is packed in the first `bytes` of a file: one that grows meanwhile is read as far as it was when it was hashed.
pub(crate) fn unpacked(mut file: &File, bytes: u64, format: Format) -> io::Result<Box<dyn BufRead>> {
    file.rewind()?;
    let mut reader = BufReader::with_capacity(BUFFER, file.try_clone()?.take(bytes));
    let format = match format {
        Format::Auto => match reader.fill_buf()? {
            [0x1f, 0x8b, ..] => Format::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Format::Zstd,
            _ => Format::Plain,
        },
        told => told,
    };
    Ok(match format {
        Format::Gzip => Box::new(BufReader::with_capacity(BUFFER, flate2::bufread::MultiGzDecoder::new(reader))),
        Format::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(reader)?;
            decoder.window_log_max(WINDOW_LOG)?;
            Box::new(BufReader::with_capacity(BUFFER, decoder))
        }
        Format::Plain | Format::Auto => Box::new(reader),
    })
}

/// A line of any bytes.
pub(super) enum Line<'a> {
    Whole(&'a [u8]),
    /// Longer than allowed; its beginning.
    TooLong(&'a [u8]),
}

/// Bytes that are left out between two looks at whether to go on.
const LOOK: u64 = 4 << 20;

/// How leaving out ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skipped {
    All,
    /// There were fewer bytes.
    TooShort,
    Stopped,
}

/// Lines one after the other.
pub(super) struct Lines<R> {
    reader: R,
    line: Vec<u8>,
    longest: usize,
    /// Bytes of unpacked text that were read.
    pub(super) offset: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R, longest: usize) -> Self {
        Self { reader, line: Vec::new(), longest, offset: 0 }
    }

    /// Leaves out so many bytes, while `proceed` says so; whether there were as many.
    pub(super) fn skip(&mut self, bytes: u64, mut proceed: impl FnMut() -> bool) -> io::Result<Skipped> {
        let mut looked = 0;
        while self.offset < bytes {
            if self.offset >= looked {
                looked = self.offset + LOOK;
                if !proceed() {
                    return Ok(Skipped::Stopped);
                }
            }
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(Skipped::TooShort);
            }
            let used = usize::try_from(bytes - self.offset).unwrap_or(usize::MAX).min(buffer.len());
            self.consume(used);
        }
        Ok(Skipped::All)
    }

    fn consume(&mut self, used: usize) {
        self.reader.consume(used);
        self.offset += u64::try_from(used).unwrap_or_default();
    }

    /// The next line, without its end; `None` behind the last.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        self.line.shrink_to(BUFFER);
        let (mut too_long, mut any) = (false, false);
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                break;
            }
            any = true;
            let end = memchr::memchr(b'\n', buffer);
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            let room = self.longest.saturating_sub(self.line.len());
            too_long |= part.len() > room;
            self.line.extend_from_slice(part.get(..part.len().min(room)).unwrap_or_default());
            let used = part.len() + usize::from(end.is_some());
            self.consume(used);
            if end.is_some() {
                break;
            }
        }
        Ok(any.then_some(if too_long { Line::TooLong(&self.line) } else { Line::Whole(&self.line) }))
    }
}
