//! What is remembered of a file besides its documents: enough to say what its names mean in other files, and what names of
//! other files mean in it, without parsing it again. Stored in the bookkeeping, never exported.

use graph_store::{EntityDocument, EntityKind};
use serde::{Deserialize, Serialize};

use crate::{
    scip::{Joined, facts::IndexFacts},
    syntax::{FileSyntax, links::Links},
};

/// Changes whenever [`FileFacts`] is written in another way; goes into the extractor's name, so that files are made anew.
pub(crate) const FORMAT: &str = "facts-2";

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
    /// What an index says of the file, if one covers it.
    pub index: Option<Box<IndexFacts>>,
}

impl FileFacts {
    /// Facts of a file. `documents` are those of its entities: what the tree defines, then what only an index knows.
    pub fn new(syntax: Option<&FileSyntax>, joined: Option<&Joined>, documents: &[EntityDocument]) -> Self {
        let of_tree = syntax.iter().flat_map(|syntax| syntax.entities.iter());
        let parents = of_tree.map(|definition| definition.parent.and_then(|parent| u32::try_from(parent).ok()));
        let of_index = joined.iter().flat_map(|joined| joined.entities.iter()).map(|entity| entity.parent);
        let entities = parents.chain(of_index).zip(documents).map(|(parent, document)| EntityFact {
            kind: document.kind,
            key: key_number(&document.key),
            name: document.name.clone(),
            parent,
        });
        Self {
            entities: entities.collect(),
            links: syntax.map(|syntax| syntax.links.clone()).unwrap_or_default(),
            index: joined.map(|joined| Box::new(joined.facts.clone())),
        }
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
