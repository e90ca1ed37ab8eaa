//! Which documents of which indexes are joined with which files, found in one quick walk over the indexes.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    fs::File,
    hash::Hasher,
    io::{Seek, SeekFrom},
    sync::Arc,
};

use crate::indexer::Index;
use contracts::errors::ErrorType;
use kit::{Failure, Job, OpenedFile, Warnings, WorkResult};
use scip_index::{IndexReader, Part, ReadError, path::PathError};
use siphasher::sip128::{Hasher128, SipHasher13};

/// How many documents of an index are looked at to find the folder that it was made in.
const PROBED: usize = 64;

/// An index file.
#[derive(Debug)]
pub(super) struct IndexFile {
    pub(super) file: OpenedFile,
    pub(super) root: Root,
    /// The indexer's work, where it was started for this.
    pub(super) made: Option<Made>,
}

/// An index that an indexer made for this workspace, now or before.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) index: Index,
    pub(super) reused: bool,
}

/// The folder, relative to the workspace, that the paths of an index are relative to.
#[derive(Debug)]
pub(super) enum Root {
    Known(String),
    /// Folders that it may be, the likeliest first.
    OneOf(Vec<String>),
}

/// An index that was walked over.
#[derive(Debug)]
pub(super) struct WalkedIndex {
    pub(super) file: File,
    pub(super) name: String,
    /// Who made it.
    pub(super) tool: Arc<str>,
    /// The folder that its paths are relative to; empty for the workspace.
    pub(super) root: Arc<str>,
    pub(super) documents: u64,
    pub(super) bytes: u64,
    pub(super) made: Option<Made>,
    /// Why not all of it was read.
    pub(super) warning: Option<String>,
}

/// A document that is to be joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlannedDocument {
    /// Position of its index.
    pub(super) index: usize,
    /// Where it begins there.
    pub(super) offset: u64,
    /// Bytes of it.
    pub(super) length: u64,
    /// Path of its file in the repository.
    pub(super) path: String,
    /// Hash of its bytes, and of who made it where.
    pub(super) digest: String,
}

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) indexes: Vec<WalkedIndex>,
    /// In the order of the indexes and of their bytes.
    pub(super) documents: Vec<PlannedDocument>,
    /// Documents that are passed over.
    pub(super) skipped: u64,
    pub(super) warnings: Warnings,
}

impl Plan {
    /// Walks over the indexes. `scanned` are the files of the workspace, where there is one.
    ///
    /// # Errors
    /// When a file is no index at all or cannot be read, or the work is interrupted.
    pub(super) fn new<C: Send + Sync>(
        job: &Job<C>,
        files: Vec<IndexFile>,
        scanned: Option<&HashSet<&str>>,
    ) -> WorkResult<Self> {
        let mut plan = Self::default();
        let mut chosen: HashMap<String, PlannedDocument> = HashMap::new();
        for file in files {
            let root = match scanned {
                Some(scanned) => root_of(&file, scanned)?,
                None => String::new(),
            };
            plan.walk(job, file, &root, scanned, &mut chosen)?;
        }
        plan.documents = chosen.into_values().collect();
        plan.documents.sort_unstable_by_key(|document| (document.index, document.offset));
        Ok(plan)
    }

    fn walk<C: Send + Sync>(
        &mut self,
        job: &Job<C>,
        index: IndexFile,
        root: &str,
        scanned: Option<&HashSet<&str>>,
        chosen: &mut HashMap<String, PlannedDocument>,
    ) -> WorkResult<()> {
        let OpenedFile { file, name, .. } = index.file;
        let mut reader = reader(file, &name)?;
        let mut walked = Walked { tool: String::new(), documents: 0, warning: None };
        let position = self.indexes.len();
        loop {
            job.proceed()?;
            job.progress("read", reader.offset(), reader.length(), "bytes");
            let part = match reader.next_part() {
                Ok(Some(part)) => part,
                Ok(None) => break,
                Err(ReadError::Io { source, .. }) => {
                    return Err(Failure::io("reading the index", std::path::Path::new(&name), &source).into());
                }
                // Nothing of it could be read: this is something else. One that an indexer made is made anew the next time.
                Err(error) if walked.documents == 0 && index.made.is_none() => {
                    return Err(no_index(&error, &name).into());
                }
                Err(error) => {
                    self.warnings.add("indexDamaged", || format!("{name}: {error}"));
                    walked.warning = Some(error.to_string());
                    break;
                }
            };
            match part {
                Part::Metadata(block) => {
                    if let Some(tool) = block.message().ok().and_then(|metadata| metadata.tool_info) {
                        walked.tool = tool.name;
                    }
                }
                Part::Document(block) => {
                    walked.documents += 1;
                    match block.document() {
                        Ok(view) => {
                            let path = match path_in(root, view.relative_path) {
                                Ok(path) => path,
                                Err(error) => {
                                    let code = if error.escapes() { "pathEscape" } else { "documentPath" };
                                    let path = view.relative_path;
                                    self.skip(code, || format!("{name}: {error}, the first is {path:?}"));
                                    continue;
                                }
                            };
                            if scanned.is_some_and(|scanned| !scanned.contains(path.as_str())) {
                                let what = "documents of no file of the workspace";
                                self.skip("documentWithoutFile", || format!("{name}: {what}, the first is {path}"));
                                continue;
                            }
                            let document = PlannedDocument {
                                index: position,
                                offset: block.offset(),
                                length: block.end().saturating_sub(block.offset()),
                                path: path.clone(),
                                digest: digest(block.bytes(), root, &walked.tool),
                            };
                            self.choose(chosen, path, document, root);
                        }
                        Err(damage) => self.skip("documentSkipped", || format!("{name}: {damage}")),
                    }
                }
                Part::Damaged(damage) => self.skip("documentSkipped", || format!("{name}: {damage}")),
                Part::ExternalSymbol(_) => {}
            }
        }
        self.indexes.push(WalkedIndex {
            bytes: reader.length(),
            file: reader.into_inner(),
            name,
            tool: walked.tool.into(),
            root: root.into(),
            documents: walked.documents,
            made: index.made,
            warning: walked.warning,
        });
        Ok(())
    }

