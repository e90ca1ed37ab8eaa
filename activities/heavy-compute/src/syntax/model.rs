//! What the extraction hands out: definitions and their places in the file.

use std::borrow::Cow;
use std::fmt;

use super::links::{Links, Role, Unresolved};
use super::text::lossy;

/// What a definition is; [`Kind::as_str`] is the word that goes into its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A class, also one written as an expression.
    Class,
    /// A structure or union.
    Struct,
    /// A trait.
    Trait,
    /// An interface; merged declarations are one.
    Interface,
    /// A type alias, or a Go type that is neither struct nor interface.
    Type,
    /// An enumeration.
    Enum,
    /// A function, or a constant that holds one.
    Function,
    /// A function of a class, an interface, an object literal or a Go type.
    Method,
    /// A variable or constant of the module or package.
    Variable,
    /// A namespace, an ambient module or `declare global`.
    Namespace,
    /// A module inside of a file.
    Module,
    /// A field or attribute: only with [`Options::include_members`].
    Property,
    /// A member of an enumeration: only with [`Options::include_members`].
    Constant,
}

impl Kind {
    /// The word for this kind in keys and documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Struct => "struct",
            Self::Trait => "trait",
            Self::Interface => "interface",
            Self::Type => "type",
            Self::Enum => "enum",
            Self::Function => "function",
            Self::Method => "method",
            Self::Variable => "variable",
            Self::Namespace => "namespace",
            Self::Module => "module",
            Self::Property => "property",
            Self::Constant => "constant",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What to extract beyond the base set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Fields, attributes and enumeration members become definitions of their own. The other definitions, their
    /// keys and the calls are the same with and without them.
    pub include_members: bool,
    /// Tell the places of uses and statements too ([`FileSyntax::sites`], [`FileSyntax::statements`]).
    pub places: bool,
}

/// A further place of a definition that was folded into one: an overload head, a merged declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First line, from 1.
    pub start_line: u32,
    /// Last line, inclusive.
    pub end_line: u32,
    /// Byte offset of the name token.
    pub name_byte: Option<u32>,
}

/// One entity of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// What it is.
    pub kind: Kind,
    /// The simple name.
    pub name: String,
    /// The signature that goes into the key, after the tie-breaker: no two definitions of one file share kind, name
    /// and signature.
    pub signature: Option<String>,
    /// First line, from 1; decorators and `export` belong to the definition.
    pub start_line: u32,
    /// Last line, inclusive.
    pub end_line: u32,
    /// Offset of the first byte.
    pub start_byte: u32,
    /// Offset after the last byte.
    pub end_byte: u32,
    /// Byte offset of the name token, which is where an index places the symbol; none for anonymous default exports and
    /// `declare global`.
    pub name_byte: Option<u32>,
    /// Whether other files can name it.
    pub exported: bool,
    /// The documentation comment or docstring, cleaned.
    pub doc: Option<String>,
    /// Index of the enclosing definition, always smaller than the index of this one.
    pub parent: Option<usize>,
    /// Whether it is `async`: functions and methods only.
    pub is_async: Option<bool>,
    /// Parameters a caller passes: without `this`, `self` and `cls`.
    pub parameter_count: Option<u32>,
    /// The annotated return type as written, white space collapsed.
    pub return_type: Option<String>,
    /// Cyclomatic complexity of the body, nested functions left out.
    pub complexity: Option<u32>,
    /// Overload heads and merged declarations that were folded into this definition.
    pub also: Vec<Place>,
}

impl Definition {
    /// The text of the whole definition in the source it was extracted from.
    ///
    /// A view rather than a copy: bodies of nested definitions overlap, so copies would grow with the square of the
    /// nesting.
    #[must_use]
    pub fn body<'s>(&self, source: &'s [u8]) -> Cow<'s, str> {
        lossy(source, self.start_byte, self.end_byte)
    }
}

/// One place where a name is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// Byte offset of the name: of the last one in `a.b.c`.
    pub at: u32,
    /// The definition that uses it; none at the level of the file.
    pub source: Option<u32>,
    /// What is done with it.
    pub role: Role,
    /// What became of it in [`FileSyntax::links`].
    pub said: Said,
}

/// What the syntax says of the name at a [`Site`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Said {
    /// Index of its use in [`Links::uses`].
    Use(u32),
    /// It is one of the calls in [`Links::unresolved`].
    Unresolved(Unresolved),
    /// Nothing: a local value, or a name of the language.
    Nothing,
}

/// A statement that brings names in or hands them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// What it does.
    pub form: StatementForm,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

/// What a [`Statement`] does with names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementForm {
    /// Brings names of another module in.
    Import,
    /// Hands names of another module on: `export .. from`.
    Reexport,
    /// Hands names of this file out.
    Export,
}

/// What one source file contains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSyntax {
    /// Definitions, in the order of the source but for those that only show at its end; parents come before what they
    /// enclose.
    pub entities: Vec<Definition>,
    /// What it uses, imports and exports.
    pub links: Links,
    /// Where names are used, ordered by place. A place can be in two of them: `x` of `x += 1`.
    pub sites: Vec<Site>,
    /// Statements that import and export names, ordered by place.
    pub statements: Vec<Statement>,
    /// Whether the grammar still reports errors after the work-arounds; what could be read is there all the same.
    pub has_errors: bool,
}

/// Why nothing was extracted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller asked to stop.
    #[error("extraction was cancelled")]
    Cancelled,
    /// Offsets are kept in 32 bits.
    #[error("source is larger than 4 GiB")]
    TooLarge,
    /// The grammar was built for another version of the parser library.
    #[error("grammar cannot be loaded: {0}")]
    Grammar(#[from] tree_sitter::LanguageError),
    /// A query names what the grammar does not have.
    #[error("query does not fit its grammar: {0}")]
    Query(String),
}
