//! Joining the documents of indexes with their files and writing what comes of it.

use std::{path::Path, time::Instant};

use graph_store::{GraphStore, Run};
use kit::{Job, Phases, Warnings, WorkResult};
use scip_index::{IndexReader, Part};
use sha2::{Digest, Sha256};

use super::plan::{Plan, PlannedDocument, WalkedIndex};
use crate::{
    failure::of_store,
    graph::{Coverage, Detail},
    linking::{LinkSummary, Linking},
    memory::MemoryBudget,
    pipeline::{By, Checkpoint, Document, Pipeline, Tally, Unit},
    scip::plan,
};

/// What is joined with what.
pub(super) struct Task<'a> {
    /// The workspace; none where there are no sources.
    pub(super) root: Option<&'a Path>,
    /// Files of the workspace, ordered; where there is none, the paths of the documents.
    pub(super) files: &'a [String],
    pub(super) detail: Detail,
    pub(super) memory: MemoryBudget,
}

/// What was done.
pub(super) struct Done {
    pub(super) tally: Tally,
    pub(super) links: LinkSummary,
    /// Paths of the files that an index covers now, ordered.
    pub(super) covered: Vec<String>,
}

impl Task<'_> {
    /// Joins the documents of the plan, from the checkpoint on if it is one of the same documents, and links what is there.
    pub(super) fn run(
        &self,
        job: &Job<Checkpoint>,
        store: &mut dyn GraphStore,
        run: &Run,
        plan: &Plan,
        resume: Option<Checkpoint>,
        phases: &mut Phases,
    ) -> WorkResult<Done> {
        let paths = plan.documents.iter().map(|document| document.path.as_str());
        let start = Checkpoint::of(self.hash(plan), paths, resume, store, run)?;
        let units = Units { plan, next: start.done, reader: None };
        let total = plan.documents.len();
        let pipeline = Pipeline { root: self.root, detail: self.detail, memory: self.memory, phase: "join", total };
        let written = pipeline.run(job, store, run, start, units, phases)?;
        let mut tally = written.tally;
        let begin = Instant::now();
        let linking = Linking { root: self.root, files: self.files, memory: self.memory };
        let linked = linking.link(job, store, run, written.any, written.facts)?;
        phases.add("link", begin.elapsed());
        tally.written += linked.written;
        tally.removed += linked.removed;
        let known = store.indexed_files(&run.repository).map_err(of_store)?;
        let covers = |document: &&PlannedDocument| {
            let extractor = self.extractor(document);
            known.get(&document.path).is_some_and(|file| file.extractor == extractor)
        };
        let mut covered: Vec<String> =
            plan.documents.iter().filter(covers).map(|document| document.path.clone()).collect();
        covered.sort_unstable();
        Ok(Done { tally, links: linked.summary, covered })
    }

    fn extractor(&self, document: &PlannedDocument) -> String {
        self.detail.extractor(Coverage::Document { digest: &document.digest, joined: None })
    }

    fn hash(&self, plan: &Plan) -> String {
        let mut sha = Sha256::new();
        for document in &plan.documents {
            sha.update(self.extractor(document));
            sha.update([0]);
            sha.update(&document.path);
            sha.update([0]);
        }
        hex::encode(sha.finalize())
    }
}

/// The documents of a plan, read one after the other.
struct Units<'a> {
    plan: &'a Plan,
    next: usize,
    reader: Option<(usize, IndexReader<std::fs::File>)>,
}

impl Iterator for Units<'_> {
    type Item = WorkResult<Unit>;

    fn next(&mut self) -> Option<Self::Item> {
        let document = self.plan.documents.get(self.next)?;
        self.next += 1;
        let index = self.plan.indexes.get(document.index)?;
        Some(self.read(document, index))
    }
}

impl Units<'_> {
    fn read(&mut self, document: &PlannedDocument, index: &WalkedIndex) -> WorkResult<Unit> {
        let changed = |what: &str| {
            kit::Failure::new(
                contracts::errors::ErrorType::IndexDamaged,
                format!("{what} while it was read"),
                index.name.clone(),
                "it is read again",
            )
        };
        if self.reader.as_ref().is_none_or(|(open, _)| *open != document.index) {
            let file = index.file.try_clone();
            let file = file.map_err(|e| kit::Failure::io("reading the index", Path::new(&index.name), &e))?;
            self.reader = Some((document.index, plan::reader(file, &index.name)?));
        }
        let Some((_, reader)) = &mut self.reader else { return Err(changed("the index was closed").into()) };
        let part = reader.resume(document.offset).and_then(|()| reader.next_part());
        let bytes = match part {
            Ok(Some(Part::Document(block))) => block.bytes().to_vec(),
            _ => return Err(changed("the index was changed").into()),
        };
        let by = By::Document(Document {
            index: document.index,
            offset: document.offset,
            bytes,
            digest: document.digest.clone(),
            root: index.root.clone(),
            tool: index.tool.clone(),
        });
        Ok(Unit { path: document.path.clone(), by })
    }
}

/// All that was met, of the plan and of the work.
pub(super) fn warnings(plan: &mut Plan, tally: Warnings) -> Warnings {
    let mut all = std::mem::take(&mut plan.warnings);
    all.merge(tally);
    all
}
