//! From a repository to a code graph: the work of the queue `heavy-compute`.
//!
//! [`activities`] is the thin layer that Temporal calls; everything else is plain Rust without async: [`steps`] has one
//! function for each activity, [`workspace`] finds files, [`indexer`] has SCIP indexes made, [`file`](mod@file) reads one file, [`syntax`] says what it defines,
//! [`graph`] turns that into documents, [`link`] finds what names mean in other files, [`linking`] writes that. [`pipeline`] drives
//! it over files: [`index`] over all of a workspace, [`scip`] over those that an index covers; [`indexer`] makes indexes.

pub mod activities;
pub mod facts;
mod failure;
pub mod file;
pub mod graph;
pub mod index;
pub mod indexer;
pub mod language;
pub mod link;
pub mod linking;
pub mod memory;
pub mod pipeline;
pub mod scip;
pub mod steps;
pub mod syntax;
pub mod workspace;

pub use activities::register;
pub use failure::{of_open, of_store};
pub use steps::{Hosts, Settings};

/// Gives the shared pool of CPU threads its size. All work that computes runs there, so it is the process's one budget,
/// however many activities run at once.
///
/// # Errors
/// When the pool has been started before.
pub fn size_cpu_pool(threads: usize) -> Result<(), rayon::ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(|n| format!("cpu-{n}")).build_global()
}
