//! Walks an index part by part, whatever its size, and goes on from where it was.
//!
//! The memory in use is one window, as large as the largest part of the file and never larger than
//! [`Limits::part_bytes`]. It grows with the bytes that have come, not with the length that the file announces.

mod block;
mod window;

use std::io::{Read, Seek};

pub use block::{Block, Part};

use crate::error::{Damage, PartKind, ReadError};
use crate::wire::{self, Source, Tag, WireError, WireFault, WireType};
use window::Window;

/// How much a reader takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest document, metadata or external symbol, in bytes. Larger ones are reported and left out.
    pub part_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { part_bytes: 512 << 20 }
    }
}

/// Reads the parts of an index in order.
///
/// ```
/// use scip_index::{IndexReader, Part};
///
/// // An index with one document, whose path is "a".
/// let bytes = [0x12, 0x03, 0x0a, 0x01, b'a'];
/// let mut reader = IndexReader::new(std::io::Cursor::new(bytes))?;
/// while let Some(part) = reader.next_part()? {
///     if let Part::Document(block) = part {
///         assert_eq!(block.document().unwrap().relative_path, "a");
///     }
/// }
/// # Ok::<(), scip_index::ReadError>(())
/// ```
#[derive(Debug)]
pub struct IndexReader<R> {
    window: Window<R>,
    limits: Limits,
    /// Where the next part begins.
    offset: u64,
    ended: bool,
}

impl<R: Read + Seek> IndexReader<R> {
    /// Begins at the start of `input`, with the default limits.
    ///
    /// # Errors
    /// When the input does not tell its length.
    pub fn new(input: R) -> Result<Self, ReadError> {
        Self::with_limits(input, Limits::default())
    }

    /// Begins at the start of `input`.
    ///
    /// # Errors
    /// When the input does not tell its length.
    pub fn with_limits(input: R, limits: Limits) -> Result<Self, ReadError> {
        Ok(Self { window: Window::new(input)?, limits, offset: 0, ended: false })
    }

    /// Where the next part begins: what to give to [`Self::resume`] to go on from here another time.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes of the whole index.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.window.length()
    }

    /// The input, wherever it stands.
    pub fn into_inner(self) -> R {
        self.window.into_inner()
    }

    /// Goes on from an offset that [`Self::offset`] or [`Block::end`] gave for the same file.
    ///
    /// # Errors
    /// When the file is shorter than that.
    pub fn resume(&mut self, offset: u64) -> Result<(), ReadError> {
        if offset > self.window.length() {
            return Err(ReadError::NoSuchOffset { offset, length: self.window.length() });
        }
        self.window.go_to(offset);
        self.offset = offset;
        self.ended = false;
        Ok(())
    }

    /// The next document, metadata, external symbol or report of a damaged one; `None` at the end. Fields that the format
    /// does not have are passed over, by seeking if they are long.
    ///
    /// # Errors
    /// When the rest of the file cannot be read. There is nothing more after that.
    pub fn next_part(&mut self) -> Result<Option<Part<'_>>, ReadError> {
        if self.ended {
            return Ok(None);
        }
        match self.find_part() {
            Ok(Some(found)) => Ok(Some(self.hand_out(found))),
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            Err(error) => {
                self.ended = true;
                Err(error)
            }
        }
    }

    fn hand_out(&self, found: Found) -> Part<'_> {
        let Found { kind, offset, body, end, error } = found;
        if let Some(error) = error {
            return Part::Damaged(Damage { part: kind, offset, end, error });
        }
        let bytes = self.window.held(body, end);
        match kind {
            PartKind::Metadata => Part::Metadata(Block::new(kind, offset, body, bytes)),
            PartKind::Document => Part::Document(Block::new(kind, offset, body, bytes)),
            PartKind::ExternalSymbol => Part::ExternalSymbol(Block::new(kind, offset, body, bytes)),
        }
    }

    /// Goes to the next part and gets its bytes into the window.
    fn find_part(&mut self) -> Result<Option<Found>, ReadError> {
        loop {
            let start = self.offset;
            self.window.begin_part(start);
            if self.window.at_end()? {
                return Ok(None);
            }
            let key = self.window.varint()?;
            let tag = Tag::parse(key).map_err(|fault| ReadError::lost(start, start, fault))?;
            let kind = match tag.field {
                1 => PartKind::Metadata,
                2 => PartKind::Document,
                3 => PartKind::ExternalSymbol,
                _ => {
                    wire::skip(&mut self.window, tag)?;
                    self.offset = self.window.at();
                    continue;
                }
            };
            let value = self.window.at();
            let mut found = Found { kind, offset: start, body: value, end: value, error: None };
            if tag.wire == WireType::Length {
                let length = self.window.varint()?;
                found.body = self.window.at();
                if length > self.limits.part_bytes {
                    self.window.advance(length)?;
                    found.error =
                        Some(WireError { offset: value, fault: WireFault::TooLarge { limit: self.limits.part_bytes } });
                } else {
                    self.window.hold(length)?;
                }
            } else {
                wire::skip(&mut self.window, tag)?;
                found.error = Some(WireError { offset: start, fault: WireFault::FieldType { field: tag.field } });
            }
            found.end = self.window.at();
            self.offset = found.end;
            return Ok(Some(found));
        }
    }
}

/// Where a part is.
struct Found {
    kind: PartKind,
    offset: u64,
    body: u64,
    end: u64,
    error: Option<WireError>,
}
