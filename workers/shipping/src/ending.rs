//! How a command ends when it does not succeed.

use std::io;

use shipping::engine::{Error, ErrorKind};

use crate::report;

/// Why a command did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Something went wrong: the exit code, what, and what to do.
    Failed {
        /// 1 input, 2 parse, 3 store or network, 4 filesystem.
        code: u8,
        /// What happened.
        what: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A signal asked for the end; its number.
    Signal(u8),
    /// Whoever read the output has seen enough.
    BrokenPipe,
}

impl Ending {
    pub(crate) fn new(code: u8, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Failed { code, what: what.into(), hint: Some(hint.into()) }
    }

    pub(crate) fn stdout(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Failed { code: 4, what: format!("writing to stdout: {error}"), hint: None },
        }
    }

    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Failed { code, .. } => *code,
            Self::Signal(number) => number.saturating_add(128),
            Self::BrokenPipe => 0,
        }
    }

    /// Says it on stderr.
    pub(crate) fn tell(&self) {
        match self {
            Self::Failed { what, hint, .. } => report::error(what, hint.as_deref()),
            Self::Signal(_) => {
                report::error(
                    "interrupted",
                    Some("nothing is lost; the same command again goes on where this one stopped"),
                );
            }
            Self::BrokenPipe => {}
        }
    }
}

impl From<Error> for Ending {
    fn from(error: Error) -> Self {
        let Error { kind, what, place, hint, retry_after: _ } = error;
        let code = match kind {
            ErrorKind::InvalidInput => 1,
            ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::DiskFull => 4,
            ErrorKind::Conflict
            | ErrorKind::StoreUnavailable
            | ErrorKind::AuthRejected
            | ErrorKind::NetworkUnavailable
            | ErrorKind::RateLimited
            | ErrorKind::RemoteRejected => 3,
        };
        Self::new(code, format!("{what}: {place}"), hint)
    }
}
