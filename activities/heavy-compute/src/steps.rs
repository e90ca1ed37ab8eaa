//! What each activity does, as plain functions: no async, no Temporal.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use contracts::{
    errors::ErrorType,
    heavy_compute::{
        FinishIndexInput, FinishIndexOutput, GraphCounts, ListWorkspaceHostsOutput, ParseRestInput, ParseRestOutput,
        PrepareWorkspaceInput, PrepareWorkspaceOutput, RunScipInput, RunScipOutput, WorkspaceGcInput,
        WorkspaceGcOutput,
    },
    shared::{BlobRef, LanguageCount},
};
use graph_store::{GraphStore, Repository};
use kit::{AllowedRoots, BlobStore, Failure, GraphPlace, Job, Phases, Secret, WorkResult, peak_rss_bytes};

use crate::{
    failure::{of_open, of_store},
    graph::Detail,
    index::{Checkpoint, Task, index},
    indexer::{self, Indexers},
    memory::MemoryBudget,
    scip::{self, Checkpoint as ScipCheckpoint},
    workspace::{Source, Wanted, check_out, collect, home, in_use, package_roots, scan},
};

/// What the activities work with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// This host's own queue.
    pub host_queue: String,
    /// Where checkouts are kept.
    pub workspaces: PathBuf,
    /// Where SCIP indexes are kept.
    pub indexes: PathBuf,
    /// How much an indexer may take.
    pub indexer_limits: indexer::Limits,
    /// The graph store.
    pub graph: GraphPlace,
    /// The blob store.
    pub blobs: BlobStore,
    /// Folders that an input may name a path in; must hold `workspaces`.
    pub roots: AllowedRoots,
    /// Who tells which hosts there are.
    pub hosts: Hosts,
    /// How much memory the process may take.
    pub memory: MemoryBudget,
}

/// Tells the queues of the hosts that somebody polls. Only the worker can ask the server that.
#[derive(Clone)]
pub struct Hosts(Arc<Ask>);

type Ask = dyn Fn() -> Result<Vec<String>, Failure> + Send + Sync;

impl Hosts {
    /// Asks like this. It is called on a thread that may wait.
    pub fn new(ask: impl Fn() -> Result<Vec<String>, Failure> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }
}

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hosts")
    }
}

/// Makes the sources ready and tells what is there.
///
/// # Errors
/// What the source, git, the network or the disk say, or an interruption.
pub fn prepare_workspace<C: Send + Sync>(
    job: &Job<C>,
    settings: &Settings,
    input: &PrepareWorkspaceInput,
) -> WorkResult<PrepareWorkspaceOutput> {
    prepare_workspace_in(job, settings, input, &home(&settings.workspaces, (&input.org_id, &input.repo_id)))
}

/// The same with a workspace in a folder that the caller chose.
///
/// # Errors
/// As [`prepare_workspace`], and `InvalidInput` if the folder holds something and is no workspace.
pub fn prepare_workspace_in<C: Send + Sync>(
    job: &Job<C>,
    settings: &Settings,
    input: &PrepareWorkspaceInput,
    home: &Path,
) -> WorkResult<PrepareWorkspaceOutput> {
    let mut phases = Phases::default();
    let mut warnings = kit::Warnings::default();
    let (folder, checkout) = match Source::of(input)? {
        Source::Local(path) => (settings.roots.folder(Path::new(&path))?, None),
        Source::Remote { url, reference } => {
            if let Some(path) = url::Url::parse(&url).ok().filter(|u| u.scheme() == "file") {
                let path = path.to_file_path().map_err(|()| not_local(&url))?;
                settings.roots.folder(&path)?;
            }
            job.progress("clone", 0, 0, "objects");
            let secret = input.credential.as_deref().map(Secret::resolve).transpose()?;
            let wanted = Wanted { url: &url, reference: &reference, secret: secret.as_ref(), force: input.force };
            let checkout = phases.time("clone", || check_out(job, home, &wanted))?;
            if checkout.commit.is_none() {
                warnings.add("emptyRepository", || format!("{url} has no commits"));
            }
            (checkout.folder.clone(), Some(checkout))
        }
    };
    job.progress("scan", 0, 0, "files");
    let mut scan = phases.time("scan", || scan(job, &folder))?;
    let languages = scan.languages();
    warnings.merge(std::mem::take(&mut scan.warnings));
    if scan.files.is_empty() {
        warnings.add("noFiles", || format!("{} has no files to index", folder.display()));
    }
    let package_roots = phases.time("packages", || package_roots(job, &folder, &scan.files, &mut warnings))?;
    let (commit, branch, fresh) = match &checkout {
        Some(checkout) => (checkout.commit.clone(), checkout.branch.clone(), checkout.fresh),
        None => (scan.commit, scan.branch, false),
    };
    Ok(PrepareWorkspaceOutput {
        workspace_dir: folder.to_string_lossy().into_owned(),
        host_queue: settings.host_queue.clone(),
        commit,
        branch,
        file_count: count(scan.files.len()),
        languages: languages
            .into_iter()
            .map(|(language, files)| LanguageCount { language: language.to_owned(), files })
            .collect(),
        package_roots,
        indexers: Indexers::of_host().installed(&scan.files),
        fresh,
        warnings: warnings.into_list(),
        phases: phases.into_millis(),
        peak_rss_bytes: peak_rss_bytes(),
    })
}

