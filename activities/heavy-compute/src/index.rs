//! Indexes the files of a workspace by their syntax trees.

use std::{collections::HashSet, path::Path, time::Instant};

use graph_store::{GraphStore, Run};
use kit::{Job, Phases, WorkResult};
use sha2::{Digest, Sha256};

use crate::{
    graph::{Coverage, Detail},
    linking::{LinkSummary, Linking},
    memory::MemoryBudget,
    pipeline::{By, Pipeline, Unit},
};

pub use crate::pipeline::{Checkpoint, Tally};

/// What is to be indexed.
pub struct Task<'a> {
    /// The workspace.
    pub root: &'a Path,
    /// Paths relative to it, ordered.
    pub files: &'a [String],
    /// Files that an index covered.
    pub covered: &'a HashSet<String>,
    /// What is kept of each file.
    pub detail: Detail,
    /// How much memory that may take.
    pub memory: MemoryBudget,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Indexed {
    /// The counts.
    pub tally: Tally,
    /// What linking found.
    pub links: LinkSummary,
    /// The time of each phase.
    pub phases: Phases,
}

/// Indexes the files, from the checkpoint on if it is one of the same list.
///
/// # Errors
/// A failure of the store, or an interruption. What was written until then stays, and is what a full run would write.
pub fn index(
    job: &Job<Checkpoint>,
    store: &mut dyn GraphStore,
    run: &Run,
    task: &Task<'_>,
    resume: Option<Checkpoint>,
) -> WorkResult<Indexed> {
    let mut phases = Phases::default();
    let start = Checkpoint::of(task.hash(), task.files.iter().map(String::as_str), resume, store, run)?;
    let todo = task.files.get(start.done..).unwrap_or_default().iter();
    let units = todo.map(|path| {
        let by = if task.covered.contains(path) { By::Listed } else { By::Syntax };
        Ok(Unit { path: path.clone(), by })
    });
    let (detail, memory, total) = (task.detail, task.memory, task.files.len());
    let pipeline = Pipeline { root: Some(task.root), detail, memory, phase: "parse", total };
    let written = pipeline.run(job, store, run, start, units, &mut phases)?;
    let mut tally = written.tally;
    let begin = Instant::now();
    let linking = Linking { root: Some(task.root), files: task.files, memory };
    let linked = linking.link(job, store, run, written.any, written.facts)?;
    phases.add("link", begin.elapsed());
    tally.written += linked.written;
    tally.removed += linked.removed;
    Ok(Indexed { tally, links: linked.summary, phases })
}

impl Task<'_> {
    fn hash(&self) -> String {
        let mut sha = Sha256::new();
        sha.update(self.detail.extractor(Coverage::None));
        for path in self.files {
            sha.update([0, u8::from(self.covered.contains(path))]);
            sha.update(path);
        }
        hex::encode(sha.finalize())
    }
}
