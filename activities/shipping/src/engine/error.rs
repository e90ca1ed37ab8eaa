//! What can go wrong with the machine; what goes wrong with the server is in the reports.

use std::time::Duration;

/// The kinds of failure, named as the activities' error types are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub enum ErrorKind {
    /// The caller must change what it asks for or how it is configured.
    InvalidInput,
    /// Something named is not there.
    NotFound,
    /// The system does not let us.
    PermissionDenied,
    /// Another process or call has it.
    Conflict,
    /// No space is left.
    DiskFull,
    /// The database cannot be used now.
    StoreUnavailable,
    /// The server refuses the token.
    AuthRejected,
    /// The server cannot be reached.
    NetworkUnavailable,
    /// The server wants to be left alone for a while.
    RateLimited,
    /// The server answers, but not as a receiver of sessions does.
    RemoteRejected,
}

/// A failure: what happened, where, and what to do about it. Never holds a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} ({place}): {hint}")]
pub struct Error {
    /// Kind, for whoever maps it to another type.
    pub kind: ErrorKind,
    /// What happened.
    pub what: String,
    /// File, database or address.
    pub place: String,
    /// What to do.
    pub hint: String,
    /// For `RateLimited` and `NetworkUnavailable`: when to try again.
    pub retry_after: Option<Duration>,
}

impl Error {
    /// A failure without a time to try again.
    pub fn new(kind: ErrorKind, what: impl Into<String>, place: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, what: what.into(), place: place.into(), hint: hint.into(), retry_after: None }
    }
}