/// Runs the indexers that fit and writes what the files hold that an index covers.
///
/// # Errors
/// What the workspace, the indexes, the store or the disk say, or an interruption.
pub fn run_scip(
    job: &Job<ScipCheckpoint>,
    settings: &Settings,
    input: &RunScipInput,
    resume: Option<ScipCheckpoint>,
) -> WorkResult<RunScipOutput> {
    scip::run_scip(job, settings, input, resume)
}

/// Writes what an index says of its documents alone, without their sources.
///
/// # Errors
/// What the index, the store or the disk say, or an interruption.
pub fn index_alone(
    job: &Job<ScipCheckpoint>,
    settings: &Settings,
    repository: &Repository,
    index: &Path,
) -> WorkResult<RunScipOutput> {
    let mut open = || open(&settings.graph).map_err(Into::into);
    scip::index_alone(job, &settings.blobs, settings.memory, &mut open, repository, index)
}

/// Parses the files of a workspace that no index covers and writes what they hold.
///
/// # Errors
/// What the workspace, the store or the disk say, or an interruption.
pub fn parse_rest(
    job: &Job<Checkpoint>,
    settings: &Settings,
    input: &ParseRestInput,
    resume: Option<Checkpoint>,
) -> WorkResult<ParseRestOutput> {
    let mut phases = Phases::default();
    let root = settings.roots.folder(Path::new(&input.workspace_dir))?;
    let _guard = in_use(job, &root)?;
    job.progress("scan", 0, 0, "files");
    let scan = phases.time("scan", || scan(job, &root))?;
    let covered: HashSet<String> = match &input.covered {
        Some(blob) => paths_in(&settings.blobs, blob)?,
        None => HashSet::new(),
    };
    let mut store = open(&settings.graph)?;
    let run = store.begin_run(&repository(&input.org_id, &input.repo_id), job.epoch()).map_err(of_store)?;
    let detail = Detail { bodies: input.include_bodies, members: input.include_members };
    let task = Task { root: &root, files: &scan.files, covered: &covered, detail, memory: settings.memory };
    let indexed = index(job, store.as_mut(), &run, &task, resume)?;
    let counts = graph_counts(&store.counts(Some(&run.repository)).map_err(of_store)?);
    let list = serde_json::to_vec(&scan.files)
        .map_err(|e| Failure::new(ErrorType::Internal, e.to_string(), "the list of files", "please report it"))?;
    let mut skipped = scan.skipped;
    for (reason, n) in indexed.tally.skipped {
        *skipped.entry(reason).or_default() += n;
    }
    let mut all_phases = indexed.phases.into_millis();
    all_phases.extend(phases.into_millis());
    Ok(ParseRestOutput {
        files: indexed.tally.files,
        entities: counts.entities,
        edges: counts.edges_by_kind,
        by_kind: counts.by_kind,
        by_language: indexed.tally.by_language,
        skipped,
        unchanged: indexed.tally.unchanged,
        written: indexed.tally.written,
        removed: indexed.tally.removed,
        calls: indexed.links.calls,
        scanned: settings.blobs.put(&list)?,
        phases: all_phases,
        peak_rss_bytes: peak_rss_bytes(),
        warnings: indexed.tally.warnings.into_list(),
    })
}

