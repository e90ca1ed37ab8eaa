//! The store in an ArangoDB server.

use graph_store::{GraphStore, GraphUrl, open_with};

use crate::{
    Home,
    support::{self, new_database, options},
};

pub(crate) struct ArangoHome {
    url: GraphUrl,
}

impl Home for ArangoHome {
    fn new() -> Self {
        Self { url: new_database(&support::server().endpoint) }
    }

    fn open(&self) -> Box<dyn GraphStore> {
        open_with(&self.url, options(support::server().credential.as_deref())).unwrap()
    }

    fn url(&self) -> String {
        self.url.to_string()
    }

    fn has_snapshots() -> bool {
        false
    }

    fn state(&self) -> Vec<u8> {
        support::state(&self.url)
    }
}

impl Drop for ArangoHome {
    fn drop(&mut self) {
        support::drop_database(&self.url);
    }
}
