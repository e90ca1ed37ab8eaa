//! Parses the files of a workspace and writes what they hold, batch by batch, then links them.
//!
//! The files are read and parsed on the shared pool of CPU threads while earlier batches are written. When a transaction
//! is durable the job's checkpoint moves on, so an attempt that dies loses a few batches of work and nothing else.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io,
    path::Path,
    sync::mpsc::{Receiver, sync_channel},
    thread,
    time::{Duration, Instant},
};

use contracts::heavy_compute::CallSites;
use graph_store::{FileGraph, FileLinks, GraphStore, IndexedFile, Run};
use kit::{Job, Phases, Warnings, WorkResult};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    facts::FileFacts,
    failure::of_store,
    file, graph,
    graph::Detail,
    language,
    link::{self, Manifests},
    memory::MemoryBudget,
    syntax::{self, Grammar},
};

/// Files that are parsed together.
const BATCH: usize = 64;
/// Batches that may wait for the writer, which takes all that wait into one transaction: the busier it is, the larger and
/// so the cheaper its transactions are.
const WAITING: usize = 6;
/// Files whose links are written in one transaction.
const LINK_BATCH: usize = 1024;

/// Where an attempt has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkpoint {
    /// Hash of the list of files and of the options: a checkpoint of another list is of no use.
    list: String,
    /// Files of the list whose documents are stored.
    done: usize,
    tally: Tally,
}

/// What is counted on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Files that have a file entity.
    pub files: u64,
    /// Files by language.
    pub by_language: BTreeMap<String, u64>,
    /// Files that were not parsed, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Files that the store already had.
    pub unchanged: u64,
    /// Entities and edges that are new or different.
    pub written: u64,
    /// Entities and edges that are no longer there.
    pub removed: u64,
    /// What was met on the way.
    pub warnings: Warnings,
}

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
    /// What the calls turned out to be.
    pub calls: CallSites,
    /// The time of each phase.
    pub phases: Phases,
}

/// One file, read and parsed.
struct Parsed {
    /// None if it could not be read, or is what the store has.
    graph: Option<(FileGraph, FileFacts)>,
    tally: Tally,
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
    let list = task.hash();
    let start = match resume {
        Some(last) if last.list == list && last.done <= task.files.len() => last,
        _ => Checkpoint { list, done: 0, tally: Tally::default() },
    };
    let known = store.indexed_files(&run.repository).map_err(of_store)?;
    let todo = task.files.get(start.done..).unwrap_or_default();
    if start.done > 0 {
        tracing::info!(done = start.done, total = task.files.len(), "going on after the last checkpoint");
    }
    let mut phases = Phases::default();
    job.progress("parse", count(start.done), count(task.files.len()), "files");
    let (send, receive) = sync_channel::<Vec<Parsed>>(WAITING);
    let (parse_time, written) = thread::scope(|scope| {
        let writer = scope.spawn(|| write(job, store, run, receive, start, task));
        let mut parse_time = Duration::ZERO;
        for batch in todo.chunks(BATCH) {
            let begin = Instant::now();
            let parsed: Option<Vec<Parsed>> = batch.par_iter().map(|path| task.parse(job, run, &known, path)).collect();
            parse_time += begin.elapsed();
            // The writer hangs up when it failed.
            let Some(parsed) = parsed else { break };
            if send.send(parsed).is_err() {
                break;
            }
        }
        drop(send);
        (parse_time, writer.join())
    });
    phases.add("parse", parse_time);
    let Written { mut tally, time, parsed, facts } = match written {
        Ok(result) => result?,
        Err(panic) => std::panic::resume_unwind(panic),
    };
    phases.add("write", time);
    job.proceed()?;
    let begin = Instant::now();
    let linked = link(job, store, run, task, parsed, facts)?;
    phases.add("link", begin.elapsed());
    tally.written += linked.written;
    tally.removed += linked.removed;
    Ok(Indexed { tally, calls: linked.calls, phases })
}

