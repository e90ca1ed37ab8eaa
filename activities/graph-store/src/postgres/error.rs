//! What PostgreSQL and the connection to it say, in the store's words.

use postgres::error::{DbError, SqlState};

use super::url::PostgresUrl;
use crate::error::StoreError;

/// Why a call did not work, before it is known what to do about it.
pub(super) enum Fault {
    /// The store's own refusal.
    Store(StoreError),
    /// The server's or the connection's.
    Server(postgres::Error),
    /// The server refused one document.
    Document(String, postgres::Error),
    /// The connection had been lost before anything was asked of it.
    Stale(postgres::Error),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<postgres::Error> for Fault {
    fn from(error: postgres::Error) -> Self {
        Self::Server(error)
    }
}

impl Fault {
    fn server(&self) -> Option<&postgres::Error> {
        match self {
            Self::Store(_) => None,
            Self::Server(error) | Self::Document(_, error) | Self::Stale(error) => Some(error),
        }
    }

    /// Whether the same transaction may work when it is run again.
    pub(super) fn is_conflict(&self) -> bool {
        let conflicts = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
        self.server().and_then(postgres::Error::code).is_some_and(|code| conflicts.contains(code))
    }

    /// Whether the connection is of no more use.
    pub(super) fn is_lost(&self) -> bool {
        self.server().is_some_and(is_lost)
    }

    pub(super) fn into_store(self, at: &PostgresUrl) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Server(error) | Self::Stale(error) => store_error(at, &error, None),
            Self::Document(document, error) => store_error(at, &error, Some(document)),
        }
    }
}

pub(super) fn is_lost(error: &postgres::Error) -> bool {
    match error.as_db_error() {
        None => error.is_closed() || io_error(error).is_some(),
        Some(said) => {
            said.code().code().starts_with("57P")
                || said.parsed_severity().is_some_and(|s| s == postgres::error::Severity::Fatal)
        }
    }
}

/// Whether the server did not like what it was given, and would not like it a second time.
pub(super) fn is_refusal(error: &postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        // Data exception, constraint, limit of the program, raised by a trigger.
        ["22", "23", "44", "54", "P0"].iter().any(|class| code.code().starts_with(class))
    })
}

fn io_error(error: &postgres::Error) -> Option<&std::io::Error> {
    std::error::Error::source(error)?.downcast_ref()
}

/// The error of a store that cannot be spoken to.
pub(super) fn unavailable(at: &PostgresUrl, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable { path: at.to_string(), reason: reason.to_string() }
}

pub(super) fn store_error(at: &PostgresUrl, error: &postgres::Error, document: Option<String>) -> StoreError {
    let path = at.to_string();
    let Some(said) = error.as_db_error() else {
        let reason = match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        // What is neither the server's word nor the connection's is an answer that was not asked for.
        return if is_lost(error) { unavailable(at, reason) } else { StoreError::Damaged { path, reason } };
    };
    let code = said.code();
    let reason = words(said);
    let class = code.code().get(..2).unwrap_or_default();
    match class {
        _ if *code == SqlState::DISK_FULL => StoreError::DiskFull { path },
        _ if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            StoreError::PermissionDenied { path, source: std::io::Error::other(reason) }
        }
        "28" => StoreError::AuthRejected { path, reason },
        _ if *code == SqlState::UNDEFINED_DATABASE => StoreError::Rejected {
            path,
            document: None,
            reason: format!("{reason}; create it: CREATE DATABASE {:?} ENCODING 'UTF8'", at.database),
        },
        _ if [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN, SqlState::INVALID_SCHEMA_NAME].contains(code) => {
            StoreError::Damaged {
                path,
                reason: format!("{reason}: drop the schema \"gantry\" and index again, or restore a backup"),
            }
        }
        "XX" => StoreError::Damaged { path, reason },
        _ if is_refusal(error) => StoreError::Rejected { path, document, reason },
        // Connections, resources, shut down, cancelled, locked for too long, read-only after a fail-over, conflicts that
        // stayed: each ends some time.
        "08" | "53" | "57" | "55" | "58" | "25" | "40" => unavailable(at, reason),
        _ => StoreError::Rejected { path, document, reason },
    }
}

/// The message with its code, without the detail: that one repeats rows.
fn words(said: &DbError) -> String {
    format!("{} ({})", said.message(), said.code().code())
}
