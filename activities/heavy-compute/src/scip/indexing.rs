//! The indexes that indexers make of a workspace.

use std::{collections::HashMap, path::Path};

use contracts::heavy_compute::IndexReport;
use kit::{AllowedRoots, Job, Warnings, WorkResult};
use rayon::prelude::*;

use super::plan::{IndexFile, Made, Root, WalkedIndex};
use crate::{
    file,
    indexer::{self, Indexers, Planned, Ran, Shortfall},
    pipeline::Checkpoint,
    steps::Settings,
};

/// What indexers work on.
pub(super) struct Work<'a> {
    pub(super) job: &'a Job<Checkpoint>,
    pub(super) settings: &'a Settings,
    pub(super) workspace: &'a Path,
    pub(super) files: &'a [String],
    /// Package roots; empty for the workspace itself.
    pub(super) roots: &'a [String],
}

/// What came of it.
#[derive(Default)]
pub(super) struct Indexed {
    pub(super) files: Vec<IndexFile>,
    /// The indexers that made none.
    pub(super) without: Vec<IndexReport>,
}

impl Work<'_> {
    /// Runs those of the installed indexers that fit, of `wanted` if that says which.
    pub(super) fn run(&self, wanted: Option<&[String]>, warnings: &mut Warnings) -> WorkResult<Indexed> {
        let limits = &self.settings.indexer_limits;
        let roots: Vec<String> =
            self.roots.iter().map(|root| if root.is_empty() { ".".to_owned() } else { root.clone() }).collect();
        let indexers = Indexers::of_host();
        let plan = indexers.plan(self.files, &roots, limits.builds);
        let is_wanted = |name: &str| wanted.is_none_or(|wanted| wanted.iter().any(|known| known == name));
        for (code, message) in plan.warnings() {
            warnings.add(code, || message);
        }
        for unknown in wanted.unwrap_or_default() {
            if !indexer::INDEXERS.iter().any(|known| known.name == unknown) {
                warnings.add("indexerUnknown", || format!("there is no indexer {unknown}"));
            }
        }
        let planned: Vec<&Planned> = plan.planned.iter().filter(|planned| is_wanted(planned.indexer.name)).collect();
        let mut indexed = Indexed::default();
        if planned.is_empty() {
            return Ok(indexed);
        }
        let hashes = self.hashes(&planned)?;
        let folder = indexer::folder_of(&self.settings.indexes, self.workspace);
        for planned in planned {
            let version = match indexers.version(self.job, planned, limits, &folder)? {
                Ok(version) => version,
                Err(shortfall) => {
                    indexed.failed(planned, shortfall, warnings)?;
                    continue;
                }
            };
            let files = hashes.iter().map(|(path, hash)| (*path, hash.as_str()));
            let print = indexer::fingerprint(self.workspace, planned, &version, files);
            let ran = indexers.run(self.job, self.workspace, planned, limits, &folder, &print)?;
            let (index, reused) = match ran {
                Ran::Made(index) => (index, false),
                Ran::Reused(index) => (index, true),
                Ran::Failed(shortfall) => {
                    indexed.failed(planned, shortfall, warnings)?;
                    continue;
                }
            };
            let file = AllowedRoots::new([folder.clone()]).open_file(&index.path)?;
            let root = if index.root == "." { String::new() } else { index.root.clone() };
            indexed.files.push(IndexFile { file, root: Root::Known(root), made: Some(Made { index, reused }) });
        }
        Ok(indexed)
    }

    /// Hashes of the files that an index may depend on. One that cannot be read is told when it is joined.
    fn hashes(&self, planned: &[&Planned]) -> WorkResult<HashMap<&str, String>> {
        let counts = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            let language = crate::language::of_path(path);
            planned.iter().any(|planned| {
                language.is_some_and(|language| planned.indexer.languages.contains(&language))
                    || planned.indexer.manifest(name)
            })
        };
        let files: Vec<&str> = self.files.iter().map(String::as_str).filter(|path| counts(path)).collect();
        let hashes = files
            .into_par_iter()
            .filter_map(|path| {
                let read = file::read(&self.workspace.join(path), &|| self.job.stopped().is_some());
                Some((path, read.ok()??.sha256))
            })
            .collect();
        self.job.proceed()?;
        Ok(hashes)
    }
}

impl Indexed {
    /// Without an index the files are parsed all the same. Only what nothing in the sources or the settings explains is
    /// worth another attempt.
    fn failed(&mut self, planned: &Planned, shortfall: Shortfall, warnings: &mut Warnings) -> WorkResult<()> {
        if matches!(shortfall, Shortfall::Killed { .. }) {
            return Err(shortfall.into_failure(planned).into());
        }
        let (code, message) = shortfall.warning(planned);
        warnings.add(code, || message.clone());
        self.without.push(IndexReport {
            indexer: planned.indexer.name.to_owned(),
            root: planned.root.clone(),
            documents: 0,
            occurrences: 0,
            bytes: 0,
            ms: 0,
            reused: false,
            warning: Some(message),
        });
        Ok(())
    }
}

/// An index that turned out to be damaged is made anew the next time.
pub(super) fn forget(index: &WalkedIndex) {
    if let Some(made) = &index.made
        && let Err(error) = indexer::discard(&made.index)
    {
        tracing::warn!(%error, "a damaged index could not be removed");
    }
}
