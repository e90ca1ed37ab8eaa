//! The description of the interface, OpenAPI 3.1, at `/openapi.json`. It is generated from the types of the bodies; the
//! copy that is checked in is compared by a test, and written anew by `UPDATE_OPENAPI=1 cargo test -p ingest openapi`.

/// The document.
pub const DOCUMENT: &str = include_str!("../openapi.json");

#[cfg(test)]
mod generate;
