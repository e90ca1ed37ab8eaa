//! What goes wrong with a save: what happened, where, and what to do.

use std::fmt;

/// A place in a text, counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The byte within the line.
    pub col: u64,
}

impl Position {
    /// The position of the byte at `offset`.
    pub fn of(text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = memchr::memchr_iter(b'\n', before).count() as u64 + 1;
        let col = before.len() - memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        Self { line, col: col as u64 + 1 }
    }
}

/// What kind of failure it is; the names are those of the contract's error types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveErrorKind {
    /// There is no such file.
    NotFound,
    /// The file may not be read.
    PermissionDenied,
    /// The file, or a section of it, is damaged.
    ParseError {
        /// The damaged section, where one is known.
        section: Option<String>,
        /// The place, where there is one.
        position: Option<Position>,
    },
    /// A size, a ratio or a depth is beyond what [`crate::Limits`] allows.
    LimitExceeded,
    /// The file is sound but of a kind that is not read, such as a binary save without its tokens.
    Unsupported,
    /// The save has no such section.
    SectionNotFound,
    /// The request makes no sense.
    InvalidInput,
}

/// A failure: what happened, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveError {
    /// Its kind.
    pub kind: SaveErrorKind,
    /// What happened.
    pub what: String,
    /// Where: a path, a section, an entry of the zip file.
    pub place: String,
    /// What to do about it.
    pub hint: String,
}

impl SaveError {
    /// A failure of `kind`.
    #[cold]
    pub fn new(
        kind: SaveErrorKind,
        what: impl Into<String>,
        place: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { kind, what: what.into(), place: place.into(), hint: hint.into() }
    }

    /// Damage that has no line, such as in the zip file.
    #[cold]
    pub(crate) fn damaged(what: impl Into<String>, place: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(SaveErrorKind::ParseError { section: None, position: None }, what, place, hint)
    }

    /// The place in the text, where there is one.
    pub fn position(&self) -> Option<Position> {
        match &self.kind {
            SaveErrorKind::ParseError { position, .. } => *position,
            _ => None,
        }
    }

    /// The name of the kind in the contract.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            SaveErrorKind::NotFound => "NotFound",
            SaveErrorKind::PermissionDenied => "PermissionDenied",
            SaveErrorKind::ParseError { .. } => "ParseError",
            SaveErrorKind::LimitExceeded => "LimitExceeded",
            SaveErrorKind::Unsupported => "Unsupported",
            SaveErrorKind::SectionNotFound => "SectionNotFound",
            SaveErrorKind::InvalidInput => "InvalidInput",
        }
    }
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.place)?;
        if let Some(Position { line, col }) = self.position() {
            write!(f, ", line {line}, column {col}")?;
        }
        write!(f, " ({})", self.hint)
    }
}

impl std::error::Error for SaveError {}
