//! An index that was named on the command line.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use contracts::errors::ErrorType;
use kit::{AllowedRoots, Failure};
use scip_index::{IndexReader, ReadError};

const HINT: &str = "name a file that a SCIP indexer has made, or run the indexer again";

/// Opens an index. Only a regular file is one.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn open(path: &Path) -> Result<IndexReader<File>, Failure> {
    // The user names it, and may read what the user may read.
    let opened = AllowedRoots::new([PathBuf::from("/")]).open_file(path)?;
    IndexReader::new(opened.file).map_err(|error| unreadable(path, error))
}

/// Looks whether a file is an index at all, by the first of its parts: a file of another kind is better refused than taken
/// for an index without documents.
///
/// # Errors
/// When it is none, or cannot be read.
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    let mut reader = open(path)?;
    match reader.next_part() {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(damaged(path, nothing_in(reader.length()))),
        Err(error) => Err(unreadable(path, error)),
    }
}

/// What is wrong with a file of `bytes` in which no part of an index was found.
pub(crate) fn nothing_in(bytes: u64) -> &'static str {
    if bytes == 0 { "the index is empty" } else { "the file holds no part of a SCIP index" }
}

pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> Failure {
    Failure::new(ErrorType::IndexDamaged, what, path.display().to_string(), HINT)
}

/// The failure of reading.
pub(crate) fn unreadable(path: &Path, error: ReadError) -> Failure {
    match error {
        ReadError::Io { source, .. } => Failure::io("reading the index", path, &source),
        other => {
            let hint = "name a file that a SCIP indexer has made";
            Failure::new(ErrorType::IndexDamaged, other.to_string(), path.display().to_string(), hint)
        }
    }
}
