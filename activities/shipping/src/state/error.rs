//! Failures of the database in words.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::engine::{Error, ErrorKind};

/// What a failure of SQLite means for whoever runs the engine.
pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Error {
    let place = path.display().to_string();
    let (kind, hint) = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => (ErrorKind::DiskFull, "free some space; nothing is lost and it goes on from here"),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => (
            ErrorKind::StoreUnavailable,
            "the file is damaged or no database of sessions; it was left as it is: move it away to begin anew (servers drop what they \
             already have), or bring back a copy",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            (ErrorKind::StoreUnavailable, "another program has it open; stop it or try again")
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            (ErrorKind::PermissionDenied, "make the file and its folder writable for this user")
        }
        _ => (ErrorKind::StoreUnavailable, "look at the file; moved away, it is made anew"),
    };
    Error::new(kind, format!("the state cannot be used: {error}"), place, hint)
}

/// The same of the file system.
pub(super) fn of_io(path: &Path, what: &str, error: &std::io::Error) -> Error {
    let (kind, hint) = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => (ErrorKind::DiskFull, "free some space"),
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            (ErrorKind::PermissionDenied, "make the file and its folder writable for this user")
        }
        _ => (ErrorKind::StoreUnavailable, "look at the file and its folder"),
    };
    Error::new(kind, format!("{what}: {error}"), path.display().to_string(), hint)
}
