//! One part of an index, as bytes in the reader's window.

use std::marker::PhantomData;

use prost::Message;

use crate::document::{DocumentView, SymbolInformation};
use crate::error::{Damage, PartKind};
use crate::proto;
use crate::wire::{Cursor, WireError, WireFault};

/// What stands at the top of an index.
#[derive(Debug, Clone)]
pub enum Part<'a> {
    /// Who made the index and where; first and once in a good one.
    Metadata(Block<'a, proto::Metadata>),
    /// A source file.
    Document(Block<'a, proto::Document>),
    /// A symbol of a package that the index does not cover.
    ExternalSymbol(Block<'a, proto::SymbolInformation>),
    /// A part that was passed over.
    Damaged(Damage),
}

/// The bytes of a part, whose message is an `M`.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a, M> {
    kind: PartKind,
    offset: u64,
    body: u64,
    bytes: &'a [u8],
    message: PhantomData<fn() -> M>,
}

impl<'a, M: Message + Default> Block<'a, M> {
    pub(super) fn new(kind: PartKind, offset: u64, body: u64, bytes: &'a [u8]) -> Self {
        Self { kind, offset, body, bytes, message: PhantomData }
    }

    /// Where the part begins in the index, with its tag.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the next part begins.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.body.saturating_add(self.bytes.len() as u64)
    }

    /// The encoded message, without tag and length.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The message as owned values. Takes several times the memory of the bytes.
    ///
    /// # Errors
    /// When it cannot be decoded.
    pub fn message(&self) -> Result<M, Damage> {
        M::decode(self.bytes)
            .map_err(|error| self.damage(WireError { offset: self.body, fault: WireFault::Decode(error.to_string()) }))
    }

    /// The report for an error that an iterator over this part gave.
    #[must_use]
    pub fn damage(&self, error: WireError) -> Damage {
        Damage { part: self.kind, offset: self.offset, end: self.end(), error }
    }
}

impl<'a> Block<'a, proto::Document> {
    /// The document where it stands, each of its things checked when it is looked at.
    ///
    /// # Errors
    /// When the fields of the document itself cannot be followed.
    pub fn document(&self) -> Result<DocumentView<'a>, Damage> {
        DocumentView::new(self.bytes, self.body).map_err(|error| self.damage(error))
    }

    /// The document where it stands, all of it checked: none of its iterators fails.
    ///
    /// # Errors
    /// When anything in the document cannot be decoded.
    pub fn checked_document(&self) -> Result<DocumentView<'a>, Damage> {
        let document = self.document()?;
        document.check().map_err(|error| self.damage(error))?;
        Ok(document)
    }
}

impl<'a> Block<'a, proto::SymbolInformation> {
    /// The symbol where it stands, all of it checked: none of its iterators fails.
    ///
    /// # Errors
    /// When anything in it cannot be decoded.
    pub fn symbol(&self) -> Result<SymbolInformation<'a>, Damage> {
        let read = || {
            let symbol = SymbolInformation::parse(Cursor::new(self.bytes, self.body))?;
            symbol.check().map(|()| symbol)
        };
        read().map_err(|error| self.damage(error))
    }
}
