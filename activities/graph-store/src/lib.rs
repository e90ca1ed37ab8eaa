//! The code graph: documents, keys, the store's interface and its stores: SQLite, embedded, ArangoDB and PostgreSQL.
//!
//! No async to the outside and no Temporal in here. A graph is written file by file ([`FileGraph`]): what a file holds is replaced in one
//! transaction, so a reader never sees half a file and a run that is repeated leaves what one run leaves.

mod arango;
mod document;
mod error;
mod export;
mod graphml;
mod key;
mod path;
mod postgres;
mod query;
mod sqlite;
mod store;
mod url;

pub use arango::{ArangoGraph, ArangoOptions, ArangoUrl, Credential, Protocol};
pub use document::{Access, EdgeDocument, EdgeKind, EntityDocument, EntityKind, FileGraph, FileLinks, Origin};
pub use error::{StoreError, StoreResult};
pub use graphml::graphml;
pub use key::{edge_hash, entity_hash};
pub use path::{Bounds, PathFound, shortest_path};
pub use postgres::{Encryption, PostgresGraph, PostgresOptions, PostgresUrl};
pub use query::{Direction, Find, Matching, Order, Stored, Visit};
pub use sqlite::SqliteGraph;
pub use store::{Counts, GraphStore, IndexedFile, Removed, Repository, Run, Written};
pub use url::GraphUrl;

/// What it takes to open a store beside its URL.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// Of an ArangoDB server.
    pub arango: ArangoOptions,
    /// Of a PostgreSQL server.
    pub postgres: PostgresOptions,
}

/// Opens the store behind a URL and brings its schema up to date.
///
/// # Errors
/// When the store cannot be reached or created, or holds a schema that this build does not know.
pub fn open(url: &GraphUrl) -> StoreResult<Box<dyn GraphStore>> {
    open_with(url, OpenOptions::default())
}

/// [`open`] with a credential, or other than the usual settings.
///
/// # Errors
/// As [`open`], and when the store does not take the credential.
pub fn open_with(url: &GraphUrl, options: OpenOptions) -> StoreResult<Box<dyn GraphStore>> {
    match url {
        GraphUrl::Sqlite(path) => Ok(Box::new(SqliteGraph::open(path)?)),
        GraphUrl::Arango(url) => Ok(Box::new(ArangoGraph::open(url, options.arango)?)),
        GraphUrl::Postgres(at) => Ok(Box::new(PostgresGraph::open(at, options.postgres)?)),
    }
}
