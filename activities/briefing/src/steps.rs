//! What the activity does, as a plain function: no async, no Temporal.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use contracts::{
    errors::ErrorType,
    save_parsing::{BriefingFormat, BuildBriefingInput, BuildBriefingOutput},
    shared::Warning,
};
use kit::{Failure, Job, Phases, WorkResult};
use save_parsing::steps::Settings;

use crate::{BriefError, ENGINE_VERSION, NotThere, Options, brief, overview};

/// Briefs a save.
///
/// # Errors
/// What the file or the save say, `InvalidInput` for a country or a path that is not there, `Conflict` for a file that is
/// another by now than the one that was asked for, or an interruption.
pub fn build_briefing<C: Send + Sync>(
    job: &Job<C>,
    settings: &Settings,
    input: &BuildBriefingInput,
) -> WorkResult<BuildBriefingOutput> {
    let mut phases = Phases::default();
    let localisation = match &input.localisation {
        Some(folder) => Some(Arc::new(settings.folder(Path::new(folder))?)),
        None => None,
    };
    let (save, sha256, cached) = phases.time("open", || settings.open(job, &input.save))?;
    if let Some(wanted) = &input.sha256
        && *wanted != sha256
    {
        let what = format!("the save is not the one that was asked for: it has the hash {sha256}, not {wanted}");
        return Err(Failure::new(ErrorType::Conflict, what, "sha256", "the game wrote it again; brief it anew").into());
    }
    job.progress("brief", 0, 0, "parts");
    let options = Options { player: input.player, localisation, explain: input.explain.is_some() };
    let briefing = phases.time("brief", || brief(&save, &options)).map_err(|error| refused(&error))?;
    job.proceed()?;
    let explanation = match &input.explain {
        Some(path) => Some(briefing.explanation(path).map_err(|error| not_there(&error))?),
        None => None,
    };
    let json = briefing.to_json();
    let page = phases.time("page", || match input.format {
        BriefingFormat::Json => None,
        BriefingFormat::Text => Some(overview::text(&json)),
        BriefingFormat::Html => Some(overview::html(&json)),
    });
    let mut warnings: BTreeMap<String, u64> = BTreeMap::new();
    for warning in briefing.warnings {
        *warnings.entry(warning).or_default() += 1;
    }
    let warning = |(message, count)| Warning { code: "damaged".to_owned(), message, count };
    Ok(BuildBriefingOutput {
        briefing: json,
        page,
        explanation,
        sha256,
        engine_version: ENGINE_VERSION.to_owned(),
        cached,
        phases: phases.into_millis(),
        warnings: warnings.into_iter().map(warning).collect(),
    })
}

fn refused(error: &BriefError) -> Failure {
    let place = match error {
        BriefError::NoPlayer => "player",
        BriefError::NoCountry { .. } => "country",
    };
    Failure::new(ErrorType::InvalidInput, error.to_string(), place, "brief a Stellaris save, or name another country")
}

fn not_there(error: &NotThere) -> Failure {
    Failure::new(ErrorType::InvalidInput, error.to_string(), "explain", "name one of these, or a part of one's name")
}
