//! What SQLite and the operating system say, in the store's words.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::StoreError;

pub(super) fn io_error(path: &Path, source: std::io::Error) -> StoreError {
    let path = path.display().to_string();
    match source.kind() {
        std::io::ErrorKind::PermissionDenied => StoreError::PermissionDenied { path, source },
        std::io::ErrorKind::StorageFull => StoreError::DiskFull { path },
        _ => StoreError::Unavailable { path, reason: source.to_string() },
    }
}

pub(super) fn sqlite_error(path: &Path, error: rusqlite::Error) -> StoreError {
    let code = error.sqlite_error_code();
    let path = path.display().to_string();
    match code {
        Some(ErrorCode::DiskFull) => StoreError::DiskFull { path },
        Some(ErrorCode::NotADatabase) => StoreError::NotAGraph { path },
        Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            StoreError::PermissionDenied { path, source: std::io::Error::other(error) }
        }
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OutOfMemory,
        ) => StoreError::Unavailable { path, reason: error.to_string() },
        _ => StoreError::Damaged { path, reason: error.to_string() },
    }
}

/// Why a write did not work.
pub(super) enum Fault {
    Sqlite(rusqlite::Error),
    /// Of an edge: it and the end that is not there.
    NoSuchEnd(String, String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

pub(super) fn store_error(path: &Path, fault: Fault) -> StoreError {
    match fault {
        Fault::Sqlite(error) => sqlite_error(path, error),
        Fault::NoSuchEnd(edge, end) => StoreError::Rejected {
            path: path.display().to_string(),
            document: Some(edge),
            reason: format!("there is no entity {end}"),
        },
    }
}
