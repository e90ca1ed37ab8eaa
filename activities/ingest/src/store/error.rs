//! What can go wrong with a store.

use std::{path::PathBuf, time::Duration};

/// Why the store did not do it. The store goes on after each of them but [`StoreError::Closed`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Too much waits.
    #[error("the queue is full; try again in {} s", retry_after.as_secs())]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// Another process owns the file.
    #[error("{} is in use by the process {pid}; stop it, or use another file", path.display())]
    Owned {
        /// The database.
        path: PathBuf,
        /// Who owns it; 0 when it cannot be read.
        pid: u32,
    },
    /// A newer Gantry wrote the file.
    #[error("{} has schema {found}, this program knows {known}; use a newer one", path.display())]
    NewerSchema {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// No space, or the size limit is reached.
    #[error("the disk is full: {0}")]
    DiskFull(String),
    /// The file or its folder cannot be written.
    #[error("the store is read-only: {0}")]
    ReadOnly(String),
    /// Another connection held the lock for too long.
    #[error("the store is locked by another program: {0}")]
    Locked(String),
    /// It is no database, or a damaged one.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// Anything else that SQLite or the system says.
    #[error("the store failed: {0}")]
    Failed(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull(text),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => Self::ReadOnly(text),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked(text),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(text),
            _ => Self::Failed(text),
        }
    }
}
