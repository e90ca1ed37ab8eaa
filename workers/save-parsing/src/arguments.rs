//! What can be typed, and under which names.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use save_parsing::{Scalars, Schema};

use crate::ending::Ending;

/// How the binary is called in the place of the older one. Under this name it is never the worker.
const DROP_IN_NAME: &str = "stellaris-parser";

/// Runs the activities of the task queue save-parsing: opens saves of Stellaris and answers questions about them.
///
/// Without a command it is the worker, configured by the environment: TEMPORAL_* and temporal.toml for the connection,
/// GANTRY_* for the rest (see the README). SIGTERM drains it.
///
/// The commands do the same work without Temporal. stdout is data, stderr has what people read, and one JSON object for a
/// failure. Exit codes: 0 done, 1 the file is not there, 2 it cannot be read as a save or anything else went wrong, 3 the
/// arguments make no sense.
#[derive(Debug, Parser)]
#[command(
    name = "gantry-save-parsing",
    version,
    propagate_version = true,
    about,
    max_term_width = 100,
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Arguments {
    /// Asks the worker that runs on this host whether it is ready, then ends: 0 when it is, 1 and the reason when it is not
    #[arg(long)]
    pub(crate) check_health: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Open a save once and answer requests, lines of JSON on stdin, by lines of JSON on stdout
    Serve(ServeOptions),
    /// Print sections of a save as one JSON object
    ExtractSave(ExtractOptions),
    /// Print the entries of one section of a save, a line of JSON for each
    IterSave(IterOptions),
    /// Print sections of an unpacked gamestate as one JSON object
    ExtractGamestate(ExtractOptions),
    /// Brief the player of a save: what the empire has, needs and fears
    Brief(BriefOptions),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("form").args(["json", "text", "html"]))]
pub(crate) struct BriefOptions {
    /// The save: a .sav file, or its gamestate unpacked
    #[arg(required_unless_present = "diff")]
    pub(crate) save: Option<PathBuf>,
    /// The briefing as one JSON object, its parts at the top level
    #[arg(long)]
    pub(crate) json: bool,
    /// As text of 80 columns [the default]
    #[arg(long)]
    pub(crate) text: bool,
    /// As one HTML page that needs no other file and no network
    #[arg(long)]
    pub(crate) html: bool,
    /// Say how a figure came about: the rule, and the values of the save, as in economy.net_monthly.energy
    #[arg(long, value_name = "PATH", conflicts_with_all = ["form", "diff"])]
    pub(crate) explain: Option<String>,
    /// What changed between two saves of one campaign
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], conflicts_with = "save")]
    pub(crate) diff: Option<Vec<PathBuf>>,
    /// Number of the country that is briefed [default: that of the first player]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) player: Option<u32>,
    /// Folder with the game's texts, its localisation/english, for exact names
    #[arg(long, value_name = "FOLDER")]
    pub(crate) localisation: Option<PathBuf>,
    /// Where it goes: a file, or - for stdout
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ScalarShape {
    /// Strings all of them
    Text,
    /// Unquoted numbers, yes and no as numbers and booleans
    Typed,
    /// As typed, and quoted ones as {"$quoted": "..."}
    Tagged,
}

/// The shape of the JSON.
#[derive(Debug, Args)]
pub(crate) struct ShapeOptions {
    /// 1: scalars as strings, of several fields with one key the last. 2: nothing is lost
    #[arg(long, value_name = "1|2", default_value_t = 1)]
    pub(crate) schema_version: u32,
    /// How schema version 2 writes scalars [default: text]
    #[arg(long, value_name = "SHAPE", value_enum)]
    pub(crate) scalars: Option<ScalarShape>,
}

impl ShapeOptions {
    /// # Errors
    /// For a version that there is not.
    pub(crate) fn schema(&self) -> Result<Schema, Ending> {
        let scalars = match self.scalars {
            None | Some(ScalarShape::Text) => Scalars::Text,
            Some(ScalarShape::Typed) => Scalars::Typed,
            Some(ScalarShape::Tagged) => Scalars::Tagged,
        };
        match (self.schema_version, self.scalars) {
            (1, None) => Ok(Schema::V1),
            (1, Some(_)) => Err(Ending::argument("--scalars goes with --schema-version 2")),
            (2, _) => Ok(Schema::V2(scalars)),
            (other, _) => Err(Ending::argument(format!("Unsupported schema version: {other} (it is 1 or 2)"))),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// The save: a .sav file, or its gamestate unpacked
    #[arg(long, value_name = "SAVE")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) shape: ShapeOptions,
    /// End when no request has come for so long [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) idle_timeout: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct ExtractOptions {
    /// The file
    pub(crate) path: PathBuf,
    /// Names of sections, parted by commas; those that are not there are left out
    #[arg(long, value_name = "NAMES", required = true)]
    pub(crate) sections: String,
    #[command(flatten)]
    pub(crate) shape: ShapeOptions,
    /// Where the object goes: a file, or - for stdout
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct IterOptions {
    /// The save
    pub(crate) path: PathBuf,
    /// Name of the section; one that is not there has no entries
    #[arg(long, value_name = "NAME")]
    pub(crate) section: String,
    #[command(flatten)]
    pub(crate) shape: ShapeOptions,
    /// There is one format: jsonl
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    pub(crate) format: String,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let duration = text.parse().ok().and_then(|seconds: f64| Duration::try_from_secs_f64(seconds).ok());
    duration.filter(|duration| !duration.is_zero()).ok_or_else(|| "a number of seconds above 0 is expected".to_owned())
}

/// Arguments that cannot be read, or that ask for help or the version.
#[derive(Debug)]
pub(crate) struct Misuse(pub(crate) clap::Error);

impl Arguments {
    /// # Errors
    /// [`Misuse`].
    pub(crate) fn read(program: Vec<OsString>) -> Result<Self, Misuse> {
        let name = program.first().map(PathBuf::from);
        let dropped_in = name.is_some_and(|path| path.file_stem() == Some(DROP_IN_NAME.as_ref()));
        let mut command = Self::command();
        if dropped_in {
            command = command.name(DROP_IN_NAME).subcommand_required(true).arg_required_else_help(true);
        }
        let mut matches = command.clone().try_get_matches_from(program).map_err(Misuse)?;
        Self::from_arg_matches_mut(&mut matches).map_err(|error| Misuse(error.format(&mut command)))
    }
}

impl Misuse {
    /// Whether it is help that nobody asked for.
    #[cfg(test)]
    fn is_missing_command(&self) -> bool {
        self.0.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Arguments, Misuse> {
        Arguments::read(words.iter().map(OsString::from).collect())
    }

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn under_the_older_name_a_command_is_needed() {
        assert!(read(&["/opt/gantry-save-parsing"]).unwrap().command.is_none());
        for name in ["/opt/stellaris-parser", "stellaris-parser.exe"] {
            assert!(read(&[name]).unwrap_err().is_missing_command(), "{name}");
            assert!(read(&[name, "serve", "--path", "a.sav"]).unwrap().command.is_some(), "{name}");
        }
    }

    #[test]
    fn seconds_are_above_zero() {
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        for text in ["0", "-1", "NaN", "inf", "1e40", "", "soon"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
