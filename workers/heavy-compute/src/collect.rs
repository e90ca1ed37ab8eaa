//! `workspace-gc`.

use std::time::Instant;

use contracts::heavy_compute::{WorkspaceGcInput, WorkspaceGcOutput};
use heavy_compute::steps;
use serde::Serialize;

use crate::{
    arguments::{CollectOptions, OutputFormat},
    ending::Ending,
    measured::Measured,
    progress::Share,
    report,
    surroundings::Surroundings,
    work,
};

const SHARES: &[Share] = &[("collect", 0, 100)];

/// Counts alone.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    removed_count: usize,
    freed_bytes: u64,
    kept: u64,
    error_count: usize,
    dry_run: bool,
    #[serde(flatten)]
    measured: Measured,
}

/// The contract's answer, with what the others have too.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Full {
    #[serde(flatten)]
    output: WorkspaceGcOutput,
    dry_run: bool,
    #[serde(flatten)]
    measured: Measured,
}

pub(crate) fn run(options: &CollectOptions) -> Result<(), Ending> {
    let begin = Instant::now();
    let surroundings = Surroundings::read()?;
    let settings = surroundings.settings()?;
    let folder = options.base_path.as_deref().map(|folder| surroundings.absolute(folder)).transpose()?;
    let dry_run = options.dry_run;
    let input = WorkspaceGcInput {
        base_path: folder.map(|folder| folder.to_string_lossy().into_owned()),
        max_age_days: options.max_age_days,
        dry_run,
    };
    let output = work::run::<(), _>(SHARES, move |job| steps::workspace_gc(job, &settings, &input))?;
    let measured = Measured::since(begin, output.peak_rss_bytes);
    report::note("PROGRESS:100 Complete");
    match options.output_format {
        OutputFormat::Json => report::object(&Full { output, dry_run, measured }),
        OutputFormat::Summary => report::object(&Summary {
            removed_count: output.removed.len(),
            freed_bytes: output.freed_bytes,
            kept: output.kept,
            error_count: output.errors.len(),
            dry_run,
            measured,
        }),
    }
}
