//! What a graph can be asked.

use crate::{document::EntityKind, error::StoreResult, store::Repository};

/// How the names of entities are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// The name is this, byte by byte.
    Exact,
    /// The name begins with this; `A` to `Z` are the same as `a` to `z`.
    Prefix,
}

/// Which entities [`crate::GraphStore::find`] looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Find<'a> {
    /// Their name, or how it begins.
    pub name: &'a str,
    /// Which of the two.
    pub matching: Matching,
    /// Of this kind only.
    pub kind: Option<EntityKind>,
    /// Of this repository only.
    pub repository: Option<&'a Repository>,
}

/// Which edges of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Those that start in it.
    Out,
    /// Those that point to it.
    In,
}

/// In which order [`crate::GraphStore::scan`] goes through the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By (collection, key), entities and edges mixed as the names of their collections are.
    Collection,
    /// The same, all entities before all edges.
    EntitiesFirst,
}

/// A document as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored<'a> {
    /// Its collection.
    pub collection: &'a str,
    /// Whether it is an edge.
    pub is_edge: bool,
    /// Its fields, one object in one line, ordered as they are in [`crate::EntityDocument`] and [`crate::EdgeDocument`].
    pub json: &'a str,
}

/// Gets one document after the other. An error ends the scan.
pub type Visit<'a> = dyn FnMut(Stored<'_>) -> StoreResult<()> + 'a;
