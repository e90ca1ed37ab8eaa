//! What a command ends with when it does not succeed.

use std::io;

use contracts::errors::ErrorType;
use graph_store::StoreError;
use kit::OpenGraphError;
use runtime::{ConfigError, ConnectError, KeysError};

/// A message that says what happened and what to do, and an exit code: 1 input, 2 parse or a wrong result, 3 store or
/// network, 4 filesystem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Problem {
    pub(crate) code: u8,
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
    broken_pipe: bool,
}

impl Problem {
    fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, broken_pipe: false }
    }

    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(1, message)
    }

    pub(crate) fn wrong_result(message: impl Into<String>) -> Self {
        Self::new(2, message)
    }

    pub(crate) fn network(message: impl Into<String>) -> Self {
        Self::new(3, message)
    }

    pub(crate) fn filesystem(message: impl Into<String>) -> Self {
        Self::new(4, message)
    }

    /// The problem of an activity's or a workflow's failure.
    pub(crate) fn of_type(error_type: Option<ErrorType>, message: impl Into<String>) -> Self {
        Self::new(error_type.map_or(1, ErrorType::exit_code), message)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, of one of several things.
    pub(crate) fn about(mut self, thing: &str) -> Self {
        self.message = format!("{thing}: {}", self.message);
        self
    }

    /// The problem of a call to the operating system.
    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        let broken_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        Self { broken_pipe, ..Self::filesystem(format!("{what}: {error}")) }
    }

    pub(crate) fn is_broken_pipe(&self) -> bool {
        self.broken_pipe
    }
}

impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Self {
        Self::input(error.to_string())
    }
}

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        let problem = Self::network(error.to_string());
        match error {
            ConnectError::Unreachable { .. } => {
                problem.hint("start `gantry dev`, or set TEMPORAL_ADDRESS to a server that runs")
            }
            ConnectError::NoNamespace { .. } => problem.hint("set TEMPORAL_NAMESPACE, or create the namespace"),
            ConnectError::Keys(error) => error.into(),
            // These say themselves what to look at.
            ConnectError::Settings { .. } | ConnectError::Tls { .. } | ConnectError::Refused { .. } => problem,
        }
    }
}

impl From<KeysError> for Problem {
    fn from(error: KeysError) -> Self {
        Self::input(error.to_string()).hint("docs/encryption.md tells how keys are written down")
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Export(source) => Self::io("writing the export", source),
            StoreError::Url { .. } => Self::input(error.to_string()),
            StoreError::PermissionDenied { .. } | StoreError::DiskFull { .. } => Self::filesystem(error.to_string()),
            _ => Self::network(error.to_string()),
        }
    }
}

impl From<OpenGraphError> for Problem {
    fn from(error: OpenGraphError) -> Self {
        match error {
            OpenGraphError::Store(error) => error.into(),
            OpenGraphError::Credential(failure) => {
                Self::input(format!("{}: {}", failure.what, failure.place)).hint(failure.hint)
            }
        }
    }
}
