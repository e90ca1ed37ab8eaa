//! What can be typed.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::{ArgAction, ArgGroup, Args, Parser, Subcommand, ValueEnum};
use shipping::config::BATCH_BYTES;

/// Ships the sessions of coding agents, from their files to a server, each event once.
///
/// stdout is data, stderr is logs and progress. Exit codes: 0 done, 1 input, 2 parse, 3 store or network, 4 filesystem, 128
/// and the signal's number when interrupted.
#[derive(Debug, Parser)]
#[command(
    name = "gantry-shipping",
    version,
    propagate_version = true,
    about,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    /// Asks the worker that runs on this host whether it is ready, then ends: 0 when it is, 1 and the reason when it is not
    #[cfg(feature = "worker")]
    #[arg(long, exclusive = true)]
    pub(crate) check_health: bool,
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What every command takes, before or after its name.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "For every command")]
pub(crate) struct Common {
    /// Address of the server [default: the content of longhouse-url in ~/.claude, else http://localhost:8080]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Token for the server: env:NAME or file:PATH. The token itself is taken too, with a warning [default:
    /// AGENTS_API_TOKEN, else the content of longhouse-device-token or longhouse-token in ~/.claude]
    #[arg(long, global = true, value_name = "REFERENCE")]
    pub(crate) token: Option<String>,
    /// Database that remembers what was shipped [default: longhouse-shipper.db in ~/.claude]
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) db: Option<PathBuf>,
    /// Threads that read and compress [default: one a processor]
    #[arg(long, global = true, value_name = "N")]
    pub(crate) workers: Option<NonZeroUsize>,
    /// Bytes of source in one request, at most, unless one line has more
    #[arg(long, global = true, value_name = "BYTES", default_value_t = BATCH_BYTES)]
    pub(crate) batch_bytes: u64,
    /// What is logged on stderr
    #[arg(long, global = true, value_name = "LEVEL", value_enum, default_value_t = LogLevel::Info)]
    pub(crate) log_level: LogLevel,
    /// Answer with one JSON object
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ship everything that is new, or what is new in these files, and end
    Ship(ShipOptions),
    /// Ship everything that is new, then each change as it happens, until SIGTERM or Ctrl-C; SIGHUP scans at once
    Connect(ConnectOptions),
    /// Tell what is tracked, what waits and what went wrong
    Status,
    /// Forget how far files were shipped, so that they are shipped anew; or bring back what was put aside
    Reset(ResetOptions),
    /// Start `connect` at each login, by systemd or launchd
    InstallService(ServiceOptions),
    /// Tell the version
    Version,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum LogLevel {
    /// Nothing
    Off,
    /// What ended a piece of work
    Error,
    /// What a person should know
    #[value(alias = "warning")]
    Warn,
    /// What was done
    #[default]
    Info,
    /// Each change
    Debug,
    /// Everything, libraries too
    Trace,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compression {
    /// Every server takes it
    #[default]
    Gzip,
    /// Faster and smaller
    Zstd,
    /// zstd where the server says that it takes it
    Auto,
}

/// The fastest.
pub(crate) const DEFAULT_LEVEL: u8 = 1;

/// What is sent, and how.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What is sent, and how")]
pub(crate) struct Sending {
    /// How requests are compressed [default: gzip]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) compression: Option<Compression>,
    /// 1 is the fastest; gzip goes up to 12, zstd to 19
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LEVEL, value_parser = clap::value_parser!(u8).range(1..=19))]
    pub(crate) level: u8,
    /// Send no more than so many megabytes a second
    #[arg(long, value_name = "MB")]
    pub(crate) max_mbps: Option<f64>,
    /// Only these agents: claude, codex, gemini
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) providers: Vec<String>,
    /// Leave out sessions whose project or working folder matches; may be given several times
    #[arg(long, value_name = "GLOB", action = ArgAction::Append)]
    pub(crate) exclude_project: Vec<String>,
    /// Take keys, tokens and passwords out of what is sent
    #[arg(long)]
    pub(crate) redact: bool,
    /// Take the values of members of this name out, too; may be given several times
    #[arg(long, value_name = "NAME", action = ArgAction::Append)]
    pub(crate) redact_key: Vec<String>,
    /// Take what this regular expression matches out, too; may be given several times
    #[arg(long, value_name = "REGEX", action = ArgAction::Append)]
    pub(crate) redact_pattern: Vec<String>,
    /// Keep copies of sessions that are not yet sent and that their agent is about to remove
    #[arg(long)]
    pub(crate) keep_copies: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ShipOptions {
    /// Files to ship; everything new without them
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Do everything but send and remember; nothing changes on the disk
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

#[derive(Debug, Args)]
pub(crate) struct ConnectOptions {
    /// Log into this file instead of stderr; three older ones of 5 MB are kept beside it
    #[arg(long, value_name = "PATH")]
    pub(crate) log_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

#[derive(Debug, Args)]
#[group(skip)]
#[command(group(ArgGroup::new("what").required(true).args(["path", "all", "quarantined", "dead"])))]
pub(crate) struct ResetOptions {
    /// A file that is to be shipped anew from its start
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,
    /// Ship everything anew; the server drops what it has
    #[arg(long)]
    pub(crate) all: bool,
    /// Try again what the server refused
    #[arg(long)]
    pub(crate) quarantined: bool,
    /// Try again what was given up
    #[arg(long)]
    pub(crate) dead: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// A manager of services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ManagerName {
    /// Linux
    Systemd,
    /// macOS
    Launchd,
}

#[derive(Debug, Args)]
pub(crate) struct ServiceOptions {
    /// Print the unit and install nothing [without a value: that of this system]
    #[arg(long, value_name = "MANAGER", value_enum, num_args = 0..=1)]
    pub(crate) print: Option<Option<ManagerName>>,
    /// Stop the service and remove its unit
    #[arg(long, conflicts_with = "print")]
    pub(crate) uninstall: bool,
    /// Log of the service [default: ~/.claude/gantry-shipping.log]
    #[arg(long, value_name = "PATH")]
    pub(crate) log_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

/// Whether the program was called as the daemon that it replaces.
#[cfg(feature = "worker")]
pub(crate) fn is_older_name(program: Option<std::ffi::OsString>) -> bool {
    let program = program.map(PathBuf::from);
    program.as_deref().and_then(std::path::Path::file_stem).is_some_and(|stem| stem == "longhouse-engine")
}

/// The help, for who typed nothing.
pub(crate) fn help() -> String {
    <Arguments as clap::CommandFactory>::command().render_help().to_string().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn common_flags_stand_before_and_after_the_command() {
        let url = |words: &[&str]| Arguments::try_parse_from(words).unwrap().common.url;
        assert_eq!(url(&["x", "--url", "http://h", "ship"]), Some("http://h".to_owned()));
        assert_eq!(url(&["x", "ship", "--url", "http://h", "a.jsonl"]), Some("http://h".to_owned()));
    }
}
