//! Where the documents of a command go: into a graph store, or onto stdout by way of a store that is thrown away.

use std::{
    fs,
    io::{self, BufWriter, Write},
};

use graph_store::{GraphUrl, Repository, StoreError};
use heavy_compute::Settings;
use kit::{Failure, GraphCredential, GraphPlace, Secret};
use tempfile::TempDir;

use crate::{
    arguments::{OutputFormat, StoreOptions},
    ending::Ending,
    surroundings::Surroundings,
};

/// A destination that was chosen.
pub(crate) struct Destination {
    graph: GraphPlace,
    /// What is only printed is kept nowhere else.
    passing: Option<TempDir>,
}

impl Destination {
    /// The destination that the options mean, which `settings` then lead to.
    ///
    /// # Errors
    /// When a URL is none, a reference has nothing behind it, or a folder or the blob store cannot be used.
    pub(crate) fn choose(
        format: OutputFormat,
        store: &StoreOptions,
        surroundings: &Surroundings,
        settings: &mut Settings,
    ) -> Result<Self, Ending> {
        let passing = match format {
            OutputFormat::Json => {
                let made = tempfile::tempdir();
                Some(made.map_err(|e| Failure::io("making a folder for the documents", &std::env::temp_dir(), &e))?)
            }
            OutputFormat::Summary => None,
        };
        if let Some(folder) = &passing {
            settings.graph = GraphUrl::Sqlite(folder.path().join("graph.db")).into();
        } else {
            if let Some(place) = named(store, surroundings)? {
                settings.graph = place;
            }
            settings.graph.batch = store.batch_size;
            settings.blobs = surroundings.blobs()?;
        }
        Ok(Self { graph: settings.graph.clone(), passing })
    }

    /// Prints the documents, if that is where they go; tells whether it is.
    ///
    /// # Errors
    /// When the store cannot be read or stdout not be written.
    pub(crate) fn print(&self, repository: &Repository) -> Result<bool, Ending> {
        if self.passing.is_none() {
            return Ok(false);
        }
        let failed = |error: StoreError| match error {
            StoreError::Export(error) => Ending::stdout(&error),
            other => heavy_compute::of_store(other).into(),
        };
        let mut store = self.graph.open().map_err(heavy_compute::of_open)?;
        let mut stdout = BufWriter::new(io::stdout().lock());
        store.export(Some(repository), &mut stdout).map_err(failed)?;
        stdout.flush().map_err(|e| Ending::stdout(&e))?;
        Ok(true)
    }
}

/// Makes the folder that an embedded store is to be in.
///
/// # Errors
/// What the disk says.
pub(crate) fn make_folder(graph: &GraphPlace) -> Result<(), Failure> {
    if let GraphUrl::Sqlite(path) = &graph.url
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder).map_err(|e| Failure::io("making the folder of the graph", folder, &e))?;
    }
    Ok(())
}

/// The store that was named, if one was.
fn named(options: &StoreOptions, surroundings: &Surroundings) -> Result<Option<GraphPlace>, Failure> {
    let url = match (&options.graph_url, &options.arango_url) {
        (Some(url), _) => url.clone(),
        (None, Some(server)) => {
            let database = options.arango_db.as_deref().unwrap_or_default();
            format!("arangodb+{}/{database}", server.trim_end_matches('/'))
        }
        (None, None) => return Ok(None),
    };
    // That nothing is behind a reference is better known now than when the store asks.
    options.arango_auth.as_deref().map(Secret::resolve).transpose()?;
    let mut place = surroundings.graph(&url).map_err(heavy_compute::of_store)?;
    if let Some(reference) = &options.arango_auth {
        place.credential = Some(GraphCredential::Whole(reference.clone()));
    }
    Ok(Some(place))
}
