//! Which paths of documents may be opened (SCIP wire format, `Document.relative_path`).
//!
//! An index is a foreign file: a path in it that leaves the project must never be read.

use thiserror::Error;

/// Why a path is not the path of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PathError {
    /// Nothing at all.
    #[error("the path is empty")]
    Empty,
    /// It does not start from the project.
    #[error("the path is absolute")]
    Absolute,
    /// It holds a `..`.
    #[error("the path goes up with `..`")]
    Parent,
    /// It holds a NUL, which no file name has.
    #[error("the path holds a NUL")]
    Nul,
    /// It holds `.` or empty parts. It stays in the project, but the same file may have another path too.
    #[error("the path has empty or `.` parts")]
    NotCanonical,
}

impl PathError {
    /// Whether opening the path could reach a file outside of the project.
    #[must_use]
    pub fn escapes(self) -> bool {
        matches!(self, Self::Absolute | Self::Parent | Self::Nul)
    }
}

/// Checks the text of a path alone; whether a link on the way leaves the project only the file system can tell. Backslashes and
/// drive letters count as they do on Windows, wherever this runs.
///
/// # Errors
/// When it is not the path of a document.
pub fn check(path: &str) -> Result<(), PathError> {
    let slash = |found: char| found == '/' || found == '\\';
    let drive = matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if path.is_empty() {
        Err(PathError::Empty)
    } else if path.contains('\0') {
        Err(PathError::Nul)
    } else if path.starts_with(slash) || drive {
        Err(PathError::Absolute)
    } else if path.split(slash).any(|part| part == "..") {
        Err(PathError::Parent)
    } else if path.split('/').any(|part| part.is_empty() || part == ".") {
        Err(PathError::NotCanonical)
    } else {
        Ok(())
    }
}
