//! What is kept of an index for one file: which symbols it defines, and which it uses where.
//!
//! Symbols are kept as hashes, so that a repository's table is small. Together with the facts of all other files this says
//! what every reference means, without reading the index again.

use serde::{Deserialize, Serialize};

use crate::syntax::{Said, links::Role};

/// What an index says of one file. Entities are meant by their index in [`crate::facts::FileFacts::entities`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexFacts {
    /// Symbols that the file defines, ordered by hash.
    pub definitions: Vec<SymbolDefinition>,
    /// Packages that the others refer to by index.
    pub packages: Vec<PackageName>,
    /// The packages that it defines symbols of.
    pub own_packages: Vec<u32>,
    /// Symbols that it refers to.
    pub references: Vec<SymbolReference>,
    /// What its entities implement, extend or override.
    pub implementations: Vec<Implementation>,
    /// Names of members that have no entity.
    pub names: Vec<String>,
    /// Entities that the syntax tree has.
    pub entities: u32,
    /// Those of them that the index defines too.
    pub joined: u32,
    /// References to parts of the definition that they stand in.
    pub own_scope: u32,
    /// Whether there was no syntax tree, so that what is done with a symbol is a guess.
    pub guessed: bool,
}

/// A symbol that stands for an entity, or for the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SymbolDefinition {
    /// Hash of the symbol.
    pub symbol: u64,
    /// 0 where it has a body, else 1: of several definitions of one symbol the lower one counts.
    pub rank: u8,
    /// The entity; none for the file.
    pub entity: Option<u32>,
}

/// A package as an index names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PackageName {
    /// `npm`, `python`, `gomod` ..; empty where the index has none.
    pub manager: String,
    /// Its name; empty where the index has none.
    pub name: String,
    /// The module of it that is meant, where that names it better: `os` of Python's library.
    pub module: String,
}

/// Uses of one symbol by one definition in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SymbolReference {
    /// The innermost definition around it; none at the level of the file.
    pub source: Option<u32>,
    /// What is done with it.
    pub context: Context,
    /// Hash of the symbol.
    pub symbol: u64,
    /// Hash of what the symbol belongs to; 0 where it is that itself, or belongs to nothing.
    pub base: u64,
    /// Index of its package.
    pub package: u32,
    /// What it is.
    pub form: SymbolForm,
    /// Its own name, where it may have no entity of its own, by its index in [`IndexFacts::names`].
    pub member: Option<u32>,
    /// What the syntax says of these places.
    pub said: Said,
    /// How many places that is; 0 where another reference stands at the same one and counts.
    pub sites: u32,
}

/// What a reference does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Context {
    /// Uses its target.
    Use(Role),
    /// Brings it into the file.
    Import,
    /// Hands it on.
    Reexport,
}

/// What a symbol stands for, by its last descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SymbolForm {
    /// A file or a package.
    Module,
    /// A namespace inside of a file.
    Namespace,
    /// A class, interface, enumeration or other type.
    Type,
    /// A function or method.
    Method,
    /// A variable, field, property.
    Term,
    /// A key of an object literal.
    Key,
    /// A parameter.
    Parameter,
    /// Something of one document.
    Local,
}

/// That an entity implements, extends or overrides what a symbol stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Implementation {
    /// The entity.
    pub entity: u32,
    /// Hash of the other's symbol.
    pub symbol: u64,
}
