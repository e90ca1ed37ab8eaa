//! What can go wrong with an index: a part of it, or the rest of the file.

use std::fmt;
use std::io;

use thiserror::Error;

use crate::wire::{WireError, WireFault};

/// The parts that an index is made of (SCIP wire format, message `Index`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// Field 1.
    Metadata,
    /// Field 2.
    Document,
    /// Field 3.
    ExternalSymbol,
}

impl fmt::Display for PartKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Metadata => "metadata",
            Self::Document => "document",
            Self::ExternalSymbol => "external symbol",
        })
    }
}

/// One part that cannot be read. Its neighbours can: the reader goes on behind it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "the {part} at bytes {offset} to {end} of the index cannot be read, {error}; it is left out. Run the indexer again if \
     it matters"
)]
pub struct Damage {
    /// What it would have been.
    pub part: PartKind,
    /// Where its tag is, in bytes from the start of the index.
    pub offset: u64,
    /// Where the next part begins.
    pub end: u64,
    /// What is wrong and where.
    pub error: WireError,
}

/// The rest of the file cannot be read. What was handed out before stands.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The system says so.
    #[error("the index cannot be read at byte {offset}: {source}; check that the file and its disk can be read")]
    Io {
        /// Where it was tried.
        offset: u64,
        /// What the system says.
        source: io::Error,
    },
    /// A part goes beyond the end of the file.
    #[error(
        "the index ends inside the part at byte {offset}: {needed} bytes are announced and {left} are left. The indexer \
         was stopped or the file was cut; run the indexer again"
    )]
    Truncated {
        /// Where the part's tag is. Everything before it is whole.
        offset: u64,
        /// Bytes that the part or its next value needs.
        needed: u64,
        /// Bytes that there are.
        left: u64,
    },
    /// Between the parts stands something that is no tag, so nothing tells where the next one begins.
    #[error(
        "the index cannot be followed beyond its part at byte {offset}, {error}; is it a SCIP file? If so, run the indexer again"
    )]
    Lost {
        /// Where the part's tag is. Everything before it is whole.
        offset: u64,
        /// What is wrong and where.
        error: WireError,
    },
    /// An offset to go on from that the file does not have.
    #[error(
        "byte {offset} is not in the index, which has {length}; it is another file than the offset comes from. Read it from its start"
    )]
    NoSuchOffset {
        /// The offset asked for.
        offset: u64,
        /// Bytes in the file.
        length: u64,
    },
}

impl ReadError {
    /// How far the index was whole, if it is the index that is wrong.
    #[must_use]
    pub fn offset(&self) -> u64 {
        match self {
            Self::Io { offset, .. }
            | Self::Truncated { offset, .. }
            | Self::Lost { offset, .. }
            | Self::NoSuchOffset { offset, .. } => *offset,
        }
    }

    pub(crate) fn lost(offset: u64, at: u64, fault: WireFault) -> Self {
        Self::Lost { offset, error: WireError { offset: at, fault } }
    }
}
