//! What a command runs in: the worker's settings, as far as they matter without Temporal.

use std::path::{Path, PathBuf};

use contracts::queues;
use graph_store::StoreError;
use heavy_compute::{Hosts, Settings, indexer::Limits};
use kit::{AllowedRoots, BlobStore, Failure, GraphPlace};
use runtime::{RawConfig, WorkerConfig};

use crate::ending::Ending;

/// Without a word about it, a command logs only what went wrong.
const LOG: &str = "warn";

/// The settings.
pub(crate) struct Surroundings {
    config: WorkerConfig,
    workspaces: PathBuf,
    indexer_limits: Limits,
    raw: RawConfig,
}

impl Surroundings {
    /// Reads the environment, and sets up log and CPU threads.
    ///
    /// # Errors
    /// The first setting that does not make sense.
    pub(crate) fn read() -> Result<Self, Ending> {
        let raw = RawConfig::from_env();
        let config = WorkerConfig::new(queues::HEAVY_COMPUTE, &raw)?;
        let filter = raw.get(contracts::env::LOG).unwrap_or(LOG);
        runtime::init_logging(filter, config.log_format).map_err(|e| Ending::other(1, e))?;
        let threads = heavy_compute::size_cpu_pool(config.cpu_threads);
        threads.map_err(|e| Ending::other(1, format!("starting the CPU threads: {e}")))?;
        let indexer_limits = Limits::read(|name| raw.get(name))?;
        Ok(Self { workspaces: raw.workspaces()?, indexer_limits, config, raw })
    }

    /// What the work needs. It may read what the user may read, and nothing is stored yet: blobs stay in memory.
    ///
    /// # Errors
    /// When the URL of the graph store is none.
    pub(crate) fn settings(&self) -> Result<Settings, Ending> {
        Ok(Settings {
            host_queue: self.config.host_queue(),
            workspaces: self.workspaces.clone(),
            indexes: self.config.state_dir.join("indexes"),
            indexer_limits: self.indexer_limits,
            graph: self.raw.graph(&self.config.graph_url).map_err(heavy_compute::of_store)?,
            blobs: BlobStore::in_memory().map_err(|e| Ending::other(1, e.to_string()))?,
            roots: AllowedRoots::new([PathBuf::from("/")]),
            // No command asks: there is no server.
            hosts: Hosts::new(|| Ok(Vec::new())),
            memory: heavy_compute::memory::MemoryBudget::new(self.config.memory_limit),
        })
    }

    /// A graph store with the credential that is set for it.
    ///
    /// # Errors
    /// When the URL names no store.
    pub(crate) fn graph(&self, url: &str) -> Result<GraphPlace, StoreError> {
        self.raw.graph(url)
    }

    /// The blob store of this host's worker.
    ///
    /// # Errors
    /// When it cannot be used.
    pub(crate) fn blobs(&self) -> Result<BlobStore, Ending> {
        Ok(self.config.open_blobs()?)
    }

    /// A path as the work wants it, whatever folder the command was called in.
    ///
    /// # Errors
    /// When there is no current folder.
    pub(crate) fn absolute(&self, path: &Path) -> Result<PathBuf, Failure> {
        std::path::absolute(path).map_err(|e| Failure::io("looking up the path", path, &e))
    }
}
