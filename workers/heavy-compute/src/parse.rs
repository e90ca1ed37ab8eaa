//! `parse-rest`.

use std::{
    fs,
    io::{self, Read},
    path::Path,
    time::Instant,
};

use contracts::{
    errors::ErrorType,
    heavy_compute::{FinishIndexInput, ParseRestInput, ParseRestOutput},
    shared::BlobRef,
};
use graph_store::Repository;
use heavy_compute::{Settings, index::Checkpoint, steps, workspace};
use kit::{BlobStore, Failure};
use serde::Serialize;

use crate::{
    arguments::ParseOptions,
    destination::{self, Destination},
    ending::Ending,
    measured::{Measured, texts},
    progress::Share,
    report,
    surroundings::Surroundings,
    work,
};

const SHARES: &[Share] = &[("scan", 0, 5), ("parse", 5, 80), ("link", 80, 98), ("remove", 98, 100)];

/// The contract's answer, with the fields of the older command.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    #[serde(flatten)]
    output: ParseRestOutput,
    entity_count: u64,
    edge_count: u64,
    covered_files: usize,
    errors: Vec<String>,
    #[serde(flatten)]
    measured: Measured,
}

pub(crate) fn run(options: &ParseOptions) -> Result<(), Ending> {
    let begin = Instant::now();
    let surroundings = Surroundings::read()?;
    let mut settings = surroundings.settings()?;
    let folder = surroundings.absolute(&options.workspace_dir)?;
    let folder = workspace::checkout_in(&folder)?.unwrap_or(folder);
    let covered = options.covered_files.as_deref().map(covered_files).transpose()?.unwrap_or_default();
    let destination = Destination::choose(options.output_format, &options.store, &surroundings, &mut settings)?;
    let input = ParseRestInput {
        workspace_dir: folder.to_string_lossy().into_owned(),
        repo_id: options.repo_id.clone(),
        org_id: options.org_id.clone(),
        covered: stored(&covered, &settings.blobs)?,
        commit: None,
        include_bodies: options.include_bodies,
        include_members: options.include_members,
    };
    let output = work::run::<Checkpoint, _>(SHARES, move |job| parse(job, &settings, &input))?;
    let repository = Repository { org_id: options.org_id.clone(), repo_id: options.repo_id.clone() };
    let printed = destination.print(&repository)?;
    report::note("PROGRESS:100 Complete");
    if printed {
        return Ok(());
    }
    report::object(&Summary {
        entity_count: output.entities,
        edge_count: output.edges.values().sum(),
        covered_files: covered.len(),
        errors: texts(&output.warnings),
        measured: Measured::since(begin, output.peak_rss_bytes),
        output,
    })
}

/// Parses, then removes what is gone from the workspace: nobody else comes after this command.
fn parse(job: &kit::Job<Checkpoint>, settings: &Settings, input: &ParseRestInput) -> kit::WorkResult<ParseRestOutput> {
    destination::make_folder(&settings.graph)?;
    let mut output = steps::parse_rest(job, settings, input, None)?;
    let scanned = FinishIndexInput {
        repo_id: input.repo_id.clone(),
        org_id: input.org_id.clone(),
        scanned: output.scanned.clone(),
        commit: None,
    };
    let finished = steps::finish_index(job, settings, &scanned)?;
    output.removed += finished.removed_entities + finished.removed_edges;
    output.entities = finished.counts.entities;
    output.edges = finished.counts.edges_by_kind;
    output.by_kind = finished.counts.by_kind;
    output.phases.extend(finished.phases);
    Ok(output)
}

/// The list itself, in a file, or on stdin.
fn covered_files(given: &str) -> Result<Vec<String>, Failure> {
    let (text, place) = if given.trim_start().starts_with('[') {
        (given.to_owned(), "--covered-files")
    } else if given == "-" {
        let mut text = String::new();
        let read = io::stdin().read_to_string(&mut text);
        read.map_err(|e| Failure::io("reading the covered files", Path::new("stdin"), &e))?;
        (text, "stdin")
    } else {
        let read = fs::read_to_string(given);
        (read.map_err(|e| Failure::io("reading the covered files", Path::new(given), &e))?, given)
    };
    serde_json::from_str(&text).map_err(|e| {
        let hint = "give a JSON array of paths relative to the workspace";
        Failure::new(ErrorType::InvalidInput, format!("these are no covered files: {e}"), place, hint)
    })
}

fn stored(covered: &[String], blobs: &BlobStore) -> Result<Option<BlobRef>, Failure> {
    if covered.is_empty() {
        return Ok(None);
    }
    let list = serde_json::to_vec(covered);
    let list =
        list.map_err(|e| Failure::new(ErrorType::Internal, e.to_string(), "the covered files", "please report it"))?;
    blobs.put(&list).map(Some)
}