/// What the writing side has done.
struct Written {
    tally: Tally,
    time: Duration,
    /// Whether there were files to write.
    parsed: bool,
    /// Of those files, as far as memory holds them.
    facts: HashMap<String, FileFacts>,
}

/// What linking has done.
struct LinksWritten {
    written: u64,
    removed: u64,
    calls: CallSites,
}

/// Makes the edges that depend on more than one file. Nothing is read or written when no file has changed, appeared or
/// vanished since it was last done.
fn link(
    job: &Job<Checkpoint>,
    store: &mut dyn GraphStore,
    run: &Run,
    task: &Task<'_>,
    parsed: bool,
    mut fresh: HashMap<String, FileFacts>,
) -> WorkResult<LinksWritten> {
    let known = store.indexed_files(&run.repository).map_err(of_store)?;
    let scanned: HashSet<&str> = task.files.iter().map(String::as_str).collect();
    let summary = store.link_summary(&run.repository).map_err(of_store)?;
    let unchanged = !parsed && known.keys().all(|path| scanned.contains(path.as_str()));
    if let Some(calls) = summary.filter(|_| unchanged).and_then(|summary| serde_json::from_str(&summary).ok()) {
        return Ok(LinksWritten { written: 0, removed: 0, calls });
    }
    job.progress("link", 0, count(task.files.len()), "files");
    let mut stored = store.facts(&run.repository).map_err(of_store)?;
    let files: Vec<(String, FileFacts)> = task
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
    task.memory.check("parseRest, linking")?;
    job.proceed()?;
    let manifests = Manifests::read(job, task.root, task.files)?;
    let linked = link::link(job, &run.repository, files, &manifests)?;
    job.proceed()?;
    let changed: Vec<FileLinks> = linked
        .files
        .into_iter()
        .filter(|links| known.get(&links.path).is_none_or(|file| file.links.as_ref() != Some(&links.digest)))
        .collect();
    let mut sum = LinksWritten { written: 0, removed: 0, calls: linked.calls };
    let mut add = |written: graph_store::Written| {
        sum.written += written.written;
        sum.removed += written.removed;
    };
    let mut done = 0;
    for batch in changed.chunks(LINK_BATCH) {
        job.proceed()?;
        let packages = if done == 0 { linked.packages.as_slice() } else { &[] };
        add(store.link_files(run, batch, packages).map_err(of_store)?);
        done += batch.len();
        job.progress("link", count(done), count(changed.len()), "files");
    }
    let summary = serde_json::to_string(&sum.calls).unwrap_or_default();
    let finished = store.finish_links(run, &summary).map_err(of_store)?;
    sum.removed += finished.removed;
    Ok(sum)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "dropped at the end, which is how the parsing side learns of a failure"
)]
fn write(
    job: &Job<Checkpoint>,
    store: &mut dyn GraphStore,
    run: &Run,
    batches: Receiver<Vec<Parsed>>,
    mut at: Checkpoint,
    task: &Task<'_>,
) -> WorkResult<Written> {
    let total = task.files.len();
    let mut time = Duration::ZERO;
    let (mut facts, mut parsed) = (HashMap::new(), false);
    while let Ok(first) = batches.recv() {
        job.proceed()?;
        let mut graphs = Vec::new();
        for parsed in first.into_iter().chain(batches.try_iter().take(WAITING).flatten()) {
            at.done += 1;
            at.tally.add(parsed.tally);
            if let Some((graph, of_file)) = parsed.graph {
                facts.insert(graph.path.clone(), of_file);
                graphs.push(graph);
            }
        }
        if !graphs.is_empty() {
            parsed = true;
            let begin = Instant::now();
            // They are stored with the file, and read again when it is linked.
            if task.memory.is_short() {
                facts = HashMap::new();
            }
            task.memory.check("parseRest")?;
            let written = store.replace_files(run, &graphs).map_err(of_store)?;
            at.tally.written += written.written;
            at.tally.removed += written.removed;
            time += begin.elapsed();
        }
        job.checkpoint(at.clone());
        job.progress("parse", count(at.done), count(total), "files");
    }
    Ok(Written { tally: at.tally, time, parsed, facts })
}

