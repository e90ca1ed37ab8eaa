//! What goes wrong with the store or a file, as the contract types it.

use std::{path::Path, time::Duration};

use contracts::errors::ErrorType;
use kit::{Failure, WorkError};

use crate::{store::StoreError, transfer::TransferError};

/// Until a store that another process is opening may be there.
const REOPENED: Duration = Duration::from_secs(5);

pub(super) fn of_store(error: &StoreError, store: &Path) -> Failure {
    let (error_type, hint, retry_after) = match error {
        StoreError::Busy { retry_after } => {
            (ErrorType::RateLimited, "nothing to do: it is tried again when there is room", Some(*retry_after))
        }
        StoreError::Closed => (ErrorType::StoreUnavailable, "nothing to do: the worker is going down", Some(REOPENED)),
        StoreError::Owned { .. } => {
            (ErrorType::StoreUnavailable, "stop the other process, or use another file", Some(REOPENED))
        }
        StoreError::Locked(_) => {
            (ErrorType::StoreUnavailable, "end the other program that writes to the database", None)
        }
        StoreError::DiskFull(_) => {
            (ErrorType::DiskFull, "free some room, or raise GANTRY_INGEST_MAX_DB_BYTES, and run again", None)
        }
        StoreError::ReadOnly(_) => (ErrorType::PermissionDenied, "let the worker's user write to the database", None),
        StoreError::NewerSchema { .. } => (ErrorType::StoreRejected, "use a newer worker", None),
        StoreError::Damaged(_) => (ErrorType::StoreRejected, "restore the database from a copy or an export", None),
        StoreError::Failed(_) => (ErrorType::StoreUnavailable, "see the worker's log", None),
    };
    Failure { retry_after, ..Failure::new(error_type, error.to_string(), store.display().to_string(), hint) }
}

/// `file` is what the input called it.
pub(super) fn of_transfer(error: TransferError, file: &str, store: &Path) -> WorkError {
    match error {
        TransferError::Stopped => WorkError::Interrupted,
        TransferError::Store(error) => of_store(&error, store).into(),
        TransferError::Changed => Failure::new(
            ErrorType::InvalidInput,
            "the file changes while it is imported",
            file,
            "import a copy, or the file once nobody writes to it",
        )
        .into(),
        // What no call to the system said was said by the unpacker.
        TransferError::File { offset, error } if error.raw_os_error().is_none() => Failure::new(
            ErrorType::ParseError,
            format!("the packed file is damaged: {error}"),
            format!("{file}, byte {offset} of its text"),
            "make the file anew; what stood before that byte is imported",
        )
        .into(),
        TransferError::File { error, .. } => Failure::io("transferring events", Path::new(file), &error).into(),
    }
}
