//! `prepare-workspace`.

use std::{path::Path, time::Instant};

use contracts::{
    heavy_compute::{PrepareWorkspaceInput, PrepareWorkspaceOutput},
    shared::LanguageCount,
};
use heavy_compute::steps;
use serde::Serialize;

use crate::{
    arguments::{OutputFormat, PrepareOptions},
    ending::Ending,
    measured::Measured,
    progress::Share,
    report,
    surroundings::Surroundings,
    work,
};

const SHARES: &[Share] = &[("clone", 0, 80), ("scan", 80, 100)];

/// The older command's answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    workspace_path: String,
    languages: Vec<LanguageCount>,
    workspace_roots: Vec<String>,
    file_count: u64,
    errors: Vec<String>,
    #[serde(flatten)]
    measured: Measured,
}

/// The contract's answer, with the fields of the older command.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Full {
    #[serde(flatten)]
    output: PrepareWorkspaceOutput,
    workspace_path: String,
    workspace_roots: Vec<String>,
    errors: Vec<String>,
    #[serde(flatten)]
    measured: Measured,
}

pub(crate) fn run(options: PrepareOptions) -> Result<(), Ending> {
    let begin = Instant::now();
    let surroundings = Surroundings::read()?;
    let settings = surroundings.settings()?;
    let folder = options.workspace_dir.as_deref().map(|folder| surroundings.absolute(folder)).transpose()?;
    let path = options.path.as_deref().map(|folder| surroundings.absolute(folder)).transpose()?;
    let named = folder.as_deref().or(path.as_deref()).and_then(Path::file_name);
    let named = named.map(|name| name.to_string_lossy().into_owned());
    let input = PrepareWorkspaceInput {
        repo_url: options.repo_url,
        path: path.map(|path| path.to_string_lossy().into_owned()),
        repo_id: options.repo_id.or(named).unwrap_or_else(|| "workspace".to_owned()),
        org_id: options.org_id,
        branch: options.branch,
        tag: options.tag,
        commit: options.commit,
        credential: options.github_token.or(options.credential),
        force: options.force,
    };
    let output = work::run::<(), _>(SHARES, move |job| match &folder {
        Some(home) => steps::prepare_workspace_in(job, &settings, &input, home),
        None => steps::prepare_workspace(job, &settings, &input),
    })?;
    let measured = Measured::since(begin, output.peak_rss_bytes);
    let errors = crate::measured::texts(&output.warnings);
    let (workspace_path, workspace_roots) = (output.workspace_dir.clone(), output.package_roots.clone());
    report::note("PROGRESS:100 Complete");
    match options.output_format {
        OutputFormat::Json => report::object(&Full { output, workspace_path, workspace_roots, errors, measured }),
        OutputFormat::Summary => report::object(&Summary {
            workspace_path,
            languages: output.languages,
            workspace_roots,
            file_count: output.file_count,
            errors,
            measured,
        }),
    }
}
