//! One document of an index, looked at where it stands in the buffer: texts are slices of it, numbers are in small arrays.
//!
//! Nothing is allocated for an occurrence. Each thing is checked when it is looked at, and one that is broken costs no other;
//! [`DocumentView::check`] looks at everything, for callers that want a document whole or not at all. The values are those that the owned messages of
//! [`crate::proto`] have (protobuf encoding: of a field given twice the last counts).

mod information;

use std::borrow::Cow;

pub use information::{Relationship, SymbolInformation};

use crate::proto::PositionEncoding;
use crate::range::RawRange;
use crate::wire::{Cursor, Field, WireError};

/// What an occurrence does with its symbol (SCIP wire format, bits of `Occurrence.symbol_roles`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Roles(pub i32);

impl Roles {
    /// The symbol is defined here.
    pub const DEFINITION: Self = Self(1);
    /// The symbol is imported here.
    pub const IMPORT: Self = Self(2);
    /// The symbol is written to.
    pub const WRITE: Self = Self(4);
    /// The symbol is read.
    pub const READ: Self = Self(8);
    /// The place is in generated code.
    pub const GENERATED: Self = Self(16);
    /// The place is in test code.
    pub const TEST: Self = Self(32);
    /// The symbol is declared here and defined elsewhere.
    pub const FORWARD_DEFINITION: Self = Self(64);

    /// Whether all bits of `roles` are set.
    #[must_use]
    pub fn has(self, roles: Self) -> bool {
        self.0 & roles.0 == roles.0
    }

    /// Whether the symbol is defined here.
    #[must_use]
    pub fn is_definition(self) -> bool {
        self.has(Self::DEFINITION)
    }
}

/// Text for people. Mostly UTF-8; indexers written in JavaScript put lone surrogates there, which are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Text<'a>(pub &'a [u8]);

impl<'a> Text<'a> {
    /// The text, with U+FFFD for what is not UTF-8.
    #[must_use]
    pub fn lossy(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

/// A symbol at a place in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence<'a> {
    /// Where the name stands.
    pub range: RawRange,
    /// The symbol string; empty for an occurrence that only has highlighting or diagnostics.
    pub symbol: &'a str,
    /// What it does.
    pub roles: Roles,
    /// Number of the syntax kind, for highlighting.
    pub syntax_kind: i32,
    /// The whole syntax node, if the indexer tells.
    pub enclosing_range: RawRange,
}

impl<'a> Occurrence<'a> {
    #[inline]
    fn parse(mut fields: Cursor<'a>) -> Result<Self, WireError> {
        let mut found = Self {
            range: RawRange::default(),
            symbol: "",
            roles: Roles::default(),
            syntax_kind: 0,
            enclosing_range: RawRange::default(),
        };
        while let Some(field) = fields.field()? {
            match field.number {
                1 => field.int32s(|number| found.range.push(number))?,
                2 => found.symbol = field.text()?,
                3 => found.roles = Roles(field.int32()?),
                4 => {
                    field.raw()?;
                }
                5 => found.syntax_kind = field.int32()?,
                6 => check_diagnostic(field.message()?)?,
                7 => field.int32s(|number| found.enclosing_range.push(number))?,
                _ => {}
            }
        }
        Ok(found)
    }
}

/// Diagnostics are not handed out here, but a document with a broken one is broken.
fn check_diagnostic(mut fields: Cursor<'_>) -> Result<(), WireError> {
    while let Some(field) = fields.field()? {
        match field.number {
            1 => {
                field.int32()?;
            }
            2..=4 => {
                field.raw()?;
            }
            5 => field.int32s(|_| {})?,
            _ => {}
        }
    }
    Ok(())
}

/// A document where it stands. Reading it again and again costs no memory.
#[derive(Debug, Clone, Copy)]
pub struct DocumentView<'a> {
    /// From the root of the project; not trusted, see [`crate::path::check`].
    pub relative_path: &'a str,
    /// The language, if the indexer tells.
    pub language: &'a str,
    /// The source text, if the indexer put it in.
    pub text: Text<'a>,
    /// Number of [`PositionEncoding`]; see [`crate::position::Encoding::of`].
    pub position_encoding: i32,
    fields: Cursor<'a>,
}

impl<'a> DocumentView<'a> {
    /// Looks at the encoding of one `Document`. `offset` is where `bytes` begin in the index.
    ///
    /// # Errors
    /// When the fields of the document itself are no protobuf. Its occurrences and symbols are not looked into yet.
    pub fn new(bytes: &'a [u8], offset: u64) -> Result<Self, WireError> {
        let fields = Cursor::new(bytes, offset);
        let mut found = Self {
            relative_path: "",
            language: "",
            text: Text(b""),
            position_encoding: PositionEncoding::Unspecified.into(),
            fields,
        };
        let mut fields = fields;
        while let Some(field) = fields.field()? {
            match field.number {
                1 => found.relative_path = field.text()?,
                2 | 3 => {
                    field.message()?;
                }
                4 => found.language = field.text()?,
                5 => found.text = Text(field.raw()?),
                6 => found.position_encoding = field.int32()?,
                _ => {}
            }
        }
        Ok(found)
    }

    /// The occurrences, in the order of the index. An error stands for one that cannot be read; the others follow.
    pub fn occurrences(&self) -> impl Iterator<Item = Result<Occurrence<'a>, WireError>> + use<'a> {
        Repeated::new(self.fields, 2, |field| Occurrence::parse(field.message()?))
    }

    /// What is known of the symbols of this document, in the order of the index. An error stands for one that cannot be
    /// read; the others follow.
    pub fn symbols(&self) -> impl Iterator<Item = Result<SymbolInformation<'a>, WireError>> + use<'a> {
        Repeated::new(self.fields, 3, |field| SymbolInformation::parse(field.message()?))
    }

    /// Looks at everything once, so that no iterator of this document fails afterwards.
    ///
    /// # Errors
    /// The first thing that is no protobuf of a document.
    pub fn check(&self) -> Result<(), WireError> {
        self.occurrences().try_for_each(|occurrence| occurrence.map(drop))?;
        self.symbols().try_for_each(|symbol| symbol?.check())
    }
}

/// The values of one repeated field of a message.
struct Repeated<'a, F> {
    fields: Cursor<'a>,
    number: u32,
    parse: F,
    failed: bool,
}

impl<'a, F> Repeated<'a, F> {
    fn new<T>(fields: Cursor<'a>, number: u32, parse: F) -> Self
    where
        F: Fn(Field<'a>) -> Result<T, WireError>,
    {
        Self { fields, number, parse, failed: false }
    }
}

impl<'a, T, F: Fn(Field<'a>) -> Result<T, WireError>> Iterator for Repeated<'a, F> {
    type Item = Result<T, WireError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while !self.failed {
            match self.fields.field() {
                Ok(None) => return None,
                Ok(Some(field)) if field.number != self.number => {}
                Ok(Some(field)) => return Some((self.parse)(field)),
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
