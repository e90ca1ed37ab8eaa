//! What a graph store can do, whichever it is.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io::Write,
};

use crate::{
    document::{EdgeDocument, EdgeKind, EntityDocument, FileGraph, FileLinks},
    error::StoreResult,
    export,
    query::{Direction, Find, Order, Visit},
};

/// A repository in the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Whose it is.
    pub org_id: String,
    /// Part of every key.
    pub repo_id: String,
}

/// The right to write one repository. A later run of the same repository takes it away ([`crate::StoreError::Fenced`]), so
/// that an attempt which was given up, but still runs, cannot undo what its successor wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What is written.
    pub repository: Repository,
    /// Larger for a later run of the repository, by the one clock that schedules the runs.
    pub epoch: i64,
}

/// What the store remembers of a file that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedFile {
    /// SHA-256 of the content that was indexed.
    pub content_sha256: String,
    /// [`FileGraph::extractor`] of then.
    pub extractor: String,
    /// [`FileLinks::digest`] of the links that are stored; none when they have to be made anew.
    pub links: Option<String>,
}

/// How many documents a call wrote and removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Entities and edges that are new or different.
    pub written: u64,
    /// Entities and edges that the files no longer hold.
    pub removed: u64,
}

/// How many documents of vanished files a call removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Entities.
    pub entities: u64,
    /// Edges from and to them.
    pub edges: u64,
}

/// What a graph holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entities by kind.
    pub entities: BTreeMap<String, u64>,
    /// Edges by kind.
    pub edges: BTreeMap<String, u64>,
    /// Files by language; files without one are not here.
    pub languages: BTreeMap<String, u64>,
}

/// A store of code graphs. One conformance suite runs against every implementation.
///
/// Where it says that a call is one transaction, and that nothing was written when it fails, that holds for stores that have
/// transactions over all of a graph. ArangoDB's bulk import has none. There, a call that fails, or a process that dies in
/// it, may leave some of its documents; the files that it was about to write then do not count as indexed (or as linked),
/// so that the next run writes them, and what that leaves is what an undisturbed run leaves. Nobody sees an edge before its
/// ends, and a reader may see half of what a call writes. A run that was replaced is refused as everywhere else; what it
/// had sent before is kept from undoing what its successor wrote, and what it adds is removed by the successor or, if it
/// comes even later, by the run after that. A successor that meets such writes fails with
/// [`crate::StoreError::Unavailable`], and a further run succeeds.
pub trait GraphStore: Send {
    /// Asks for the right to write a repository. Nothing is written by that: the first write of the run takes the right
    /// away from runs with a smaller epoch.
    ///
    /// # Errors
    /// When the repository id belongs to another organisation, a run with a larger epoch has written already, or the store
    /// fails.
    fn begin_run(&mut self, repository: &Repository, epoch: i64) -> StoreResult<Run>;

    /// The files of a repository that the store holds completely, by path.
    ///
    /// # Errors
    /// When the store fails.
    fn indexed_files(&mut self, repository: &Repository) -> StoreResult<HashMap<String, IndexedFile>>;

    /// Makes the graph of each file what is given here, all of them in one transaction. Links to and from entities that
    /// vanish by that vanish too, and the repository counts as not linked until [`Self::finish_links`].
    ///
    /// # Errors
    /// When the run was fenced, or the store fails; then nothing of this call was written.
    fn replace_files(&mut self, run: &Run, files: &[FileGraph]) -> StoreResult<Written>;

    /// What the indexer remembers of each file, by path.
    ///
    /// # Errors
    /// When the store fails.
    fn facts(&mut self, repository: &Repository) -> StoreResult<HashMap<String, Vec<u8>>>;

    /// Makes the links of each file what is given here, in one transaction with the packages that they point to. The
    /// repository counts as not linked until [`Self::finish_links`].
    ///
    /// # Errors
    /// When the run was fenced, or the store fails; then nothing of this call was written.
    fn link_files(&mut self, run: &Run, files: &[FileLinks], packages: &[EntityDocument]) -> StoreResult<Written>;

    /// Says that every file is linked, keeps a summary of it, and removes packages that nothing points to any more.
    ///
    /// # Errors
    /// When the run was fenced, or the store fails; then nothing of this call was written.
    fn finish_links(&mut self, run: &Run, summary: &str) -> StoreResult<Written>;

    /// The summary of [`Self::finish_links`]; none when files were written since, or never linked.
    ///
    /// # Errors
    /// When the store fails.
    fn link_summary(&mut self, repository: &Repository) -> StoreResult<Option<String>>;

    /// Removes all that is known of a repository. Answers what was there.
    ///
    /// # Errors
    /// When the store fails; then nothing was removed.
    fn drop_repository(&mut self, repository: &Repository) -> StoreResult<Removed>;

    /// Removes the files that are not in `scanned`, with their entities, every edge from and to those, and the packages that
    /// only they used, and remembers `commit` as what the graph now shows.
    ///
    /// # Errors
    /// When the run was fenced, or the store fails; then nothing of this call was written.
    fn retain_files(&mut self, run: &Run, scanned: &HashSet<String>, commit: Option<&str>) -> StoreResult<Removed>;

    /// Counts one repository, or all.
    ///
    /// # Errors
    /// When the store fails.
    fn counts(&mut self, repository: Option<&Repository>) -> StoreResult<Counts>;

    /// The repositories in the store, ordered by id.
    ///
    /// # Errors
    /// When the store fails.
    fn repositories(&mut self) -> StoreResult<Vec<Repository>>;

    /// Entities by name, ordered by (name, repository id, path, first line, collection, key), names by their bytes. At most
    /// `limit`; which ones these are depends on the graph alone.
    ///
    /// # Errors
    /// When the store fails.
    fn find(&mut self, find: &Find<'_>, limit: usize) -> StoreResult<Vec<EntityDocument>>;

    /// The entities with these ids (`collection/key`), in this order, without those that are not there.
    ///
    /// # Errors
    /// When the store fails.
    fn entities(&mut self, ids: &[&str]) -> StoreResult<Vec<EntityDocument>>;

    /// The edges of the entities with these ids: the first one's, then the second one's, and so on, each ordered by (kind,
    /// id of the other end). Without `kinds`, those of every kind. At most `limit` in all.
    ///
    /// # Errors
    /// When the store fails.
    fn neighbours(
        &mut self,
        ids: &[&str],
        direction: Direction,
        kinds: &[EdgeKind],
        limit: usize,
    ) -> StoreResult<Vec<EdgeDocument>>;

    /// Hands each document of one repository, or of all, to `visit`, in a snapshot: what is written meanwhile is not seen
    /// (ArangoDB: may be seen, as the documents come in pages). Returns how many there were.
    ///
    /// # Errors
    /// When the store or the visitor fails.
    fn scan(&mut self, repository: Option<&Repository>, order: Order, visit: &mut Visit<'_>) -> StoreResult<u64>;

    /// Writes one repository, or all, as NDJSON: a line for each document, `collection` first, ordered by (collection,
    /// `_key`). The bytes depend on the graph alone, not on how or in what order it was written. Returns the lines.
    ///
    /// # Errors
    /// When the store or the writer fails.
    fn export(&mut self, repository: Option<&Repository>, to: &mut dyn Write) -> StoreResult<u64> {
        let lines = self.scan(repository, Order::Collection, &mut |document| export::line(document, to))?;
        to.flush().map_err(crate::StoreError::Export)?;
        Ok(lines)
    }

    /// Gives back what writing left behind, for example a long log. Called at the end of a job.
    ///
    /// # Errors
    /// When the store fails.
    fn tidy(&mut self) -> StoreResult<()>;
}
