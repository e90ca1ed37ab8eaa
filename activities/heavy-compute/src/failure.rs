//! Errors of the graph store as failures of an activity.

use contracts::errors::ErrorType;
use graph_store::StoreError;
use kit::{Failure, OpenGraphError};

/// The failure that it is when a store cannot be opened.
pub fn of_open(error: OpenGraphError) -> Failure {
    match error {
        OpenGraphError::Store(error) => of_store(error),
        OpenGraphError::Credential(failure) => failure,
    }
}

/// The failure that a store's error is.
#[expect(clippy::needless_pass_by_value, reason = "called as `map_err(of_store)`")]
pub fn of_store(error: StoreError) -> Failure {
    let (error_type, hint) = match &error {
        StoreError::Url { .. } => (ErrorType::Unsupported, "set GANTRY_GRAPH_URL to a store that this build knows"),
        StoreError::NotAGraph { .. } | StoreError::NewerSchema { .. } => {
            (ErrorType::StoreRejected, "GANTRY_GRAPH_URL names the graph store")
        }
        StoreError::Fenced { .. } => (ErrorType::Conflict, "nothing to do: the newer run goes on"),
        StoreError::OtherOrganisation { .. } => (ErrorType::Conflict, "choose another repoId"),
        StoreError::DiskFull { .. } => (ErrorType::DiskFull, "free some room and run again"),
        StoreError::PermissionDenied { .. } => (ErrorType::PermissionDenied, "let the worker's user write it"),
        StoreError::Rejected { .. } => (ErrorType::StoreRejected, "mend what the store names, then run again"),
        StoreError::AuthRejected { .. } => {
            (ErrorType::AuthRejected, "GANTRY_ARANGO_AUTH or GANTRY_POSTGRES_AUTH refers to the credential")
        }
        StoreError::Unavailable { .. } => (ErrorType::StoreUnavailable, "it is tried again"),
        StoreError::Damaged { .. } => {
            (ErrorType::StoreRejected, "move the file away and index again, or restore a backup")
        }
        StoreError::Export(_) => (ErrorType::Internal, "check where the export is written to"),
    };
    Failure::new(error_type, error.to_string(), "graph store", hint)
}
