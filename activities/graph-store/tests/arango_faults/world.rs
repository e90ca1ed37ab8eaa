//! Stand-ins of one's own, in the state that a test begins with.

use std::path::Path;

use arango_double::Double;
use graph_store::{ArangoOptions, GraphStore, GraphUrl, OpenOptions, StoreResult, open_with};
use serde_json::{Value, json};

use crate::{
    sources::{index, versions},
    support,
};

/// What every write of documents has in its path.
pub(crate) const WRITES: &str = "waitForSync=true";

/// A stand-in of one's own.
pub(crate) struct Own {
    pub(crate) double: Double,
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) fn own() -> Own {
    let folder = tempfile::tempdir().unwrap();
    Own { double: support::double(folder.path(), &["--auth", "root:s3cret"]), folder }
}

pub(crate) fn quick() -> ArangoOptions {
    ArangoOptions { credential: Some("root:s3cret".parse().unwrap()), ..support::quick() }
}

pub(crate) fn open_at(address: &str, arango: ArangoOptions) -> StoreResult<Box<dyn GraphStore>> {
    let url: GraphUrl = format!("arangodb+http://{address}/graph").parse().unwrap();
    open_with(&url, OpenOptions { arango, ..OpenOptions::default() })
}

impl Own {
    pub(crate) fn open(&self) -> Box<dyn GraphStore> {
        self.open_with(quick()).unwrap()
    }

    pub(crate) fn open_with(&self, options: ArangoOptions) -> StoreResult<Box<dyn GraphStore>> {
        open_at(&self.double.address.to_string(), options)
    }

    pub(crate) fn fault(&self, order: &Value) {
        self.double.order("fault", order).unwrap();
    }

    pub(crate) fn calm(&self) {
        self.double.order("calm", &json!({})).unwrap();
    }

    /// How often the log was written to.
    pub(crate) fn transactions(&self) -> usize {
        let log = std::fs::read(self.folder.path().join("arango.log")).unwrap();
        log.iter().filter(|b| **b == b'\n').count()
    }

    /// The log, to begin from there again.
    pub(crate) fn keep(&self, at: &Path) {
        std::fs::copy(self.folder.path().join("arango.log"), at).unwrap();
    }
}

/// A stand-in that holds the first version.
pub(crate) fn with_first_version() -> Own {
    let own = own();
    index(&mut *own.open(), 1, &versions()[0]).unwrap();
    own
}

/// A stand-in with what another one had.
pub(crate) fn copy_of(log: &Path) -> Own {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(log, folder.path().join("arango.log")).unwrap();
    Own { double: support::double(folder.path(), &["--auth", "root:s3cret"]), folder }
}

/// Runs `try_at` for the first write of the change from the first to the second version, for the second write, and so on,
/// each time from the same beginning, until `try_at` says that there were not as many.
pub(crate) fn at_every_write(try_at: impl FnMut(&mut Own, u64) -> bool) {
    at_writes(&with_first_version(), 1, try_at);
}

/// The same for every `step`th write, from another beginning.
pub(crate) fn at_writes(begin: &Own, step: u64, mut try_at: impl FnMut(&mut Own, u64) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    begin.keep(&log);
    let mut write = 0;
    while try_at(&mut copy_of(&log), write) {
        write += step;
    }
    assert!(write > 15, "only {write} writes");
}