impl Task<'_> {
    fn hash(&self) -> String {
        let mut sha = Sha256::new();
        sha.update(self.detail.extractor(false));
        for path in self.files {
            sha.update([0, u8::from(self.covered.contains(path))]);
            sha.update(path);
        }
        hex::encode(sha.finalize())
    }

    /// Reads and parses one file; `None` when the work is interrupted.
    fn parse(
        &self,
        job: &Job<Checkpoint>,
        run: &Run,
        known: &HashMap<String, IndexedFile>,
        path: &str,
    ) -> Option<Parsed> {
        let interrupted = || job.stopped().is_some();
        let mut tally = Tally::default();
        let content = match file::read(&self.root.join(path), &interrupted) {
            Ok(content) => content?,
            Err(error) => {
                tally.unreadable(path, &error);
                return Some(Parsed { graph: None, tally });
            }
        };
        tally.files = 1;
        if let Some(language) = language::of_path(path) {
            tally.by_language.insert(language.to_owned(), 1);
        }
        let covered = self.covered.contains(path);
        let grammar = Grammar::for_path(path);
        let minified = content.text.as_deref().is_some_and(|text| file::is_minified(path, text));
        match &content {
            _ if covered => tally.skip("covered"),
            c if c.lines.is_none() => tally.skip("binary"),
            _ if grammar.is_none() => tally.skip("noGrammar"),
            _ if minified => tally.skip("minified"),
            c if c.text.is_none() => {
                tally.skip("tooLarge");
                tally.warnings.add("tooLarge", || format!("files over 1 MiB are not parsed, the first is {path}"));
            }
            _ => {}
        }
        let extractor = self.detail.extractor(covered);
        if known.get(path).is_some_and(|k| k.content_sha256 == content.sha256 && k.extractor == extractor) {
            tally.unchanged = 1;
            return Some(Parsed { graph: None, tally });
        }
        let syntax = match (grammar.filter(|_| !covered && !minified), content.text.as_deref()) {
            (Some(grammar), Some(text)) => {
                if std::str::from_utf8(text).is_err() {
                    tally.warnings.add("notUtf8", || format!("read with replacement characters, the first is {path}"));
                }
                let options = syntax::Options { include_members: self.detail.members, places: false };
                match syntax::extract(grammar, text, options, &interrupted) {
                    Ok(syntax) => Some(syntax),
                    Err(syntax::Error::Cancelled) => return None,
                    Err(error) => {
                        tally.skip("unparsable");
                        tally.warnings.add("unparsable", || format!("{path}: {error}"));
                        None
                    }
                }
            }
            _ => None,
        };
        if syntax.as_ref().is_some_and(|s| s.has_errors) {
            tally.warnings.add("syntaxErrors", || format!("parts could not be parsed, the first in {path}"));
        }
        let graph = graph::of_file(&run.repository, path, &content, syntax.as_ref(), self.detail, covered);
        Some(Parsed { graph: Some(graph), tally })
    }
}

impl Tally {
    fn skip(&mut self, reason: &str) {
        *self.skipped.entry(reason.to_owned()).or_default() += 1;
    }

    fn unreadable(&mut self, path: &str, error: &io::Error) {
        let code = if error.kind() == io::ErrorKind::NotFound { "vanished" } else { "unreadable" };
        self.skip(code);
        self.warnings.add(code, || format!("{path}: {error}"));
    }

    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.unchanged += other.unchanged;
        self.written += other.written;
        self.removed += other.removed;
        for (name, n) in other.by_language {
            *self.by_language.entry(name).or_default() += n;
        }
        for (reason, n) in other.skipped {
            *self.skipped.entry(reason).or_default() += n;
        }
        self.warnings.merge(other.warnings);
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
