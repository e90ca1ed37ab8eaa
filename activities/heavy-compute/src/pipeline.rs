//! Reads, parses and joins files, and writes what they hold, batch by batch.
//!
//! The files are read and parsed on the shared pool of CPU threads while earlier batches are written. When a transaction
//! is durable the job's checkpoint moves on, so an attempt that dies loses a few batches of work and nothing else.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use graph_store::{FileGraph, GraphStore, IndexedFile, Run};
use kit::{Job, Phases, Warnings, WorkResult};
use rayon::prelude::*;
use scip_index::DocumentView;
use serde::{Deserialize, Serialize};

use crate::{
    facts::FileFacts,
    failure::of_store,
    file::{self, Content},
    graph::{self, Coverage, Detail},
    language,
    memory::MemoryBudget,
    scip::{self, Joined},
    syntax::{self, FileSyntax, Grammar},
};

/// Files that are parsed together.
const BATCH: usize = 64;
/// Bytes of documents that are joined together.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Batches that may wait for the writer, which takes all that wait into one transaction: the busier it is, the larger and
/// so the cheaper its transactions are.
const WAITING: usize = 6;

/// Where an attempt has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkpoint {
    /// Hash of the list of files and of the options: a checkpoint of another list is of no use.
    pub(crate) list: String,
    /// Files of the list whose documents are stored.
    pub(crate) done: usize,
    pub(crate) tally: Tally,
}

impl Checkpoint {
    /// The last one of the same list, or a new one. A store without transactions may have to be given a file again that was
    /// done: then everything is looked at again, and what is there is passed over.
    pub(crate) fn of<'p>(
        list: String,
        paths: impl ExactSizeIterator<Item = &'p str>,
        resume: Option<Self>,
        store: &mut dyn GraphStore,
        run: &Run,
    ) -> WorkResult<Self> {
        let total = paths.len();
        if let Some(last) = resume
            && last.list == list
            && (1..=total).contains(&last.done)
        {
            let known = store.indexed_files(&run.repository).map_err(of_store)?;
            let is_there = |path: &str| known.get(path).is_some_and(|file| !file.extractor.is_empty());
            if paths.take(last.done).all(is_there) {
                tracing::info!(done = last.done, total, "going on after the last checkpoint");
                return Ok(last);
            }
        }
        Ok(Self { list, done: 0, tally: Tally::default() })
    }
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
    /// Documents of indexes that could not be joined with their files.
    #[serde(default)]
    pub skipped_documents: u64,
    /// Occurrences of the documents that were joined, by index.
    #[serde(default)]
    pub occurrences: BTreeMap<usize, u64>,
}

/// One file to be read.
pub(crate) struct Unit {
    /// Its path in the repository.
    pub(crate) path: String,
    pub(crate) by: By,
}

/// Who says what a file holds.
pub(crate) enum By {
    /// Its syntax tree.
    Syntax,
    /// An index that is not here: a list says that it covers the file.
    Listed,
    /// A document of an index.
    Document(Document),
}

/// A document of an index, as bytes.
pub(crate) struct Document {
    /// Which of the indexes it is of.
    pub(crate) index: usize,
    /// Where it begins in its index.
    pub(crate) offset: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest: String,
    /// The folder that its index was made in.
    pub(crate) root: Arc<str>,
    /// Who made it.
    pub(crate) tool: Arc<str>,
}

/// What every file is read with.
pub(crate) struct Pipeline<'a> {
    /// The workspace; none where there are no sources.
    pub(crate) root: Option<&'a Path>,
    pub(crate) detail: Detail,
    pub(crate) memory: MemoryBudget,
    /// What people see.
    pub(crate) phase: &'static str,
    pub(crate) total: usize,
}

/// What was done.
pub(crate) struct Written {
    pub(crate) tally: Tally,
    /// Whether there were files to write.
    pub(crate) any: bool,
    /// Of those files, as far as memory holds them.
    pub(crate) facts: HashMap<String, FileFacts>,
}

/// One file, read and parsed.
struct Parsed {
    /// None if it could not be read, or is what the store has.
    graph: Option<(FileGraph, FileFacts)>,
    tally: Tally,
}