    /// Of several documents of one file the one counts whose index was made nearest to it, then the longest: whatever the
    /// order in which they come.
    fn choose(
        &mut self,
        chosen: &mut HashMap<String, PlannedDocument>,
        path: String,
        document: PlannedDocument,
        root: &str,
    ) {
        match chosen.entry(path) {
            Entry::Vacant(new) => {
                new.insert(document);
            }
            Entry::Occupied(mut known) => {
                let rank =
                    |document: &PlannedDocument, root: &str| (root.len(), document.length, document.digest.clone());
                let known_root = self.indexes.get(known.get().index).map_or(root, |index| &index.root);
                let better = rank(&document, root) > rank(known.get(), known_root);
                if known.get().index == document.index && known.get().digest != document.digest {
                    let path = known.key().clone();
                    self.warnings.add("duplicateDocument", || format!("a file has two documents, the first is {path}"));
                }
                if better {
                    known.insert(document);
                }
            }
        }
    }

    fn skip(&mut self, code: &str, message: impl FnOnce() -> String) {
        self.skipped += 1;
        self.warnings.add(code, message);
    }
}

struct Walked {
    tool: String,
    documents: u64,
    warning: Option<String>,
}

/// A reader from the start of a file.
pub(super) fn reader(mut file: File, name: &str) -> Result<IndexReader<File>, Failure> {
    let failed = |error: &std::io::Error| Failure::io("reading the index", std::path::Path::new(name), error);
    file.seek(SeekFrom::Start(0)).map_err(|error| failed(&error))?;
    IndexReader::new(file).map_err(|error| match error {
        ReadError::Io { source, .. } => failed(&source),
        other => no_index(&other, name),
    })
}

fn no_index(error: &ReadError, name: &str) -> Failure {
    let hint = "give a SCIP index, as `scip-typescript index --output FILE` makes it";
    Failure::new(ErrorType::IndexDamaged, error.to_string(), name, hint)
}

/// The folder in which most of the first documents are files: one of those that it may be, else any.
fn root_of(index: &IndexFile, scanned: &HashSet<&str>) -> Result<String, Failure> {
    let roots = match &index.root {
        Root::Known(root) => return Ok(root.clone()),
        Root::OneOf(roots) => roots,
    };
    let name = &index.file.name;
    let file = index.file.file.try_clone();
    let file = file.map_err(|error| Failure::io("reading the index", std::path::Path::new(name), &error))?;
    let mut reader = reader(file, name)?;
    let mut paths: Vec<String> = Vec::new();
    // What is wrong with the index is told by the walk.
    while let Ok(Some(part)) = reader.next_part() {
        if let Part::Document(block) = part
            && let Ok(view) = block.document()
            && scip_index::path::check(view.relative_path).is_ok()
        {
            paths.push(view.relative_path.to_owned());
            if paths.len() == PROBED {
                break;
            }
        }
    }
    let votes = |root: &str| {
        let is_file = |path: &&String| path_in(root, path).is_ok_and(|path| scanned.contains(path.as_str()));
        paths.iter().filter(is_file).count()
    };
    let best = |roots: &[String]| {
        let mut best = (0, String::new());
        for root in roots {
            let votes = votes(root);
            if votes > best.0 {
                best = (votes, root.clone());
            }
        }
        Some(best).filter(|(votes, _)| *votes > 0).map(|(_, root)| root)
    };
    if let Some(root) = best(roots) {
        return Ok(root);
    }
    // An indexer that was told to look at one folder only writes paths relative to that.
    let Some(longest) = paths.iter().max_by_key(|path| path.len()) else { return Ok(String::new()) };
    let mut others: Vec<String> = scanned
        .iter()
        .filter_map(|file| Some(file.strip_suffix(longest.as_str())?.strip_suffix('/')?.to_owned()))
        .take(PROBED)
        .collect();
    others.sort_unstable();
    Ok(best(&others).unwrap_or_default())
}

/// The path of a document in the repository.
fn path_in(root: &str, relative: &str) -> Result<String, PathError> {
    scip_index::path::check(relative)?;
    Ok(if root.is_empty() { relative.to_owned() } else { format!("{root}/{relative}") })
}

fn digest(bytes: &[u8], root: &str, tool: &str) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(root.as_bytes());
    hasher.write_u8(0);
    hasher.write(tool.as_bytes());
    hasher.write_u8(0);
    hasher.write(bytes);
    format!("{:032x}", hasher.finish128().as_u128())
}
