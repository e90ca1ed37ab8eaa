//! What an index knows of a symbol, beside the places where it stands.

use super::{Repeated, Text};
use crate::wire::{Cursor, WireError};

/// How one symbol stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Relationship<'a> {
    /// The other symbol.
    pub symbol: &'a str,
    /// References to the other are references to this one too.
    pub is_reference: bool,
    /// This one implements or extends the other.
    pub is_implementation: bool,
    /// The other is the type of this one.
    pub is_type_definition: bool,
    /// The other is where this one is defined.
    pub is_definition: bool,
}

impl<'a> Relationship<'a> {
    fn parse(mut fields: Cursor<'a>) -> Result<Self, WireError> {
        let mut found = Self::default();
        while let Some(field) = fields.field()? {
            match field.number {
                1 => found.symbol = field.text()?,
                2 => found.is_reference = field.varint()? != 0,
                3 => found.is_implementation = field.varint()? != 0,
                4 => found.is_type_definition = field.varint()? != 0,
                5 => found.is_definition = field.varint()? != 0,
                _ => {}
            }
        }
        Ok(found)
    }
}

/// What an indexer knows of a symbol.
#[derive(Debug, Clone, Copy)]
pub struct SymbolInformation<'a> {
    /// The symbol string.
    pub symbol: &'a str,
    /// Number of the kind; 0 where the indexer does not tell.
    pub kind: i32,
    /// The name to show; often empty.
    pub display_name: Text<'a>,
    /// The symbol that a local one belongs to; often empty.
    pub enclosing_symbol: &'a str,
    /// Language of [`Self::signature`].
    pub signature_language: &'a str,
    /// The signature as text; often empty, then the first block of the documentation may have it.
    pub signature: Text<'a>,
    fields: Cursor<'a>,
}

impl<'a> SymbolInformation<'a> {
    pub(crate) fn parse(fields: Cursor<'a>) -> Result<Self, WireError> {
        let mut found = Self {
            symbol: "",
            kind: 0,
            display_name: Text(b""),
            enclosing_symbol: "",
            signature_language: "",
            signature: Text(b""),
            fields,
        };
        let mut fields = fields;
        while let Some(field) = fields.field()? {
            match field.number {
                1 => found.symbol = field.text()?,
                5 => found.kind = field.int32()?,
                6 => found.display_name = Text(field.raw()?),
                7 => {
                    let mut signature = field.message()?;
                    while let Some(field) = signature.field()? {
                        match field.number {
                            4 => found.signature_language = field.text()?,
                            5 => found.signature = Text(field.raw()?),
                            _ => {}
                        }
                    }
                }
                8 => found.enclosing_symbol = field.text()?,
                _ => {}
            }
        }
        Ok(found)
    }

    /// The blocks of Markdown, in order.
    pub fn documentation(&self) -> impl Iterator<Item = Result<Text<'a>, WireError>> + use<'a> {
        Repeated::new(self.fields, 3, |field| field.raw().map(Text))
    }

    /// The relationships, in order.
    pub fn relationships(&self) -> impl Iterator<Item = Result<Relationship<'a>, WireError>> + use<'a> {
        Repeated::new(self.fields, 4, |field| Relationship::parse(field.message()?))
    }

    pub(crate) fn check(&self) -> Result<(), WireError> {
        self.documentation().try_for_each(|text| text.map(drop))?;
        self.relationships().try_for_each(|other| other.map(drop))
    }
}
