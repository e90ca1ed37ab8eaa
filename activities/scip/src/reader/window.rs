//! The piece of a file that is in memory.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use crate::error::ReadError;
use crate::wire::{Source, WireFault, varint_step};

/// Bytes read at once, and the size that the window goes back to after a large part.
const CHUNK: usize = 256 << 10;

/// A file with a window on it. `at` is where the next byte is taken; the window begins at or before it.
#[derive(Debug)]
pub(super) struct Window<R> {
    input: R,
    /// Where the input stands, if that is known.
    input_at: Option<u64>,
    length: u64,
    /// All of it is memory that may be filled; `filled` bytes are.
    buffer: Vec<u8>,
    filled: usize,
    /// Where the window begins in the file.
    start: u64,
    at: u64,
    /// Where the part begins that is being read: what errors name.
    part: u64,
}

impl<R: Read + Seek> Window<R> {
    pub(super) fn new(mut input: R) -> Result<Self, ReadError> {
        let length = input.seek(SeekFrom::End(0)).map_err(|source| ReadError::Io { offset: 0, source })?;
        let input_at = Some(length);
        Ok(Self { input, input_at, length, buffer: Vec::new(), filled: 0, start: 0, at: 0, part: 0 })
    }

    pub(super) fn into_inner(self) -> R {
        self.input
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn go_to(&mut self, offset: u64) {
        self.at = offset;
        if offset < self.start || offset > self.start.saturating_add(self.filled as u64) {
            self.start = offset;
            self.filled = 0;
        }
    }

    /// From here on errors name this part.
    pub(super) fn begin_part(&mut self, offset: u64) {
        self.part = offset;
    }

    fn left(&self) -> u64 {
        self.length.saturating_sub(self.at)
    }

    /// Bytes of the window that come before `at`.
    fn passed(&self) -> usize {
        usize::try_from(self.at.saturating_sub(self.start)).map_or(self.filled, |passed| passed.min(self.filled))
    }

    #[cold]
    fn truncated(&self, needed: u64) -> ReadError {
        ReadError::Truncated { offset: self.part, needed, left: self.left() }
    }

    /// True when no byte is left.
    pub(super) fn at_end(&mut self) -> Result<bool, ReadError> {
        Ok(self.left() == 0 || self.peek()?.is_none())
    }

    /// The next byte, which stays.
    #[inline]
    fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        if self.passed() == self.filled && self.fill()? == 0 {
            return Ok(None);
        }
        Ok(self.buffer.get(..self.filled).and_then(|held| held.get(self.passed())).copied())
    }

    /// Gets `length` bytes into the window and goes behind them; [`Self::held`] has them until the next call.
    pub(super) fn hold(&mut self, length: u64) -> Result<(), ReadError> {
        let (true, Ok(needed)) = (length <= self.left(), usize::try_from(length)) else {
            return Err(self.truncated(length));
        };
        while self.filled - self.passed() < needed {
            if self.fill()? == 0 {
                return Err(self.truncated(length));
            }
        }
        self.at = self.at.saturating_add(length);
        Ok(())
    }

    /// Bytes that [`Self::hold`] got.
    pub(super) fn held(&self, from: u64, to: u64) -> &[u8] {
        let place = |at: u64| at.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        let (Some(from), Some(to)) = (place(from), place(to)) else { return &[] };
        self.buffer.get(..self.filled).and_then(|held| held.get(from..to)).unwrap_or_default()
    }

    /// Reads more behind what is held and tells how many bytes came. What was passed is dropped first.
    fn fill(&mut self) -> Result<usize, ReadError> {
        let passed = self.passed();
        if passed > 0 {
            self.buffer.copy_within(passed..self.filled, 0);
        }
        self.filled -= passed;
        self.start = self.at;
        if self.filled < CHUNK && self.buffer.len() > CHUNK {
            self.buffer.truncate(CHUNK);
            self.buffer.shrink_to_fit();
        }
        // Doubling only when the whole buffer holds bytes that came: a length alone gets no memory.
        if self.filled == self.buffer.len() {
            let left = usize::try_from(self.left()).unwrap_or(usize::MAX);
            self.buffer.resize((self.filled * 2).max(CHUNK).min(left), 0);
        }
        let end = self.start.saturating_add(self.filled as u64);
        let failed = |source| ReadError::Io { offset: end, source };
        if self.input_at != Some(end) {
            self.input_at = None;
            self.input.seek(SeekFrom::Start(end)).map_err(failed)?;
        }
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let came = loop {
            match self.input.read(room) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other.map_err(failed)?,
            }
        };
        self.input_at = Some(end.saturating_add(came as u64));
        self.filled += came;
        Ok(came)
    }
}

impl<R: Read + Seek> Source for Window<R> {
    type Error = ReadError;

    fn varint(&mut self) -> Result<u64, ReadError> {
        let mut value = 0;
        for index in 0.. {
            let Some(byte) = self.peek()? else { return Err(self.truncated(1)) };
            let last = varint_step(&mut value, index, byte).map_err(|fault| self.fault(fault))?;
            self.at = self.at.saturating_add(1);
            if last {
                break;
            }
        }
        Ok(value)
    }

    /// Passes bytes without reading those that are not held.
    fn advance(&mut self, bytes: u64) -> Result<(), ReadError> {
        if bytes > self.left() {
            return Err(self.truncated(bytes));
        }
        self.go_to(self.at.saturating_add(bytes));
        Ok(())
    }

    fn fault(&self, fault: WireFault) -> ReadError {
        ReadError::lost(self.part, self.at, fault)
    }
}
