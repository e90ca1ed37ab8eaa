//! Failures: what an activity ends with when it does not succeed.

use std::time::Duration;

use contracts::errors::{ErrorDetails, ErrorType};
use temporalio_common::error::ApplicationFailure;
use temporalio_sdk::activities::ActivityError;

/// An activity's failure: its type decides whether it is retried, its texts say what happened, where, and what to do.
///
/// It is no [`std::error::Error`] on purpose: the SDK turns every such error into a retryable failure without a type, so a
/// `?` in an activity would lose what this holds. [`Failure::into_activity_error`] is the one way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its type in the contract.
    pub error_type: ErrorType,
    /// What happened.
    pub what: String,
    /// Where: a path, a line, an offset, a key or a URL.
    pub place: String,
    /// What to do about it.
    pub hint: String,
    /// For a retryable type: how long to wait before the next attempt, where that is known better than by the policy.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// A failure; no secret may be in its texts, they stand in the history.
    pub fn new(
        error_type: ErrorType,
        what: impl Into<String>,
        place: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { error_type, what: what.into(), place: place.into(), hint: hint.into(), retry_after: None }
    }

    /// The failure of a call to the operating system.
    pub fn io(what: &str, place: &std::path::Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let (error_type, hint) = match error.kind() {
            ErrorKind::NotFound => (ErrorType::NotFound, "check the path; the worker must see it on its own host"),
            ErrorKind::PermissionDenied => {
                (ErrorType::PermissionDenied, "let the worker's user read it, or run the worker as another user")
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => (ErrorType::DiskFull, "free some room and run again"),
            ErrorKind::NotADirectory | ErrorKind::InvalidFilename => (ErrorType::InvalidInput, "check the path"),
            _ => (ErrorType::Internal, "the operating system gave no better reason; it is tried again"),
        };
        Self::new(error_type, format!("{what}: {error}"), place.display().to_string(), hint)
    }

    /// The details object of the contract.
    pub fn details(&self) -> ErrorDetails {
        ErrorDetails { what: self.what.clone(), r#where: self.place.clone(), hint: self.hint.clone() }
    }

    /// What an activity returns: type, retryability, details and delay as this failure has them.
    pub fn into_activity_error(self) -> ActivityError {
        let builder = ApplicationFailure::builder(self.to_string())
            .type_name(self.error_type.as_str().to_owned())
            .non_retryable(!self.error_type.retryable())
            .details(self.details());
        ActivityError::application(builder.maybe_next_retry_delay(self.retry_after).build())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} ({})", self.what, self.place, self.hint)
    }
}

/// How work that was started ends without a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkError {
    /// It was asked to stop, and did, with its last checkpoint recorded.
    Interrupted,
    /// It failed.
    Failed(Failure),
}

impl From<Failure> for WorkError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Result of work that can be interrupted.
pub type WorkResult<T> = Result<T, WorkError>;
