//! Joins an index with its sources, or reads it without them, twice, then parses the rest, and prints time, memory and what
//! was found:
//!
//! ```text
//! cargo run --release --example scip_bench -- INDEX [FOLDER] [THREADS] [EXPORT]
//! ```
//!
//! Beside them stand the limits: a walk over all fields, messages decoded one by one, and the parser alone on the same files.
//! `-` as FOLDER means none, and `+` none and no store either.
#![allow(clippy::print_stdout, reason = "a program that prints its measurement")]

use std::{
    collections::{HashMap, HashSet},
    env,
    error::Error,
    fs::{self, File},
    path::{Path, PathBuf},
    time::Instant,
};

use contracts::heavy_compute::{ParseRestInput, RunScipInput, RunScipOutput};
use graph_store::{
    Counts, Direction, EdgeDocument, EdgeKind, EntityDocument, FileGraph, FileLinks, Find, GraphStore, IndexedFile,
    Order, Removed, Repository, Run, StoreResult, Visit, Written,
};
use heavy_compute::{Hosts, Settings, indexer::Limits, memory::MemoryBudget, scip, steps, syntax};
use kit::{AllowedRoots, BlobStore, Job, WorkError, peak_rss_bytes};
use scip_index::{IndexReader, Part};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let index = arguments.next().ok_or("usage: scip_bench INDEX [FOLDER|-|+] [THREADS] [EXPORT]")?;
    let folder = arguments.next();
    // Without a store what is left is reading, joining, resolving, keys and edges.
    let in_memory = folder.as_deref() == Some("+");
    let folder = folder.filter(|folder| folder != "-" && folder != "+");
    let threads: usize = arguments.next().map_or(Ok(1), |threads| threads.parse())?;
    let export = arguments.next();
    heavy_compute::size_cpu_pool(threads)?;
    let state = tempfile::tempdir()?;
    let settings = Settings {
        host_queue: String::new(),
        workspaces: state.path().join("workspaces"),
        indexes: state.path().join("indexes"),
        indexer_limits: Limits::default(),
        graph: format!("sqlite:{}", state.path().join("graph.db").display()).parse()?,
        blobs: BlobStore::in_memory()?,
        roots: AllowedRoots::new([PathBuf::from("/")]),
        hosts: Hosts::new(|| Ok(Vec::new())),
        memory: MemoryBudget::default(),
    };
    let index = fs::canonicalize(index)?;
    let repository = Repository { org_id: "default".into(), repo_id: "bench".into() };
    let folder = folder.map(fs::canonicalize).transpose()?;
    let failed = |error: WorkError| format!("{error:?}");
    for run in ["first", "second"] {
        let begin = Instant::now();
        let job = Job::detached();
        let done = match &folder {
            Some(folder) => steps::run_scip(&job, &settings, &input(folder, &index), None).map_err(failed)?,
            None if in_memory => {
                let mut open = || Ok(Box::new(Nowhere::default()) as Box<dyn GraphStore>);
                let memory = MemoryBudget::default();
                scip::index_alone(&job, &settings.blobs, memory, &mut open, &repository, &index).map_err(failed)?
            }
            None => steps::index_alone(&job, &settings, &repository, &index).map_err(failed)?,
        };
        println!("{run} {:.0?}, peak {} MB", begin.elapsed(), peak_rss_bytes() / 1_000_000);
        println!("  phases {:?}, {} written, {} unchanged", done.phases, done.written, done.unchanged);
        if run == "first" {
            tell(&done);
        }
        if let Some(folder) = &folder {
            let begin = Instant::now();
            let rest = ParseRestInput {
                workspace_dir: folder.to_string_lossy().into_owned(),
                repo_id: "bench".into(),
                org_id: "default".into(),
                covered: done.covered,
                commit: None,
                include_bodies: false,
                include_members: false,
            };
            let rest = steps::parse_rest(&Job::detached(), &settings, &rest, None).map_err(failed)?;
            println!("  parseRest {:.0?} {:?}, {} written", begin.elapsed(), rest.phases, rest.written);
            if run == "first" {
                println!("  entities {:?}\n  edges {:?}\n  calls {:?}", rest.by_kind, rest.edges, rest.calls);
            }
        }
    }
    limits(&index, folder.as_deref())?;
    if let Some(export) = export {
        let mut store = settings.graph.open()?;
        let lines = store.export(Some(&repository), &mut std::io::BufWriter::new(File::create(&export)?))?;
        println!("{lines} documents in {export}");
    }
    Ok(())
}

fn input(folder: &Path, index: &Path) -> RunScipInput {
    RunScipInput {
        workspace_dir: folder.to_string_lossy().into_owned(),
        repo_id: "bench".into(),
        org_id: "default".into(),
        package_roots: Some(vec![".".into()]),
        indexers: Some(Vec::new()),
        scip_files: Some(vec![index.to_string_lossy().into_owned()]),
        commit: None,
        include_bodies: false,
        include_members: false,
    }
}

fn tell(done: &RunScipOutput) {
    for index in &done.indexes {
        println!("  {index:?}");
    }
    println!("  {} files, {} entities, {} packages", done.covered_count, done.entities, done.packages);
    println!("  edges {:?}", done.edges);
    println!("  {:?}\n  {:?}\n  unresolved {:?}", done.definitions, done.references, done.unresolved);
    println!("  {} documents skipped, {:?}", done.skipped_documents, done.warnings);
}

