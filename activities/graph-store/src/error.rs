//! What can go wrong in a graph store.

/// Result of a call to a store.
pub type StoreResult<T> = Result<T, StoreError>;

/// An error of a graph store. Each says where it happened and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no store that this build knows.
    #[error(
        "graph store URL {url:?}: {reason}; expected sqlite:PATH, arangodb+http(s)://HOST:8529/DATABASE or \
         postgres://USER@HOST:PORT/DATABASE"
    )]
    Url {
        /// The URL.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is there and is something else.
    #[error("{path} is not a Gantry graph; choose another path with GANTRY_GRAPH_URL")]
    NotAGraph {
        /// The file.
        path: String,
    },
    /// A newer Gantry wrote the store.
    #[error("{path} has graph schema {found} and this build knows up to {known}; use a newer gantry")]
    NewerSchema {
        /// The file.
        path: String,
        /// Its schema version.
        found: i64,
        /// The newest that this build knows.
        known: i64,
    },
    /// A newer run of the same repository has taken over, so this one must not write any more.
    #[error("repository {repo_id}: run {epoch} was replaced by run {current}; nothing was written")]
    Fenced {
        /// The repository.
        repo_id: String,
        /// The epoch of the run that was refused.
        epoch: i64,
        /// The epoch in force.
        current: i64,
    },
    /// Keys are made of the repository id alone, so two organisations cannot share one.
    #[error(
        "repository id {repo_id} belongs to organisation {owner} in this graph, not to {org_id}; choose another id"
    )]
    OtherOrganisation {
        /// The repository.
        repo_id: String,
        /// The organisation that asked.
        org_id: String,
        /// The organisation that has it.
        owner: String,
    },
    /// The disk is full.
    #[error("{path}: no room left on the disk; free some and run again")]
    DiskFull {
        /// The file.
        path: String,
    },
    /// The operating system refused access.
    #[error("{path}: {source}")]
    PermissionDenied {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Another process holds the store for too long, or it cannot be read now.
    #[error("{path}: {reason}")]
    Unavailable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The store does not take what it was given, and would not take it a second time.
    #[error("{path}: {}{reason}", document.as_ref().map(|id| format!("{id} was refused: ")).unwrap_or_default())]
    Rejected {
        /// The store.
        path: String,
        /// Which document it was, if it was one: `collection/key`, or the path of a file.
        document: Option<String>,
        /// Why.
        reason: String,
    },
    /// The server does not take the credential, or not any more.
    #[error("{path}: {reason}; check the credential of the graph store")]
    AuthRejected {
        /// The server.
        path: String,
        /// What it says.
        reason: String,
    },
    /// The store is damaged or holds what it never should.
    #[error("{path}: {reason}")]
    Damaged {
        /// The file.
        path: String,
        /// What was found.
        reason: String,
    },
    /// Writing an export failed.
    #[error("writing the export: {0}")]
    Export(#[source] std::io::Error),
}
