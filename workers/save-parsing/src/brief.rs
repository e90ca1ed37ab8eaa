//! `gantry-save-parsing brief`.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use briefing::{Briefing, Options, diff, overview};
use save_parsing::{Limits, Save, Schema};
use serde_json::Value;

use crate::{
    arguments::BriefOptions,
    ending::{self, Ending},
};

pub(crate) fn run(options: &BriefOptions) -> Result<(), Ending> {
    let text = match (&options.diff, &options.save) {
        (Some(saves), _) => {
            let [old, new] = saves.as_slice() else { return Err(Ending::argument("--diff takes two saves")) };
            difference(options, &made(options, old)?.to_json(), &made(options, new)?.to_json())?
        }
        (None, Some(save)) => drawn(options, &made(options, save)?)?,
        (None, None) => return Err(Ending::argument("name a save, or two with --diff")),
    };
    write(&options.output, &text)
}

fn made(options: &BriefOptions, path: &Path) -> Result<Briefing, Ending> {
    let of_save = |error| Ending::Save { error, schema: Schema::V1 };
    let save = Save::open(path, &Limits::default()).map_err(of_save)?;
    let wanted = Options {
        player: options.player,
        localisation: options.localisation.clone().map(Arc::new),
        explain: options.explain.is_some(),
    };
    let briefing =
        briefing::brief(&save, &wanted).map_err(|error| Ending::argument(format!("{}: {error}", path.display())))?;
    for warning in &briefing.warnings {
        ending::note(format!("{}: {warning}", path.display()));
    }
    Ok(briefing)
}

fn drawn(options: &BriefOptions, briefing: &Briefing) -> Result<String, Ending> {
    Ok(match &options.explain {
        Some(path) => briefing.explanation(path).map_err(|error| Ending::argument(error.to_string()))?,
        // Not by way of `to_json`, which would sort the parts by name.
        None if options.json => pretty(briefing)?,
        None if options.html => overview::html(&briefing.to_json()),
        None => overview::text(&briefing.to_json()),
    })
}

fn difference(options: &BriefOptions, old: &Value, new: &Value) -> Result<String, Ending> {
    let changed = diff::compare(old, new).map_err(|error| Ending::argument(error.to_string()))?;
    Ok(match options {
        BriefOptions { json: true, .. } => pretty(&changed)?,
        BriefOptions { html: true, .. } => diff::html(&changed),
        _ => diff::text(&changed),
    })
}

fn pretty(value: &impl serde::Serialize) -> Result<String, Ending> {
    let text = serde_json::to_string_pretty(value);
    Ok(text.map_err(|error| Ending::Other(format!("writing the briefing as JSON: {error}")))? + "\n")
}

fn write(output: &Path, text: &str) -> Result<(), Ending> {
    if output == Path::new("-") {
        let mut stdout = io::stdout().lock();
        return stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| Ending::stdout(&error));
    }
    let failed = |error| Ending::Other(format!("writing {}: {error}", output.display()));
    let mut file = File::create(output).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