impl Pipeline<'_> {
    /// Reads and writes what `units` gives from the checkpoint on.
    ///
    /// # Errors
    /// A failure of the store or of `units`, or an interruption. What was written until then stays.
    pub(crate) fn run(
        &self,
        job: &Job<Checkpoint>,
        store: &mut dyn GraphStore,
        run: &Run,
        start: Checkpoint,
        units: impl Iterator<Item = WorkResult<Unit>>,
        phases: &mut Phases,
    ) -> WorkResult<Written> {
        let known = store.indexed_files(&run.repository).map_err(of_store)?;
        job.progress(self.phase, count(start.done), count(self.total), "files");
        let (send, receive) = sync_channel::<Vec<Parsed>>(WAITING);
        let mut failed = Ok(());
        let (parse_time, written) = thread::scope(|scope| {
            let writer = scope.spawn(|| self.write(job, store, run, receive, start));
            let mut parse_time = Duration::ZERO;
            let mut units = units.peekable();
            while units.peek().is_some() {
                let begin = Instant::now();
                let batch = match batch_of(&mut units) {
                    Ok(batch) => batch,
                    Err(error) => {
                        failed = Err(error);
                        break;
                    }
                };
                let parsed: Option<Vec<Parsed>> =
                    batch.into_par_iter().map(|unit| self.parse(job, run, &known, &unit)).collect();
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
        phases.add(self.phase, parse_time);
        let (written, time) = match written {
            Ok(result) => result?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        phases.add("write", time);
        job.proceed()?;
        failed?;
        Ok(written)
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "dropped at the end, which is how the parsing side learns of a failure"
    )]
    fn write(
        &self,
        job: &Job<Checkpoint>,
        store: &mut dyn GraphStore,
        run: &Run,
        batches: Receiver<Vec<Parsed>>,
        mut at: Checkpoint,
    ) -> WorkResult<(Written, Duration)> {
        let mut time = Duration::ZERO;
        let (mut facts, mut any) = (HashMap::new(), false);
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
                any = true;
                let begin = Instant::now();
                // They are stored with the file, and read again when it is linked.
                if self.memory.is_short() {
                    facts = HashMap::new();
                }
                self.memory.check(self.phase)?;
                let written = store.replace_files(run, &graphs).map_err(of_store)?;
                at.tally.written += written.written;
                at.tally.removed += written.removed;
                time += begin.elapsed();
            }
            job.checkpoint(at.clone());
            job.progress(self.phase, count(at.done), count(self.total), "files");
        }
        Ok((Written { tally: at.tally, any, facts }, time))
    }

    /// Reads and parses one file; `None` when the work is interrupted.
    fn parse(
        &self,
        job: &Job<Checkpoint>,
        run: &Run,
        known: &HashMap<String, IndexedFile>,
        unit: &Unit,
    ) -> Option<Parsed> {
        let path = unit.path.as_str();
        let interrupted = || job.stopped().is_some();
        let mut tally = Tally::default();
        let content = match (self.root, &unit.by) {
            (Some(root), _) => match file::read(&root.join(path), &interrupted) {
                Ok(content) => content?,
                Err(error) => {
                    tally.unreadable(path, &error);
                    return Some(Parsed { graph: None, tally });
                }
            },
            (None, By::Document(document)) => text_in(document),
            (None, _) => return Some(Parsed { graph: None, tally }),
        };
        let before = known.get(path);
        let is_same = |coverage: Coverage<'_>| {
            let extractor = self.detail.extractor(coverage);
            before.is_some_and(|k| k.content_sha256 == content.sha256 && k.extractor == extractor)
        };
        // What an index says of a file stays until the file changes.
        let listed = matches!(unit.by, By::Listed);
        let from_index = listed && before.is_some_and(|k| self.detail.is_from_index(&k.extractor));
        let kept = from_index && before.is_some_and(|k| k.content_sha256 == content.sha256);
        let coverage = match &unit.by {
            By::Document(document) => Coverage::Document { digest: &document.digest, joined: None },
            By::Listed if !from_index => Coverage::Listed,
            By::Listed | By::Syntax => Coverage::None,
        };
        tally.read(path, &content, unit, listed && (kept || !from_index));
        if kept || is_same(coverage) {
            // Those that an index made are counted where it is read.
            tally.unchanged = u64::from(!kept);
            if let By::Document(document) = &unit.by {
                tally.occurrences.insert(document.index, occurrences_of(&document.bytes));
            }
            return Some(Parsed { graph: None, tally });
        }
        let parses = !matches!(coverage, Coverage::Listed);
        let places = matches!(unit.by, By::Document(_));
        let syntax = if parses { self.tree(path, &content, places, &mut tally, &interrupted)? } else { None };
        let joined = match &unit.by {
            By::Document(document) => match self.join(document, path, &content, syntax.as_ref()) {
                Ok(joined) => Some(joined),
                Err(message) => {
                    tally.files = 0;
                    tally.by_language.clear();
                    tally.skipped_documents = 1;
                    tally.warnings.add("documentSkipped", || message);
                    return Some(Parsed { graph: None, tally });
                }
            },
            _ => None,
        };
        if let (By::Document(document), Some(joined)) = (&unit.by, &joined) {
            tally.occurrences.insert(document.index, joined.occurrences);
        }
        let coverage = match coverage {
            Coverage::Document { digest, .. } => Coverage::Document { digest, joined: joined.as_ref() },
            other => other,
        };
        let graph = graph::of_file(&run.repository, path, &content, syntax.as_ref(), self.detail, coverage);
        Some(Parsed { graph: Some(graph), tally })
    }

    /// The tree of a file, if there is a grammar and the text is worth it; the outer `None` is an interruption.
    #[expect(clippy::option_option, reason = "no tree and no time for one are two things")]
    fn tree(
        &self,
        path: &str,
        content: &Content,
        places: bool,
        tally: &mut Tally,
        interrupted: &dyn Fn() -> bool,
    ) -> Option<Option<FileSyntax>> {
        let (Some(grammar), Some(text)) = (Grammar::for_path(path), content.text.as_deref()) else { return Some(None) };
        if file::is_minified(path, text) {
            return Some(None);
        }
        if std::str::from_utf8(text).is_err() {
            tally.warnings.add("notUtf8", || format!("read with replacement characters, the first is {path}"));
        }
        let options = syntax::Options { include_members: self.detail.members, places };
        let syntax = match syntax::extract(grammar, text, options, interrupted) {
            Ok(syntax) => Some(syntax),
            Err(syntax::Error::Cancelled) => return None,
            Err(error) => {
                tally.skip("unparsable");
                tally.warnings.add("unparsable", || format!("{path}: {error}"));
                None
            }
        };
        if syntax.as_ref().is_some_and(|s| s.has_errors) {
            tally.warnings.add("syntaxErrors", || format!("parts could not be parsed, the first in {path}"));
        }
        Some(syntax)
    }

    /// What a document and its file say together, or why they do not.
    fn join(
        &self,
        document: &Document,
        path: &str,
        content: &Content,
        syntax: Option<&FileSyntax>,
    ) -> Result<Joined, String> {
        let told = |why: &dyn std::fmt::Display| {
            format!("{path}, at byte {} of the index by {}: {why}", document.offset, document.tool)
        };
        let view = DocumentView::new(&document.bytes, document.offset).map_err(|error| told(&error))?;
        let place = scip::Place { path, root: &document.root, tool: &document.tool };
        let text = content.text.as_deref();
        let none = FileSyntax::default();
        if text.is_some_and(|text| file::is_minified(path, text)) {
            return Err(told(&"the file is minified"));
        }
        let source = match text.map(std::str::from_utf8) {
            Some(Ok(text)) => {
                Some(scip::Source { text, syntax: syntax.unwrap_or(&none), has_grammar: syntax.is_some() })
            }
            Some(Err(_)) => return Err(told(&"the file is not UTF-8, so places in it are not known")),
            None if self.root.is_some() => return Err(told(&"the file is binary or over 1 MiB")),
            None => None,
        };
        scip::join(&view, place, source).map_err(|error| told(&error))
    }
}

