//! How a command ends when it does not succeed.

use std::io;

use kit::Failure;
use runtime::ConfigError;

use crate::report;

/// Why a command ended without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The work failed.
    Failed(Failure),
    /// A signal asked for the end; its number.
    Signal(u8),
    /// Whoever read the output has seen enough.
    BrokenPipe,
    /// The worker, or the question whether it is ready, ended; the line that says why.
    Worker(String),
    /// Something around the work.
    Other {
        /// The exit code.
        code: u8,
        /// What happened.
        what: String,
    },
}

impl Ending {
    pub(crate) fn other(code: u8, what: impl Into<String>) -> Self {
        Self::Other { code, what: what.into() }
    }

    /// stdout could not be written.
    pub(crate) fn stdout(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::other(4, format!("writing to stdout: {error}")),
        }
    }

    /// 1 input, 2 parse, 3 store or network, 4 filesystem; 128 and the number of a signal, as shells have it.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Failed(failure) => failure.error_type.exit_code(),
            Self::Signal(number) => number.saturating_add(128),
            Self::BrokenPipe => 0,
            Self::Worker(_) => 1,
            Self::Other { code, .. } => *code,
        }
    }

    /// Says it on stderr.
    pub(crate) fn tell(&self) {
        match self {
            Self::Failed(Failure { error_type, what, place, hint, .. }) => {
                report::error(&format!("{error_type}: {what}: {place}"), Some(hint));
            }
            Self::Signal(_) => report::error("interrupted", Some("the same command again goes on or begins anew")),
            Self::BrokenPipe => {}
            Self::Worker(why) => report::note(&format!("gantry-heavy-compute: {why}")),
            Self::Other { what, .. } => report::error(what, None),
        }
    }
}

impl From<Failure> for Ending {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<ConfigError> for Ending {
    fn from(error: ConfigError) -> Self {
        Self::other(1, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use contracts::errors::ErrorType;

    use super::*;

    #[test]
    fn every_type_of_failure_has_one_of_the_four_codes() {
        let code = |error_type| Ending::from(Failure::new(error_type, "", "", "")).code();
        let expected = |error_type| match error_type {
            ErrorType::InvalidInput
            | ErrorType::LimitExceeded
            | ErrorType::Unsupported
            | ErrorType::MemoryPressure
            | ErrorType::Internal => 1,
            ErrorType::ParseError | ErrorType::SectionNotFound | ErrorType::IndexDamaged | ErrorType::IndexerFailed => {
                2
            }
            ErrorType::AuthRejected
            | ErrorType::StoreRejected
            | ErrorType::Conflict
            | ErrorType::StoreUnavailable
            | ErrorType::NetworkUnavailable
            | ErrorType::RateLimited
            | ErrorType::RemoteRejected
            | ErrorType::WorkerDraining => 3,
            ErrorType::NotFound | ErrorType::PermissionDenied | ErrorType::PathEscape | ErrorType::DiskFull => 4,
        };
        for error_type in ErrorType::ALL {
            assert_eq!(code(*error_type), expected(*error_type), "{error_type}");
        }
        assert_eq!((Ending::Signal(2).code(), Ending::Signal(15).code()), (130, 143));
    }
}
