//! `gantry brief`: what a save says of its player's empire, by the workflow `briefSave`.

mod form;
mod made;
mod watch;

use std::path::{Path, PathBuf};

use briefing::diff;
use clap::{ArgGroup, Args};
use serde_json::Value;

use crate::{
    brief::{
        form::Form,
        made::{Asked, Briefer, Made},
    },
    connect,
    places::Places,
    problem::Problem,
    report,
};

pub(crate) use made::brief_once;

#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("what").required(true).multiple(false)),
    group(ArgGroup::new("form").multiple(false))
)]
pub(crate) struct BriefOptions {
    /// The save
    #[arg(value_name = "SAVE", group = "what")]
    save: Option<PathBuf>,
    /// Brief each new save of this folder as it is written, and print a line about it, until Ctrl-C
    #[arg(long, value_name = "FOLDER", group = "what")]
    watch: Option<PathBuf>,
    /// Tell what changed between two saves of one campaign
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], group = "what")]
    diff: Option<Vec<PathBuf>>,
    /// The briefing as one JSON object, its parts at the top level; of a watch, one object a line
    #[arg(long, group = "form")]
    json: bool,
    /// As text of 80 columns [the default]
    #[arg(long, group = "form")]
    text: bool,
    /// As one HTML page that needs no other file and no network
    #[arg(long, group = "form", conflicts_with = "watch")]
    html: bool,
    /// File to write; standard output when it is -
    #[arg(long, short, value_name = "FILE", default_value = "-", conflicts_with = "watch")]
    output: PathBuf,
    /// Say how a figure came about: the rule, and the values of the save, as in economy.net_monthly.energy
    #[arg(long, value_name = "PATH", conflicts_with_all = ["watch", "diff", "form"])]
    explain: Option<String>,
    /// Number of the country that is briefed [default: that of the first player]
    #[arg(long, value_name = "N", conflicts_with = "watch")]
    player: Option<u32>,
    /// Folder with the game's texts, its localisation/english, for exact names
    #[arg(long, value_name = "FOLDER", conflicts_with = "watch")]
    localisation: Option<PathBuf>,
}

pub(crate) async fn run(places: &Places, options: &BriefOptions) -> Result<(), Problem> {
    if let Some(folder) = &options.watch {
        return watch::run(places, folder, options.json).await;
    }
    let asked = Asked {
        explain: options.explain.clone(),
        player: options.player,
        localisation: options.localisation.as_deref().map(folder).transpose()?,
    };
    // What is missing is told before anything is started.
    let saves = options.save.iter().chain(options.diff.iter().flatten()).map(|save| made::looked_at(save));
    let saves = saves.collect::<Result<Vec<PathBuf>, Problem>>()?;
    let client = connect::client(places).await?;
    let briefer = Briefer { places, client: &client, asked: &asked };
    let form = Form::of(options.json, options.html);
    let drawn = match saves.as_slice() {
        [old, new] => {
            let (old, new) = (made(&briefer, old, form).await?, made(&briefer, new, form).await?);
            let changed = diff::compare(&old.output.briefing, &new.output.briefing);
            form.difference(&changed.map_err(|error| Problem::input(error.to_string()))?)
        }
        [save] => {
            let made = made(&briefer, save, form).await?;
            match made.output.explanation {
                Some(explanation) => explanation,
                None => form.briefing(&made.output.briefing),
            }
        }
        _ => return Err(Problem::input("name one save, or two with --diff")),
    };
    form::write(&options.output, &drawn)
}

/// Briefs a save, and tells of it what the form does not.
async fn made(briefer: &Briefer<'_>, save: &Path, form: Form) -> Result<Made, Problem> {
    let made = briefer.brief(save).await?;
    if form != Form::Text {
        for warning in &made.output.warnings {
            report::note(&format!("warning: {} ({}x): {}", save.display(), warning.count, warning.message));
        }
    }
    Ok(made)
}

fn folder(path: &Path) -> Result<String, Problem> {
    let real = path.canonicalize().map_err(|e| Problem::io(&format!("{}", path.display()), &e))?;
    if !real.is_dir() {
        return Err(Problem::input(format!("{} is no folder", path.display())));
    }
    real.into_os_string()
        .into_string()
        .map_err(|path| Problem::input(format!("{}: the path is not UTF-8", PathBuf::from(path).display())))
}

/// What a briefing says first, on one line.
fn headline(briefing: &Value) -> String {
    let text = |pointer: &str| briefing.pointer(pointer).and_then(Value::as_str).unwrap_or("unknown").to_owned();
    let number = |pointer: &str| briefing.pointer(pointer).and_then(Value::as_f64);
    let mut parts = Vec::new();
    let plural = |count: f64, one: &str| if count < 1.5 { format!("1 {one}") } else { format!("{count} {one}s") };
    parts.extend(number("/situation/war_count").filter(|wars| *wars >= 1.0).map(|wars| plural(wars, "war")));
    let nets = ["energy", "minerals", "alloys"]
        .into_iter()
        .filter_map(|name| Some(format!("{name} {:+.0}", number(&format!("/economy/net_monthly/{name}"))?)));
    let nets: Vec<String> = nets.collect();
    if !nets.is_empty() {
        parts.push(format!("{} a month", nets.join(", ")));
    }
    if let Some(rank) = number("/military/victory_rank") {
        parts.push(format!("rank {rank}"));
    }
    match briefing.get("_warnings").and_then(Value::as_array).map_or(0, Vec::len) {
        0 => {}
        1 => parts.push("1 warning".to_owned()),
        warnings => parts.push(format!("{warnings} warnings")),
    }
    format!("{}  {}: {}", text("/meta/date"), text("/meta/empire_name"), parts.join("; "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_headline_says_when_who_and_how_things_stand() {
        let briefing = json!({
            "meta": { "date": "2312.05.01", "empire_name": "Holy Tree" },
            "situation": { "war_count": 2 },
            "economy": { "net_monthly": { "energy": -12.4, "minerals": 30.0, "alloys": 5.5 } },
            "military": { "victory_rank": 3 },
            "_warnings": ["a section is damaged"],
        });
        assert_eq!(
            headline(&briefing),
            "2312.05.01  Holy Tree: 2 wars; energy -12, minerals +30, alloys +6 a month; rank 3; 1 warning"
        );
        assert_eq!(headline(&json!({})), "unknown  unknown: ");
    }
}