fn limits(index: &Path, folder: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let begin = Instant::now();
    let mut reader = IndexReader::new(File::open(index)?)?;
    let (mut occurrences, mut bytes) = (0_usize, 0);
    while let Some(part) = reader.next_part()? {
        if let Part::Document(block) = part {
            occurrences +=
                block.document()?.occurrences().flatten().map(|found| found.symbol.len().min(1)).sum::<usize>();
        }
    }
    println!("limit: walk {:.0?}, {occurrences} occurrences, {} bytes", begin.elapsed(), reader.length());
    let begin = Instant::now();
    let mut reader = IndexReader::new(File::open(index)?)?;
    let mut paths = Vec::new();
    while let Some(part) = reader.next_part()? {
        if let Part::Document(block) = part {
            let document = block.message()?;
            bytes += document.occurrences.len();
            paths.push(document.relative_path);
        }
    }
    println!("limit: messages {:.0?}, {bytes} occurrences", begin.elapsed());
    let Some(folder) = folder else { return Ok(()) };
    let sources: Vec<(String, Vec<u8>)> =
        paths.into_iter().filter_map(|path| fs::read(folder.join(&path)).ok().map(|text| (path, text))).collect();
    let mut parser = tree_sitter::Parser::new();
    let (mut size, begin) = (0, Instant::now());
    for (path, text) in &sources {
        let language = match syntax::Grammar::for_path(path) {
            Some(syntax::Grammar::TypeScript) => tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
            Some(syntax::Grammar::Tsx) => tree_sitter_typescript::LANGUAGE_TSX,
            Some(syntax::Grammar::Python) => tree_sitter_python::LANGUAGE,
            Some(syntax::Grammar::Go) => tree_sitter_go::LANGUAGE,
            _ => continue,
        };
        parser.set_language(&language.into())?;
        size += text.len();
        parser.parse(text, None).ok_or("the parser gave up")?;
    }
    println!("limit: parser alone, one core {:.0?}, {} files, {size} bytes", begin.elapsed(), sources.len());
    Ok(())
}

/// A store that remembers which files it was given, and counts the rest.
#[derive(Default)]
struct Nowhere {
    files: HashMap<String, IndexedFile>,
}

impl GraphStore for Nowhere {
    fn begin_run(&mut self, repository: &Repository, epoch: i64) -> StoreResult<Run> {
        Ok(Run { repository: repository.clone(), epoch })
    }

    fn indexed_files(&mut self, _: &Repository) -> StoreResult<HashMap<String, IndexedFile>> {
        Ok(self.files.clone())
    }

    fn replace_files(&mut self, _: &Run, files: &[FileGraph]) -> StoreResult<Written> {
        for file in files {
            let (content_sha256, extractor) = (file.content_sha256.clone(), file.extractor.clone());
            self.files.insert(file.path.clone(), IndexedFile { content_sha256, extractor, links: None });
        }
        let written = files.iter().map(|file| file.entities.len() + file.edges.len()).sum::<usize>();
        Ok(Written { written: written as u64, removed: 0 })
    }

    fn facts(&mut self, _: &Repository) -> StoreResult<HashMap<String, Vec<u8>>> {
        Ok(HashMap::new())
    }

    fn link_files(&mut self, _: &Run, files: &[FileLinks], packages: &[EntityDocument]) -> StoreResult<Written> {
        let written = files.iter().map(|file| file.edges.len()).sum::<usize>() + packages.len();
        Ok(Written { written: written as u64, removed: 0 })
    }

    fn finish_links(&mut self, _: &Run, _: &str) -> StoreResult<Written> {
        Ok(Written::default())
    }

    fn link_summary(&mut self, _: &Repository) -> StoreResult<Option<String>> {
        Ok(None)
    }

    fn drop_repository(&mut self, _: &Repository) -> StoreResult<Removed> {
        Ok(Removed::default())
    }

    fn retain_files(&mut self, _: &Run, _: &HashSet<String>, _: Option<&str>) -> StoreResult<Removed> {
        Ok(Removed::default())
    }

    fn counts(&mut self, _: Option<&Repository>) -> StoreResult<Counts> {
        Ok(Counts::default())
    }

    fn repositories(&mut self) -> StoreResult<Vec<Repository>> {
        Ok(Vec::new())
    }

    fn find(&mut self, _: &Find<'_>, _: usize) -> StoreResult<Vec<EntityDocument>> {
        Ok(Vec::new())
    }

    fn entities(&mut self, _: &[&str]) -> StoreResult<Vec<EntityDocument>> {
        Ok(Vec::new())
    }

    fn neighbours(&mut self, _: &[&str], _: Direction, _: &[EdgeKind], _: usize) -> StoreResult<Vec<EdgeDocument>> {
        Ok(Vec::new())
    }

    fn scan(&mut self, _: Option<&Repository>, _: Order, _: &mut Visit<'_>) -> StoreResult<u64> {
        Ok(0)
    }

    fn tidy(&mut self) -> StoreResult<()> {
        Ok(())
    }
}
