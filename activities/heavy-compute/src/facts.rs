//! What is remembered of a file besides its documents: enough to say what its names mean in other files, and what names of
//! other files mean in it, without parsing it again. Stored in the bookkeeping, never exported.

use graph_store::{EntityDocument, EntityKind};
use serde::{Deserialize, Serialize};

use crate::syntax::{FileSyntax, links::Links};

/// Changes whenever [`FileFacts`] is written in another way; goes into the extractor's name, so that files are made anew.
pub(crate) const FORMAT: &str = "facts-1";

/// An entity as links see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityFact {
    /// What it is.
    pub kind: EntityKind,
    /// Its key as a number.
    pub key: u64,
    /// Its simple name.
    pub name: String,
    /// Index of what encloses it.
    pub parent: Option<u32>,
}

/// The facts of one file. Entities are in the order of [`FileSyntax::entities`], so that indexes fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// What the file defines, its own entity left out.
    pub entities: Vec<EntityFact>,
    /// What it says of names.
    pub links: Links,
}

impl FileFacts {
    /// Facts of a parsed file. `documents` are those of its definitions, in their order.
    pub fn new(syntax: &FileSyntax, documents: &[EntityDocument]) -> Self {
        let entities = syntax.entities.iter().zip(documents).map(|(definition, document)| EntityFact {
            kind: document.kind,
            key: key_number(&document.key),
            name: document.name.clone(),
            parent: definition.parent.and_then(|parent| u32::try_from(parent).ok()),
        });
        Self { entities: entities.collect(), links: syntax.links.clone() }
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Plain data without maps or unsized parts always encodes.
        postcard::to_stdvec(self).unwrap_or_default()
    }

    /// Reads the stored form; nothing if it is not of this version.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

/// A key of 16 hexadecimal digits as a number.
pub(crate) fn key_number(key: &str) -> u64 {
    u64::from_str_radix(key, 16).unwrap_or_default()
}
