//! The activity `runScip`: which indexes there are, and what comes of them.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use contracts::{
    errors::ErrorType,
    heavy_compute::{IndexReport, RunScipInput, RunScipOutput},
};
use graph_store::{GraphStore, Repository};
use kit::{BlobStore, Failure, Job, OpenedFile, Phases, WorkResult, peak_rss_bytes};

use super::{
    indexing,
    plan::{IndexFile, Plan, Root},
    run::{Done, Task, warnings},
};
use crate::{
    failure::of_store,
    graph::Detail,
    memory::MemoryBudget,
    pipeline::{Checkpoint, count},
    steps::{self, Settings},
    workspace::{in_use, package_roots, scan},
};

/// What `runScip` does.
pub(crate) fn run_scip(
    job: &Job<Checkpoint>,
    settings: &Settings,
    input: &RunScipInput,
    resume: Option<Checkpoint>,
) -> WorkResult<RunScipOutput> {
    let mut phases = Phases::default();
    let root = settings.roots.folder(Path::new(&input.workspace_dir))?;
    let _guard = in_use(job, &root)?;
    job.progress("scan", 0, 0, "files");
    let scan = phases.time("scan", || scan(job, &root))?;
    let scanned: HashSet<&str> = scan.files.iter().map(String::as_str).collect();
    let mut met = kit::Warnings::default();
    let roots = match &input.package_roots {
        Some(roots) => roots.iter().map(|root| plain_root(root)).collect::<Result<Vec<_>, _>>()?,
        None => {
            let found = phases.time("packages", || package_roots(job, &root, &scan.files, &mut met))?;
            found.iter().map(|root| plain_root(root)).collect::<Result<Vec<_>, _>>()?
        }
    };
    let mut files = Vec::new();
    for file in input.scip_files.iter().flatten() {
        files.push(given(settings, &root, file, &roots)?);
    }
    let mut without = Vec::new();
    if input.indexers.as_ref().is_none_or(|wanted| !wanted.is_empty()) {
        let made = phases.time("index", || {
            let indexers = indexing::Work { job, settings, workspace: &root, files: &scan.files, roots: &roots };
            indexers.run(input.indexers.as_deref(), &mut met)
        })?;
        files.extend(made.files);
        without = made.without;
    }
    let mut plan = phases.time("read", || Plan::new(job, files, Some(&scanned)))?;
    plan.warnings.merge(met);
    for index in plan.indexes.iter().filter(|index| index.warning.is_some()) {
        indexing::forget(index);
    }
    let repository = Repository { org_id: input.org_id.clone(), repo_id: input.repo_id.clone() };
    let detail = Detail { bodies: input.include_bodies, members: input.include_members };
    let task = Task { root: Some(&root), files: &scan.files, detail, memory: settings.memory };
    let mut open = || steps::open(&settings.graph).map_err(Into::into);
    let mut output = join(job, &settings.blobs, &mut open, &repository, &task, plan, resume, phases)?;
    output.indexes.extend(without);
    Ok(output)
}

/// The same for one index without its sources, into a store that the caller has opened.
///
/// # Errors
/// What the index, the store or the disk say, or an interruption.
pub fn index_alone(
    job: &Job<Checkpoint>,
    blobs: &BlobStore,
    memory: MemoryBudget,
    open_store: OpenStore<'_>,
    repository: &Repository,
    index: &Path,
) -> WorkResult<RunScipOutput> {
    let mut phases = Phases::default();
    let file = open(index)?;
    let files = vec![IndexFile { file, root: Root::Known(String::new()), made: None }];
    let plan = phases.time("read", || Plan::new(job, files, None))?;
    let mut paths: Vec<String> = plan.documents.iter().map(|document| document.path.clone()).collect();
    paths.sort_unstable();
    let detail = Detail { bodies: false, members: false };
    let task = Task { root: None, files: &paths, detail, memory };
    join(job, blobs, open_store, repository, &task, plan, None, phases)
}

/// Opens the graph store, when there is something to write.
pub type OpenStore<'a> = &'a mut dyn FnMut() -> WorkResult<Box<dyn GraphStore>>;

