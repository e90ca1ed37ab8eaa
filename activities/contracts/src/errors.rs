//! The errors that reach Temporal: a closed list of types, each retryable or not.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The type of an activity's failure (`ApplicationFailure.type`). Workflows and clients match on it, never on messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "errors.ts")]
pub enum ErrorType {
    /// The input contradicts the contract, or itself.
    InvalidInput,
    /// What the input names is not there.
    NotFound,
    /// The operating system refused access.
    PermissionDenied,
    /// A path leads out of the folders the worker may touch.
    PathEscape,
    /// A stated limit was passed.
    LimitExceeded,
    /// The data could not be read as what it claims to be.
    ParseError,
    /// The save has no such section.
    SectionNotFound,
    /// This build cannot do that.
    Unsupported,
    /// The other side refused the credentials.
    AuthRejected,
    /// The store refused the data.
    StoreRejected,
    /// No room left on the disk.
    DiskFull,
    /// Something newer has taken this work's place.
    Conflict,
    /// An index file is damaged; making it anew may help.
    IndexDamaged,
    /// An indexer ended with an error.
    IndexerFailed,
    /// The memory budget was reached.
    MemoryPressure,
    /// The store did not answer.
    StoreUnavailable,
    /// The network did not answer.
    NetworkUnavailable,
    /// The other side asked for patience; the failure carries the delay.
    RateLimited,
    /// The other side refused the request.
    RemoteRejected,
    /// The worker is shutting down and gave the work back with its checkpoint. Never seen by a workflow: the next attempt
    /// starts at once.
    WorkerDraining,
    /// A defect of Gantry itself, for example a panic in an activity.
    Internal,
}

impl ErrorType {
    /// Every type, in the order of declaration.
    pub const ALL: &[Self] = &[
        Self::InvalidInput,
        Self::NotFound,
        Self::PermissionDenied,
        Self::PathEscape,
        Self::LimitExceeded,
        Self::ParseError,
        Self::SectionNotFound,
        Self::Unsupported,
        Self::AuthRejected,
        Self::StoreRejected,
        Self::DiskFull,
        Self::Conflict,
        Self::IndexDamaged,
        Self::IndexerFailed,
        Self::MemoryPressure,
        Self::StoreUnavailable,
        Self::NetworkUnavailable,
        Self::RateLimited,
        Self::RemoteRejected,
        Self::WorkerDraining,
        Self::Internal,
    ];

    /// Whether another attempt with the same input can end better.
    pub fn retryable(self) -> bool {
        matches!(
            self,
            Self::IndexDamaged
                | Self::IndexerFailed
                | Self::MemoryPressure
                | Self::StoreUnavailable
                | Self::NetworkUnavailable
                | Self::RateLimited
                | Self::WorkerDraining
                | Self::Internal
        )
    }

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "InvalidInput",
            Self::NotFound => "NotFound",
            Self::PermissionDenied => "PermissionDenied",
            Self::PathEscape => "PathEscape",
            Self::LimitExceeded => "LimitExceeded",
            Self::ParseError => "ParseError",
            Self::SectionNotFound => "SectionNotFound",
            Self::Unsupported => "Unsupported",
            Self::AuthRejected => "AuthRejected",
            Self::StoreRejected => "StoreRejected",
            Self::DiskFull => "DiskFull",
            Self::Conflict => "Conflict",
            Self::IndexDamaged => "IndexDamaged",
            Self::IndexerFailed => "IndexerFailed",
            Self::MemoryPressure => "MemoryPressure",
            Self::StoreUnavailable => "StoreUnavailable",
            Self::NetworkUnavailable => "NetworkUnavailable",
            Self::RateLimited => "RateLimited",
            Self::RemoteRejected => "RemoteRejected",
            Self::WorkerDraining => "WorkerDraining",
            Self::Internal => "Internal",
        }
    }

    /// The type with this name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|t| t.as_str() == name)
    }

    /// Exit code of a command line that ends with this error: 1 input, 2 parse, 3 store or network, 4 filesystem.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::ParseError | Self::SectionNotFound | Self::IndexDamaged | Self::IndexerFailed => 2,
            Self::AuthRejected
            | Self::StoreRejected
            | Self::Conflict
            | Self::StoreUnavailable
            | Self::NetworkUnavailable
            | Self::RateLimited
            | Self::RemoteRejected
            | Self::WorkerDraining => 3,
            Self::NotFound | Self::PermissionDenied | Self::PathEscape | Self::DiskFull => 4,
            Self::InvalidInput | Self::LimitExceeded | Self::Unsupported | Self::MemoryPressure | Self::Internal => 1,
        }
    }
}

impl std::fmt::Display for ErrorType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The one details object of every failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "errors.ts")]
pub struct ErrorDetails {
    /// What happened.
    pub what: String,
    /// Where: a path, a line, an offset, a key or a URL.
    pub r#where: String,
    /// What to do about it.
    pub hint: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_listed_once_and_found_by_its_name() {
        for error in ErrorType::ALL {
            assert_eq!(ErrorType::from_name(error.as_str()), Some(*error));
            assert_eq!(serde_json::to_value(error).ok(), Some(serde_json::Value::from(error.as_str())));
            assert!((1..=4).contains(&error.exit_code()));
        }
    }
}
