//! Linking what is stored: from the facts of all files to the edges between them, and to the store again.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
};

use contracts::heavy_compute::{CallSites, SymbolDefinitions, SymbolReferences};
use graph_store::{GraphStore, Run};
use kit::{Job, WorkResult};
use serde::{Deserialize, Serialize};

use crate::{
    facts::FileFacts,
    failure::of_store,
    link::{self, Manifests},
    memory::MemoryBudget,
    pipeline::{Checkpoint, count},
};

/// What linking found, as the store remembers it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkSummary {
    /// What the calls of all files turned out to be.
    pub calls: CallSites,
    /// What the references of indexes turned out to be.
    pub references: SymbolReferences,
    /// References into the repository that have no answer, by reason.
    pub unresolved: BTreeMap<String, u64>,
    /// What the definitions of indexes turned out to be.
    pub definitions: SymbolDefinitions,
    /// Entities of the files that an index covers, their file entities included.
    pub covered_entities: u64,
    /// Edges that start in those files, by kind.
    pub covered_edges: BTreeMap<String, u64>,
    /// Packages that those files use.
    pub covered_packages: u64,
}

/// What is linked.
pub(crate) struct Linking<'a> {
    /// The workspace; none where there are no sources.
    pub(crate) root: Option<&'a Path>,
    /// All files of the scan. Those that the store does not have are left out.
    pub(crate) files: &'a [String],
    pub(crate) memory: MemoryBudget,
}

/// What was done.
pub(crate) struct LinksWritten {
    pub(crate) written: u64,
    pub(crate) removed: u64,
    pub(crate) summary: LinkSummary,
}

impl Linking<'_> {
    /// Makes the edges that depend on more than one file. Nothing is read or written when no file has changed, appeared or
    /// vanished since it was last done. `fresh` are facts that were just made; the others are read.
    ///
    /// # Errors
    /// A failure of the store, or an interruption.
    pub(crate) fn link(
        &self,
        job: &Job<Checkpoint>,
        store: &mut dyn GraphStore,
        run: &Run,
        changed: bool,
        mut fresh: HashMap<String, FileFacts>,
    ) -> WorkResult<LinksWritten> {
        let known = store.indexed_files(&run.repository).map_err(of_store)?;
        let scanned: HashSet<&str> = self.files.iter().map(String::as_str).collect();
        let summary = store.link_summary(&run.repository).map_err(of_store)?;
        let unchanged = !changed && known.keys().all(|path| scanned.contains(path.as_str()));
        if let Some(summary) = summary.filter(|_| unchanged).and_then(|summary| serde_json::from_str(&summary).ok()) {
            return Ok(LinksWritten { written: 0, removed: 0, summary });
        }
        job.progress("link", 0, count(self.files.len()), "files");
        let missing = self.files.iter().any(|path| known.contains_key(path) && !fresh.contains_key(path));
        let mut stored = if missing { store.facts(&run.repository).map_err(of_store)? } else { HashMap::new() };
        let files: Vec<(String, FileFacts)> = self
            .files
            .iter()
            .filter(|path| known.contains_key(*path))
            .map(|path| {
                let facts = fresh.remove(path);
                let facts = facts.or_else(|| FileFacts::from_bytes(&stored.remove(path)?));
                (path.clone(), facts.unwrap_or_default())
            })
            .collect();
        drop(stored);
        self.memory.check("linking")?;
        job.proceed()?;
        let manifests = match self.root {
            Some(root) => Manifests::read(job, root, self.files)?,
            None => Manifests::default(),
        };
        let mut sum = LinksWritten { written: 0, removed: 0, summary: LinkSummary::default() };
        let total = count(files.len());
        let mut seen = 0;
        let is_known =
            |path: &str, digest: &str| known.get(path).is_some_and(|file| file.links.as_deref() == Some(digest));
        let summary = link::link(job, &run.repository, files, &manifests, &is_known, &mut |linked| {
            if !linked.files.is_empty() {
                let written = store.link_files(run, &linked.files, &linked.packages).map_err(of_store)?;
                sum.written += written.written;
                sum.removed += written.removed;
            }
            seen += count(linked.files.len());
            job.progress("link", seen, total, "files");
            job.proceed()
        })?;
        sum.summary = summary;
        let summary = serde_json::to_string(&sum.summary).unwrap_or_default();
        let finished = store.finish_links(run, &summary).map_err(of_store)?;
        sum.removed += finished.removed;
        Ok(sum)
    }
}
