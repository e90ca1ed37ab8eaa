//! What the server says, in the store's words.

use std::fmt;

use serde::Deserialize;

use crate::error::StoreError;

/// Numbers of the server's errors that this store meets: name, and whether the same request may succeed later.
/// <https://docs.arango.ai/arangodb/stable/develop/error-codes/>
const NUMBERS: &[(u64, &str, bool)] = &[
    (11, "forbidden", false),
    (18, "lock time-out", true),
    (32, "resource limit", false),
    (503, "service unavailable", true),
    (600, "invalid JSON", false),
    (1004, "read only", true),
    (1200, "conflict", true),
    (1202, "document not found", false),
    (1203, "collection not found", false),
    (1204, "collection parameter missing", false),
    (1205, "illegal document handle", false),
    (1207, "duplicate name", false),
    (1210, "unique constraint violated", false),
    (1221, "illegal document key", false),
    (1226, "missing document key", false),
    (1227, "not an object", false),
    (1228, "database not found", false),
    (1233, "invalid edge attribute", false),
    (1429, "write concern not fulfilled", true),
    (1457, "cluster time-out", true),
    (1464, "shard gone", true),
    (1466, "key not allowed with this sharding", false),
    (1478, "backend unavailable", true),
    (1495, "leadership challenge", true),
    (1496, "not the leader", true),
    (1600, "cursor not found", true),
    (1620, "schema violated", false),
    (21003, "queue full", true),
    (21004, "queue time exceeded", true),
];

pub(super) const CONFLICT: u64 = 1200;
pub(super) const NOT_FOUND: u64 = 1202;
pub(super) const COLLECTION_NOT_FOUND: u64 = 1203;
pub(super) const DUPLICATE_NAME: u64 = 1207;
pub(super) const UNIQUE: u64 = 1210;
pub(super) const DATABASE_NOT_FOUND: u64 = 1228;

/// An error as the server states it, of a request or of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServerError {
    /// HTTP status; 0 for one document of several.
    pub(super) status: u16,
    pub(super) number: u64,
    pub(super) message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    #[serde(default)]
    error_num: u64,
    #[serde(default)]
    error_message: String,
}

impl ServerError {
    /// Reads the envelope. A proxy in between may send something else.
    pub(super) fn read(status: u16, body: &[u8]) -> Self {
        let envelope: Option<Envelope> = serde_json::from_slice(body).ok();
        let Envelope { error_num: number, error_message } =
            envelope.unwrap_or(Envelope { error_num: 0, error_message: String::new() });
        // Foreign text: a line, and not a page.
        let message = error_message.chars().filter(|c| !c.is_control()).take(200).collect();
        Self { status, number, message }
    }

    /// Whether the same request may succeed later.
    pub(super) fn is_transient(&self) -> bool {
        match NUMBERS.iter().find(|(number, ..)| *number == self.number) {
            Some((.., transient)) => *transient,
            None => matches!(self.status, 502..=504),
        }
    }

    /// The store's error for it.
    pub(super) fn at(&self, place: &str) -> StoreError {
        let path = place.to_owned();
        let reason = self.to_string();
        match (self.status, self.number) {
            (401, _) => StoreError::AuthRejected { path, reason },
            (_, 11) => StoreError::PermissionDenied { path, source: std::io::Error::other(reason) },
            (_, COLLECTION_NOT_FOUND | DATABASE_NOT_FOUND) => StoreError::Damaged { path, reason },
            _ if self.is_transient() => StoreError::Unavailable { path, reason },
            (403, _) => StoreError::PermissionDenied { path, source: std::io::Error::other(reason) },
            _ => StoreError::Rejected { path, document: None, reason },
        }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NUMBERS.iter().find(|(number, ..)| *number == self.number) {
            Some((number, name, _)) => write!(f, "error {number}, {name}")?,
            None if self.number > 0 => write!(f, "error {}", self.number)?,
            None => write!(f, "HTTP status {}", self.status)?,
        }
        if self.message.is_empty() { Ok(()) } else { write!(f, " ({})", self.message) }
    }
}

/// Why a request got no answer that can be used.
#[derive(Debug)]
pub(super) enum CallError {
    /// The server refused it.
    Server(ServerError),
    /// Anything else, already in the store's words.
    Store(StoreError),
}

impl CallError {
    /// The number of the server's error.
    pub(super) fn number(&self) -> Option<u64> {
        match self {
            Self::Server(error) => Some(error.number),
            Self::Store(_) => None,
        }
    }

    /// The store's error for it.
    pub(super) fn at(self, place: &str) -> StoreError {
        match self {
            Self::Server(error) => error.at(place),
            Self::Store(error) => error,
        }
    }
}

impl From<StoreError> for CallError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, number: u64) -> ServerError {
        let body = format!(r#"{{"error":true,"code":{status},"errorNum":{number},"errorMessage":"m"}}"#);
        ServerError::read(status, body.as_bytes())
    }

    #[test]
    fn numbers_are_transient_or_not_as_listed() {
        for number in [18, 503, 1004, 1200, 1429, 1457, 1464, 1478, 1495, 1496, 21003, 21004] {
            assert!(read(409, number).is_transient(), "{number}");
        }
        for number in [11, 32, 600, 1202, 1203, 1204, 1205, 1207, 1210, 1221, 1226, 1227, 1228, 1233, 1466, 1620] {
            assert!(!read(500, number).is_transient(), "{number}");
        }
        assert!(ServerError::read(503, b"<html>").is_transient());
        assert!(!ServerError::read(500, b"<html>").is_transient());
        assert!(NUMBERS.is_sorted(), "each number once, in order");
    }

    #[test]
    fn every_number_is_an_error_of_one_kind() {
        let kind = |status, number| match read(status, number).at("here") {
            StoreError::AuthRejected { .. } => "auth",
            StoreError::PermissionDenied { .. } => "permission",
            StoreError::Unavailable { .. } => "unavailable",
            StoreError::Damaged { .. } => "damaged",
            StoreError::Rejected { .. } => "rejected",
            other => panic!("{other}"),
        };
        assert_eq!(kind(401, 11), "auth");
        assert_eq!(kind(403, 11), "permission");
        assert_eq!(kind(403, 1004), "unavailable");
        assert_eq!(kind(503, 21003), "unavailable");
        assert_eq!(kind(404, 1203), "damaged");
        assert_eq!(kind(400, 1221), "rejected");
        assert_eq!(kind(500, 0), "rejected");
    }
}
