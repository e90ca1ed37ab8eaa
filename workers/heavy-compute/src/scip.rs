//! `scip-parse`, when it writes to a graph.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use contracts::{
    errors::ErrorType,
    heavy_compute::{IndexReport, RunScipInput, RunScipOutput},
};
use graph_store::Repository;
use heavy_compute::{Settings, scip::Checkpoint, steps, workspace};
use kit::{AllowedRoots, BlobStore, Failure, Job, WorkResult};
use serde::Serialize;

use crate::{
    arguments::ScipOptions,
    destination::{self, Destination},
    ending::Ending,
    index_file,
    measured::{Measured, texts},
    progress::Share,
    report,
    surroundings::Surroundings,
    work,
};

const SHARES: &[Share] = &[("scan", 0, 5), ("read", 5, 10), ("join", 10, 85), ("link", 85, 98)];

/// The contract's answer, with the fields of the older command.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    #[serde(flatten)]
    output: RunScipOutput,
    entity_count: u64,
    edge_count: u64,
    covered_files: CoveredFiles,
    errors: Vec<String>,
    #[serde(flatten)]
    measured: Measured,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum CoveredFiles {
    Count(u64),
    Paths(Vec<String>),
}

pub(crate) fn run(options: &ScipOptions) -> Result<(), Ending> {
    let begin = Instant::now();
    let surroundings = Surroundings::read()?;
    let mut settings = surroundings.settings()?;
    let inputs: Vec<PathBuf> =
        options.input.iter().map(|file| surroundings.absolute(file)).collect::<Result<_, Failure>>()?;
    let folder = options.workspace_dir.as_deref().map(|folder| sources(&surroundings, folder)).transpose()?;
    inputs.iter().try_for_each(|input| index_file::check(input))?;
    let repository =
        Repository { org_id: options.org_id.clone(), repo_id: options.repo_id.clone().unwrap_or_default() };
    let work = Work::of(options, &repository, inputs.clone(), folder)?;
    let destination = Destination::choose(options.output_format, &options.store, &surroundings, &mut settings)?;
    let blobs = settings.blobs.clone();
    let output = work::run::<Checkpoint, _>(SHARES, move |job| work.run(job, &settings))?;
    refuse_if_nothing_was_read(&inputs, &output)?;

    let printed = destination.print(&repository)?;
    report::note("PROGRESS:100 Complete");
    if printed {
        return Ok(());
    }
    let covered_files = match options.list_covered {
        true => CoveredFiles::Paths(paths(&output, &blobs)?),
        false => CoveredFiles::Count(output.covered_count),
    };
    report::object(&Summary {
        entity_count: output.entities,
        edge_count: output.edges.values().sum(),
        covered_files,
        errors: output.indexes.iter().filter_map(of_index).chain(texts(&output.warnings)).collect(),
        measured: Measured::since(begin, output.peak_rss_bytes),
        output,
    })
}

/// The folder with the sources, which has to be there.
///
/// # Errors
/// When it is not, or is no folder.
pub(crate) fn sources(surroundings: &Surroundings, folder: &Path) -> Result<PathBuf, Failure> {
    let folder = surroundings.absolute(folder)?;
    let folder = AllowedRoots::new([PathBuf::from("/")]).folder(&folder)?;
    Ok(workspace::checkout_in(&folder)?.unwrap_or(folder))
}

/// What is to be done with the indexes.
enum Work {
    /// They are joined with the sources.
    Join(RunScipInput),
    /// There are no sources, and one index.
    Alone(Repository, PathBuf),
}

impl Work {
    fn of(
        options: &ScipOptions,
        repository: &Repository,
        mut inputs: Vec<PathBuf>,
        folder: Option<PathBuf>,
    ) -> Result<Self, Failure> {
        if let Some(folder) = folder {
            return Ok(Self::Join(RunScipInput {
                workspace_dir: folder.to_string_lossy().into_owned(),
                repo_id: repository.repo_id.clone(),
                org_id: repository.org_id.clone(),
                package_roots: None,
                indexers: Some(Vec::new()),
                scip_files: Some(inputs.iter().map(|file| file.to_string_lossy().into_owned()).collect()),
                commit: None,
                include_bodies: options.include_bodies,
                include_members: options.include_members,
            }));
        }
        match (inputs.pop(), inputs.as_slice()) {
            (Some(only), []) => Ok(Self::Alone(repository.clone(), only)),
            _ => Err(Failure::new(
                ErrorType::InvalidInput,
                "several indexes without their sources",
                "--input",
                "give --workspace-dir, or one index at a time",
            )),
        }
    }

    fn run(&self, job: &Job<Checkpoint>, settings: &Settings) -> WorkResult<RunScipOutput> {
        destination::make_folder(&settings.graph)?;
        match self {
            Self::Join(input) => steps::run_scip(job, settings, input, None),
            Self::Alone(repository, index) => steps::index_alone(job, settings, repository, index),
        }
    }
}

/// A workflow goes on without an index that is damaged. Whoever names one here wants to know.
fn refuse_if_nothing_was_read(inputs: &[PathBuf], output: &RunScipOutput) -> Result<(), Failure> {
    let nothing = output.indexes.iter().all(|index| index.documents == 0 && index.warning.is_some());
    match (nothing, inputs.first(), output.indexes.iter().find_map(|index| index.warning.as_ref())) {
        (true, Some(first), Some(why)) => Err(index_file::damaged(first, why)),
        _ => Ok(()),
    }
}

fn of_index(index: &IndexReport) -> Option<String> {
    index.warning.as_ref().map(|why| format!("{} in {}: {why}", index.indexer, index.root))
}

fn paths(output: &RunScipOutput, blobs: &BlobStore) -> Result<Vec<String>, Failure> {
    let Some(covered) = &output.covered else { return Ok(Vec::new()) };
    let list = blobs.get(covered)?;
    serde_json::from_slice(&list).map_err(|e| {
        let what = format!("the list of covered files is none: {e}");
        Failure::new(ErrorType::Internal, what, covered.uri.clone(), "please report it")
    })
}
