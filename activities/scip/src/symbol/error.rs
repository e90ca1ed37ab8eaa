//! Where a symbol string leaves the grammar.

use thiserror::Error;

/// Where a symbol string leaves the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("at byte {offset} of the symbol: {fault}")]
pub struct SymbolError {
    /// Bytes from the start of the string.
    pub offset: usize,
    /// What is wrong there.
    pub fault: SymbolFault,
}

/// What is wrong with a symbol string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SymbolFault {
    /// An empty scheme, or one that looks like a local symbol.
    #[error("a scheme is not empty and does not begin with `local`")]
    Scheme,
    /// The string ends before the descriptors.
    #[error("scheme, manager, package name and version, each with a blank behind it, must come first")]
    Fields,
    /// Nothing behind the package.
    #[error("a symbol has at least one descriptor")]
    NoDescriptor,
    /// What follows `local ` is no name.
    #[error("a local symbol has a name of letters, digits, _, +, - and $")]
    LocalId,
    /// No name where one must be.
    #[error("a name is missing")]
    NoName,
    /// A backtick without its partner.
    #[error("a backtick is not closed")]
    OpenBacktick,
    /// A name without one of the suffixes.
    #[error("a name is followed by one of / # . : ! or (")]
    Suffix,
    /// A method that does not end with `).`.
    #[error("a method ends with `).`")]
    Method,
    /// A type parameter without `]`.
    #[error("a type parameter ends with `]`")]
    TypeParameter,
    /// A parameter without `)`.
    #[error("a parameter ends with `)`")]
    Parameter,
}
