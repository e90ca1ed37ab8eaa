//! One thing that is wrong.

use std::fmt;

use crate::range::Range;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; good indexers do it too.
    Note,
    /// Against the format.
    Problem,
}

/// What kind of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A part cannot be decoded.
    Damaged,
    /// Metadata is missing at the start, or there twice.
    Metadata,
    /// Two documents have one path.
    DuplicateDocument,
    /// A path that is empty or not canonical.
    Path,
    /// A path that leaves the project.
    PathEscapes,
    /// The project has no such file.
    MissingFile,
    /// A range that is none.
    Range,
    /// A symbol string that leaves the grammar.
    Symbol,
    /// A local symbol with descriptors behind its name. It is understood.
    LocalDescriptors,
    /// One symbol is defined twice in one document. Overloads and merged declarations look like that too.
    DuplicateDefinition,
    /// A symbol is defined and nothing is said about it.
    NoInformation,
}

impl Code {
    /// How bad it is.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::NoInformation | Self::LocalDescriptors => Severity::Note,
            _ => Severity::Problem,
        }
    }

    /// The name to show and to filter by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::Metadata => "metadata",
            Self::DuplicateDocument => "duplicate-document",
            Self::Path => "path",
            Self::PathEscapes => "path-escapes",
            Self::MissingFile => "missing-file",
            Self::Range => "range",
            Self::Symbol => "symbol",
            Self::LocalDescriptors => "local-descriptors",
            Self::DuplicateDefinition => "duplicate-definition",
            Self::NoInformation => "no-information",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Path of the document; empty for something outside of documents or in one that cannot be read.
    pub document: String,
    /// Where the part begins in the index, in bytes.
    pub offset: u64,
    /// The place in the document, if there is one.
    pub range: Option<Range>,
    /// What kind of thing.
    pub code: Code,
    /// The same in words, with the names.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.document.is_empty() {
            write!(out, "{}", self.document)?;
            if let Some(range) = self.range {
                // As editors count: from one.
                let start = range.start;
                write!(out, ":{}:{}", u64::from(start.line) + 1, u64::from(start.character) + 1)?;
            }
            out.write_str(": ")?;
        }
        write!(out, "{}: {} (part at byte {} of the index)", self.code.name(), self.message, self.offset)
    }
}
