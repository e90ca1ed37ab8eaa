//! `gantry import`: starts the workflow that writes the events of files into the event store, and follows it.

mod answer;
mod files;
mod progress;

use std::{path::PathBuf, time::Instant};

use clap::{Args, ValueEnum};
use contracts::{
    ingest::{IMPORT_SOURCE, ImportFormat},
    queues,
    shared::FileRef,
    workflows::{DEFAULT_IMPORT_PARALLEL, ImportFiles, ImportFilesInput, import_files_id},
};
use serde_json::json;
use temporalio_client::Client;

use crate::{
    blobs, connect,
    places::Places,
    problem::Problem,
    queue::survey,
    report,
    run::{self, Started, Title},
};

pub(crate) use answer::imported;

#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// Files of events, a JSON object a line, as they are or packed with gzip or zstd
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// How many files are read at once
    #[arg(long, value_name = "N", default_value_t = DEFAULT_IMPORT_PARALLEL, value_parser = clap::value_parser!(u32).range(1..=16))]
    parallel: u32,
    /// What events that name no source get as theirs
    #[arg(long, value_name = "NAME", default_value = IMPORT_SOURCE)]
    source: String,
    /// How the files are packed
    #[arg(long, value_enum, default_value = "auto")]
    format: Format,
    /// Start the run and return at once
    #[arg(long)]
    detach: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// How files are packed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// Told by their first bytes
    Auto,
    /// Not at all
    Jsonl,
    /// With gzip
    Gzip,
    /// With zstd
    Zstd,
}

impl Format {
    fn told(self) -> Option<ImportFormat> {
        match self {
            Self::Auto => None,
            Self::Jsonl => Some(ImportFormat::Jsonl),
            Self::Gzip => Some(ImportFormat::Gzip),
            Self::Zstd => Some(ImportFormat::Zstd),
        }
    }
}

pub(crate) async fn run(places: &Places, options: &ImportOptions) -> Result<(), Problem> {
    let paths = files::looked_at(&options.files)?;
    let sizes = files::sizes(&paths);
    let client = connect::client(places).await?;
    let begin = Instant::now();
    let started = start(places, &client, paths, options).await?;
    let link = started.ui_link(places, &client);
    if options.detach {
        if options.json {
            let object = json!({ "workflowId": started.workflow_id, "runId": started.run_id });
            return report::data(&answer::with_link(object, link).to_string());
        }
        report::data(&format!("started {} (run {})", started.workflow_id, started.run_id))?;
        return link.map_or(Ok(()), |link| report::data(&link));
    }
    if let Some(link) = &link {
        report::note(&format!("run: {link}"));
    }
    let output = started.followed_by(&client, &|at, beats| progress::told(&sizes, at, beats)).await?;
    if options.json {
        let ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        report::data(&answer::object(&started.workflow_id, &started.run_id, &output, ms, link)?.to_string())?;
    } else {
        report::data(&imported(&output))?;
    }
    answer::ending(&output)
}

/// Starts the run of these files, or joins the one that goes on.
async fn start(
    places: &Places,
    client: &Client,
    paths: Vec<PathBuf>,
    options: &ImportOptions,
) -> Result<Started<ImportFiles>, Problem> {
    let host = places.host_id();
    let queue = queues::host_queue(queues::INGEST, &host);
    let (files, host_id) = if survey::somebody_works_on(client, &queue).await? {
        (files::references(&paths)?, Some(host))
    } else {
        report::note(&format!("no worker of {queue}; another one gets the files by the blob store"));
        (blobs::put_all(places, paths).await?, None)
    };
    let input = ImportFilesInput {
        files,
        parallel: options.parallel,
        source: Some(options.source.clone()),
        format: options.format.told(),
        host_id,
        done: Vec::new(),
    };
    start_with(client, input).await
}

/// Starts a run, or joins the one of the same files that goes on.
pub(crate) async fn start_with(client: &Client, input: ImportFilesInput) -> Result<Started<ImportFiles>, Problem> {
    let named = match input.files.as_slice() {
        [FileRef::Path { path }] => path.clone(),
        [FileRef::Blob(blob)] => blob.uri.clone(),
        files => format!("{} files", files.len()),
    };
    let title = Title {
        workflow_id: import_files_id(&input.files, input.host_id.as_deref()),
        system: queues::INGEST,
        repo: None,
        summary: format!("import {named}"),
    };
    run::start(client, ImportFiles, input, title).await
}
