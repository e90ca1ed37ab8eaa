//! The store in an ArangoDB server.
//!
//! Documents go by import, many at a time and several requests at once; what import refuses goes again as an array of
//! documents, whose answer names each. There is no transaction over several collections: [`fence`] says what holds instead.
//!
//! Each document has, beside its fields, an attribute `gantry` that says to which repository and file it belongs and which
//! run wrote it. It is left out of what is read.

mod access;
mod batch;
mod books;
mod bulk;
mod client;
mod connection;
mod error;
mod fence;
mod held;
mod links;
mod query;
mod remove;
mod requests;
mod schema;
mod session;
mod settle;
mod write;

use std::collections::{HashMap, HashSet};

pub use access::{ArangoOptions, ArangoUrl, Credential, Protocol};

use self::{client::Client, connection::Connection, fence::Right};
use crate::{
    document::{EdgeDocument, EdgeKind, EntityDocument, FileGraph, FileLinks},
    error::StoreResult,
    query::{Direction, Find, Order, Stored, Visit},
    store::{Counts, GraphStore, IndexedFile, Removed, Repository, Run, Written},
};

/// A graph in a database of an ArangoDB server.
pub struct ArangoGraph {
    connection: Connection,
}

impl ArangoGraph {
    /// Opens the database, and creates it with its collections when they are not there.
    ///
    /// # Errors
    /// When the server is not reached, does not take the credential, or the database has a newer schema.
    pub fn open(url: &ArangoUrl, options: ArangoOptions) -> StoreResult<Self> {
        let connection = Connection::new(Client::new(url, options)?)?;
        connection.wait(schema::ensure(&connection.client))?;
        Ok(Self { connection })
    }

    /// The version of HTTP that was negotiated, for example `HTTP/1.1`.
    pub fn protocol(&self) -> Option<&'static str> {
        self.connection.client.spoken()
    }
}

impl GraphStore for ArangoGraph {
    fn begin_run(&mut self, repository: &Repository, epoch: i64) -> StoreResult<Run> {
        let run = Run { repository: repository.clone(), epoch };
        self.connection.wait(Right::new(&self.connection.client, &run).check())?;
        Ok(run)
    }

    fn indexed_files(&mut self, repository: &Repository) -> StoreResult<HashMap<String, IndexedFile>> {
        self.connection.wait(self.connection.client.indexed_files(repository))
    }

    fn replace_files(&mut self, run: &Run, files: &[FileGraph]) -> StoreResult<Written> {
        self.connection.wait(write::replace_files(&self.connection.client, run, files))
    }

    fn facts(&mut self, repository: &Repository) -> StoreResult<HashMap<String, Vec<u8>>> {
        self.connection.wait(self.connection.client.facts(repository))
    }

    fn link_files(&mut self, run: &Run, files: &[FileLinks], packages: &[EntityDocument]) -> StoreResult<Written> {
        self.connection.wait(links::link_files(&self.connection.client, run, files, packages))
    }

    fn finish_links(&mut self, run: &Run, summary: &str) -> StoreResult<Written> {
        self.connection.wait(links::finish(&self.connection.client, run, summary))
    }

    fn link_summary(&mut self, repository: &Repository) -> StoreResult<Option<String>> {
        let book = self.connection.wait(self.connection.client.repository(repository))?;
        Ok(book.filter(|book| !book.contested).and_then(|book| book.link_summary))
    }

    fn drop_repository(&mut self, repository: &Repository) -> StoreResult<Removed> {
        self.connection.wait(remove::drop_repository(&self.connection.client, repository))
    }

    fn retain_files(&mut self, run: &Run, scanned: &HashSet<String>, commit: Option<&str>) -> StoreResult<Removed> {
        self.connection.wait(remove::retain_files(&self.connection.client, run, scanned, commit))
    }

    fn counts(&mut self, repository: Option<&Repository>) -> StoreResult<Counts> {
        self.connection.wait(self.connection.client.counts(repository))
    }

    fn repositories(&mut self) -> StoreResult<Vec<Repository>> {
        self.connection.wait(self.connection.client.repositories())
    }

    fn find(&mut self, find: &Find<'_>, limit: usize) -> StoreResult<Vec<EntityDocument>> {
        self.connection.wait(self.connection.client.find(find, limit))
    }

    fn entities(&mut self, ids: &[&str]) -> StoreResult<Vec<EntityDocument>> {
        self.connection.wait(self.connection.client.entities(ids))
    }

    fn neighbours(
        &mut self,
        ids: &[&str],
        direction: Direction,
        kinds: &[EdgeKind],
        limit: usize,
    ) -> StoreResult<Vec<EdgeDocument>> {
        self.connection.wait(self.connection.client.neighbours(ids, direction, kinds, limit))
    }

    fn scan(&mut self, repository: Option<&Repository>, order: Order, visit: &mut Visit<'_>) -> StoreResult<u64> {
        let client = &self.connection.client;
        let repo = match repository {
            None => None,
            Some(repository) => match self.connection.wait(client.repository(repository))? {
                Some(book) => Some(book.key),
                None => return Ok(0),
            },
        };
        let mut collections = held::all_collections();
        if order == Order::Collection {
            collections.sort_unstable();
        }
        let mut seen = 0;
        for collection in collections {
            let is_edge = held::is_edge(collection);
            let mut after = String::new();
            loop {
                let page = self.connection.wait(client.page(collection, repo.as_deref(), &after))?;
                if let Some(last) = page.last() {
                    after.clone_from(&last.key);
                }
                for json in page.iter().filter_map(|line| line.json.as_deref()) {
                    visit(Stored { collection, is_edge, json })?;
                    seen += 1;
                }
                if page.len() < query::PAGE {
                    break;
                }
            }
        }
        Ok(seen)
    }

    fn tidy(&mut self) -> StoreResult<()> {
        Ok(())
    }
}
