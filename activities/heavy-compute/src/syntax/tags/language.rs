//! What the languages differ in beyond their queries.

use super::super::grammar::Grammar;

/// A language whose definitions are found by a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Language {
    Rust,
    Java,
    C,
    Cpp,
    CSharp,
    Php,
    Ruby,
}

impl Language {
    /// The language behind a grammar, if a query reads it.
    pub(in super::super) fn of(grammar: Grammar) -> Option<Self> {
        match grammar {
            Grammar::Rust => Some(Self::Rust),
            Grammar::Java => Some(Self::Java),
            Grammar::C => Some(Self::C),
            Grammar::Cpp => Some(Self::Cpp),
            Grammar::CSharp => Some(Self::CSharp),
            Grammar::Php => Some(Self::Php),
            Grammar::Ruby => Some(Self::Ruby),
            _ => None,
        }
    }

    #[cfg(test)]
    pub(super) const ALL: [Self; 7] = [Self::Rust, Self::Java, Self::C, Self::Cpp, Self::CSharp, Self::Php, Self::Ruby];

    pub(super) fn grammar(self) -> Grammar {
        match self {
            Self::Rust => Grammar::Rust,
            Self::Java => Grammar::Java,
            Self::C => Grammar::C,
            Self::Cpp => Grammar::Cpp,
            Self::CSharp => Grammar::CSharp,
            Self::Php => Grammar::Php,
            Self::Ruby => Grammar::Ruby,
        }
    }

    pub(super) fn query(self) -> &'static str {
        match self {
            Self::Rust => include_str!("queries/rust.scm"),
            Self::Java => include_str!("queries/java.scm"),
            Self::C => include_str!("queries/c.scm"),
            Self::Cpp => concat!(include_str!("queries/c.scm"), include_str!("queries/cpp.scm")),
            Self::CSharp => include_str!("queries/csharp.scm"),
            Self::Php => include_str!("queries/php.scm"),
            Self::Ruby => include_str!("queries/ruby.scm"),
        }
    }

    /// What stands before the name in the signature of a function.
    pub(super) fn function_prefix(self) -> &'static str {
        if self == Self::Rust { "fn " } else { "" }
    }

    /// Whether any comment right before a definition documents it, because no form of comment is set aside for that.
    pub(super) fn any_comment_documents(self) -> bool {
        matches!(self, Self::C | Self::Cpp | Self::Ruby)
    }

    /// Whether a call without a receiver can mean a method of the class around it.
    pub(super) fn bare_calls_reach_methods(self) -> bool {
        matches!(self, Self::Java | Self::Cpp | Self::CSharp | Self::Ruby)
    }

    /// Whether functions directly in a module are its methods.
    pub(super) fn modules_own_methods(self) -> bool {
        self == Self::Ruby
    }

    pub(super) fn has_async(self) -> bool {
        matches!(self, Self::Rust | Self::CSharp)
    }

    /// Words for the object or type that the method belongs to.
    pub(super) fn is_self(self, receiver: &[u8]) -> bool {
        match self {
            Self::Rust => matches!(receiver, b"self" | b"Self"),
            Self::Java | Self::CSharp => receiver == b"this",
            Self::Cpp => matches!(receiver, b"this" | b"(*this)"),
            Self::Php => matches!(receiver, b"$this" | b"self" | b"static"),
            Self::Ruby => receiver == b"self",
            Self::C => false,
        }
    }
}