/// Removes what the scan no longer found and counts what is there.
///
/// # Errors
/// What the store or the disk say, or an interruption.
pub fn finish_index<C: Send + Sync>(
    job: &Job<C>,
    settings: &Settings,
    input: &FinishIndexInput,
) -> WorkResult<FinishIndexOutput> {
    let mut phases = Phases::default();
    let scanned = paths_in(&settings.blobs, &input.scanned)?;
    job.proceed()?;
    let mut store = open(&settings.graph)?;
    job.progress("remove", 0, 0, "files");
    let run = store.begin_run(&repository(&input.org_id, &input.repo_id), job.epoch()).map_err(of_store)?;
    let removed =
        phases.time("remove", || store.retain_files(&run, &scanned, input.commit.as_deref())).map_err(of_store)?;
    let counts = phases.time("count", || store.counts(Some(&run.repository))).map_err(of_store)?;
    store.tidy().map_err(of_store)?;
    Ok(FinishIndexOutput {
        removed_entities: removed.entities,
        removed_edges: removed.edges,
        counts: graph_counts(&counts),
        phases: phases.into_millis(),
        peak_rss_bytes: peak_rss_bytes(),
    })
}

/// Removes checkouts that nobody has used for some days, and, where no folder is named, such indexes too.
///
/// # Errors
/// When the folder is none of workspaces or cannot be read, or an interruption. What cannot be removed is in the output.
pub fn workspace_gc<C: Send + Sync>(
    job: &Job<C>,
    settings: &Settings,
    input: &WorkspaceGcInput,
) -> WorkResult<WorkspaceGcOutput> {
    let mut phases = Phases::default();
    let folder = match &input.base_path {
        Some(path) => settings.roots.folder(Path::new(path))?,
        None => {
            let made = std::fs::create_dir_all(&settings.workspaces);
            made.map_err(|e| Failure::io("opening the folder of workspaces", &settings.workspaces, &e))?;
            settings.workspaces.clone()
        }
    };
    let age = Duration::from_secs(u64::from(input.max_age_days) * 24 * 60 * 60);
    let mut collected = phases.time("collect", || collect(job, &folder, age, input.dry_run))?;
    if input.base_path.is_none() {
        phases.time("indexes", || indexer::collect(job, &settings.indexes, age, input.dry_run, &mut collected))?;
    }
    Ok(WorkspaceGcOutput {
        removed: collected.removed.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
        freed_bytes: collected.freed,
        kept: collected.kept,
        errors: collected.errors,
        phases: phases.into_millis(),
        peak_rss_bytes: peak_rss_bytes(),
    })
}

/// Asks which hosts have workspaces.
///
/// # Errors
/// What the server or the way to it says, or an interruption.
pub fn list_workspace_hosts<C: Send + Sync>(job: &Job<C>, settings: &Settings) -> WorkResult<ListWorkspaceHostsOutput> {
    job.progress("ask the server", 0, 0, "hosts");
    let mut host_queues = (settings.hosts.0)()?;
    job.proceed()?;
    host_queues.sort_unstable();
    host_queues.dedup();
    Ok(ListWorkspaceHostsOutput { host_queues })
}

/// The contract's form of a store's counts.
pub fn graph_counts(counts: &graph_store::Counts) -> GraphCounts {
    GraphCounts {
        files: counts.entities.get("file").copied().unwrap_or_default(),
        entities: counts.entities.values().sum(),
        edges: counts.edges.values().sum(),
        by_kind: counts.entities.clone(),
        edges_by_kind: counts.edges.clone(),
        by_language: counts.languages.clone(),
    }
}

pub(crate) fn open(graph: &GraphPlace) -> Result<Box<dyn GraphStore>, Failure> {
    graph.open().map_err(of_open)
}

fn repository(org_id: &str, repo_id: &str) -> Repository {
    Repository { org_id: org_id.to_owned(), repo_id: repo_id.to_owned() }
}

fn paths_in(blobs: &BlobStore, blob: &BlobRef) -> Result<HashSet<String>, Failure> {
    serde_json::from_slice(&blobs.get(blob)?).map_err(|e| {
        Failure::new(
            ErrorType::ParseError,
            format!("this is no JSON array of paths: {e}"),
            blob.uri.clone(),
            "make it anew",
        )
    })
}

fn not_local(url: &str) -> Failure {
    Failure::new(ErrorType::InvalidInput, "a file URL names no folder of this host", url, "write file:///FOLDER")
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