#[expect(clippy::too_many_arguments, reason = "it stands behind two activities, and each thing is one of them alone")]
fn join(
    job: &Job<Checkpoint>,
    blobs: &BlobStore,
    open_store: OpenStore<'_>,
    repository: &Repository,
    task: &Task<'_>,
    mut plan: Plan,
    resume: Option<Checkpoint>,
    mut phases: Phases,
) -> WorkResult<RunScipOutput> {
    let none = plan.documents.is_empty();
    let done = if none && plan.indexes.is_empty() {
        // Nothing is read or written where there is no index.
        Done {
            tally: crate::index::Tally::default(),
            links: crate::linking::LinkSummary::default(),
            covered: Vec::new(),
        }
    } else {
        let mut store = open_store()?;
        let run = store.begin_run(repository, job.epoch()).map_err(of_store)?;
        task.run(job, store.as_mut(), &run, &plan, resume, &mut phases)?
    };
    let Done { tally, links, covered } = done;
    let list = serde_json::to_vec(&covered)
        .map_err(|e| Failure::new(ErrorType::Internal, e.to_string(), "the list of files", "please report it"))?;
    let list = if covered.is_empty() { None } else { Some(blobs.put(&list)?) };
    let mut indexes: Vec<IndexReport> = Vec::new();
    for (position, index) in plan.indexes.iter().enumerate() {
        indexes.push(IndexReport {
            indexer: index.tool.to_string(),
            root: if index.root.is_empty() { ".".to_owned() } else { index.root.to_string() },
            documents: index.documents,
            occurrences: tally.occurrences.get(&position).copied().unwrap_or_default(),
            bytes: index.bytes,
            ms: index.made.as_ref().filter(|made| !made.reused).map_or(0, |made| made.index.ms),
            reused: index.made.as_ref().is_some_and(|made| made.reused),
            warning: index.warning.clone(),
        });
    }
    let skipped_documents = plan.skipped + tally.skipped_documents;
    Ok(RunScipOutput {
        indexes,
        entities: links.covered_entities,
        edges: links.covered_edges,
        packages: links.covered_packages,
        covered: list,
        covered_count: count(covered.len()),
        by_language: tally.by_language.into_iter().collect::<BTreeMap<_, _>>(),
        unchanged: tally.unchanged,
        written: tally.written,
        definitions: links.definitions,
        references: links.references,
        unresolved: links.unresolved,
        skipped_documents,
        warnings: warnings(&mut plan, tally.warnings).into_list(),
        phases: phases.into_millis(),
        peak_rss_bytes: peak_rss_bytes(),
    })
}

/// A package root as a prefix of paths: empty for the workspace itself.
fn plain_root(root: &str) -> Result<String, Failure> {
    let plain = root.trim_end_matches('/');
    let plain = plain.strip_prefix("./").unwrap_or(plain);
    if plain.is_empty() || plain == "." {
        return Ok(String::new());
    }
    match scip_index::path::check(plain) {
        Ok(()) => Ok(plain.to_owned()),
        Err(error) => {
            let kind = if error.escapes() { ErrorType::PathEscape } else { ErrorType::InvalidInput };
            let hint = "name folders relative to the workspace";
            Err(Failure::new(kind, format!("this is no package root: {error}"), format!("packageRoots {root:?}"), hint))
        }
    }
}

/// An index that the input names. Its paths may be relative to the folder that it lies in, to the workspace, or to a package.
fn given(settings: &Settings, workspace: &Path, path: &str, packages: &[String]) -> Result<IndexFile, Failure> {
    let absolute: PathBuf = workspace.join(path);
    let file = settings.roots.open_file(&absolute)?;
    let folder = absolute.parent().and_then(|folder| fs::canonicalize(folder).ok());
    let beside = folder.as_deref().and_then(|folder| folder.strip_prefix(workspace).ok()).and_then(Path::to_str);
    let mut roots: Vec<String> = Vec::new();
    for root in beside.into_iter().chain([""]).chain(packages.iter().map(String::as_str)) {
        if !roots.iter().any(|known| known == root) {
            roots.push(root.to_owned());
        }
    }
    Ok(IndexFile { file, root: Root::OneOf(roots), made: None })
}

/// A file of the command line, which may be anywhere.
fn open(path: &Path) -> Result<OpenedFile, Failure> {
    let failed = |error: &std::io::Error| Failure::io("opening the index", path, error);
    let file = fs::File::open(path).map_err(|error| failed(&error))?;
    let meta = file.metadata().map_err(|error| failed(&error))?;
    let name = path.display().to_string();
    if !meta.is_file() {
        let hint = "name a regular file";
        return Err(Failure::new(ErrorType::InvalidInput, "the index is no file", name, hint));
    }
    Ok(OpenedFile { file, name, bytes: meta.len(), sha256: None })
}