/// The source that a document carries with it, if it does.
fn text_in(document: &Document) -> Content {
    let view = DocumentView::new(&document.bytes, document.offset).ok();
    let text = view.map(|view| view.text.0.to_vec()).filter(|text| !text.is_empty());
    Content { sha256: document.digest.clone(), bytes: 0, lines: None, text }
}

fn occurrences_of(bytes: &[u8]) -> u64 {
    DocumentView::new(bytes, 0).map_or(0, |view| count(view.occurrences().count()))
}

fn batch_of(units: &mut std::iter::Peekable<impl Iterator<Item = WorkResult<Unit>>>) -> WorkResult<Vec<Unit>> {
    let (mut batch, mut bytes) = (Vec::with_capacity(BATCH), 0);
    while batch.len() < BATCH && bytes < BATCH_BYTES {
        let Some(unit) = units.next() else { break };
        let unit = unit?;
        if let By::Document(document) = &unit.by {
            bytes += document.bytes.len();
        }
        batch.push(unit);
    }
    Ok(batch)
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

    /// A file that could be read, and whether it is parsed.
    fn read(&mut self, path: &str, content: &Content, unit: &Unit, covered: bool) {
        self.files = 1;
        if let Some(language) = language::of_path(path) {
            self.by_language.insert(language.to_owned(), 1);
        }
        if matches!(unit.by, By::Document(_)) {
            return;
        }
        if covered {
            self.skip("covered");
        } else if content.lines.is_none() {
            self.skip("binary");
        } else if Grammar::for_path(path).is_none() {
            self.skip("noGrammar");
        } else if content.text.as_deref().is_some_and(|text| file::is_minified(path, text)) {
            self.skip("minified");
        } else if content.text.is_none() {
            self.skip("tooLarge");
            self.warnings.add("tooLarge", || format!("files over 1 MiB are not parsed, the first is {path}"));
        }
    }

    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.unchanged += other.unchanged;
        self.written += other.written;
        self.removed += other.removed;
        self.skipped_documents += other.skipped_documents;
        for (name, n) in other.by_language {
            *self.by_language.entry(name).or_default() += n;
        }
        for (reason, n) in other.skipped {
            *self.skipped.entry(reason).or_default() += n;
        }
        for (index, n) in other.occurrences {
            *self.occurrences.entry(index).or_default() += n;
        }
        self.warnings.merge(other.warnings);
    }
}

pub(crate) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
