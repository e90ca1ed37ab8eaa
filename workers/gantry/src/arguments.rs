//! What can be typed.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};
use contracts::heavy_compute::DEFAULT_ORG;

use crate::{
    brief::BriefOptions, codec::arguments::CodecCommand, duration, graph::arguments::GraphCommand,
    import::ImportOptions, job::arguments::JobCommand, queue::arguments::QueueCommand, save::SaveCommand,
};

/// Gantry: Rust workers and TypeScript workflows on Temporal.
///
/// stdout is data, stderr is progress. Exit codes: 0 done, 1 input, 2 parse or a wrong result, 3 store or network,
/// 4 filesystem.
#[derive(Debug, Parser)]
#[command(name = "gantry", version, about, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything on this machine: a Temporal server with its UI, the workers; Ctrl-C drains and stops it
    Dev(DevOptions),
    /// Run everything, do real jobs on each queue, check and show what came of them, stop
    Demo(DemoOptions),
    /// Index a repository into the code graph
    Index(IndexOptions),
    /// Ship the agent sessions of this host to their server
    Ship(ShipOptions),
    /// Import events of agents from files into the event store
    Import(ImportOptions),
    /// Brief the player of a save: what the empire has, needs and fears
    Brief(BriefOptions),
    /// Ask a save, or write out a part of it
    Save {
        #[command(subcommand)]
        command: SaveCommand,
    },
    /// Ask the code graph, export it, remove repositories from it
    Graph {
        #[command(subcommand)]
        command: GraphCommand,
    },
    /// Submit, watch, retry jobs: single activities without a workflow
    Job {
        #[command(subcommand)]
        command: JobCommand,
    },
    /// Look at task queues, pause and resume them, limit their rate
    Queue {
        #[command(subcommand)]
        command: QueueCommand,
    },
    /// Watch the queues, live
    Top(TopOptions),
    /// Payload encryption: make keys, serve the codec endpoint for the Temporal UI and command line
    Codec {
        #[command(subcommand)]
        command: CodecCommand,
    },
    /// Check the installation, the server and the workers, and say what to do about what is wrong
    Doctor {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Make a namespace ready: register Gantry's search attributes; done already where `gantry dev` runs
    Setup(SetupOptions),
}

#[derive(Debug, Args)]
pub(crate) struct DevOptions {
    /// Give the Temporal server this port, its UI the next one, and the workers those after it
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1024..=65000))]
    pub(crate) port_base: Option<u16>,
    /// Ship the agent sessions of this home folder [default: generated ones; yours are not read]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) home: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoOptions {
    /// Folder or URL of the repository to index [default: this installation's own sources]
    #[arg(long, env = "GANTRY_DEMO_REPO", hide_env_values = true, value_name = "PATH|URL")]
    pub(crate) repo: Option<String>,
    /// Leave everything running afterwards, until Ctrl-C
    #[arg(long)]
    pub(crate) keep: bool,
    #[command(flatten)]
    pub(crate) dev: DevOptions,
}

#[derive(Debug, Args)]
pub(crate) struct IndexOptions {
    /// A folder, or the URL of a git repository
    #[arg(value_name = "PATH|URL")]
    pub(crate) source: String,
    /// Names the repository in the graph [default: made from the source]
    #[arg(long, value_name = "ID")]
    pub(crate) repo_id: Option<String>,
    /// Whose repository it is
    #[arg(long, value_name = "ID", default_value = DEFAULT_ORG)]
    pub(crate) org_id: String,
    /// Branch to index, of a URL [default: the remote's default branch]
    #[arg(long)]
    pub(crate) branch: Option<String>,
    /// Where the worker finds a credential for the URL: env:NAME or file:PATH
    #[arg(long, value_name = "REFERENCE")]
    pub(crate) credential: Option<String>,
    /// A SCIP index of the sources that is there already: in the current folder, or else in the indexed one. May be given
    /// several times
    #[arg(long, value_name = "FILE")]
    pub(crate) scip: Vec<PathBuf>,
    /// Run this SCIP indexer and no others, for example scip-typescript. May be given several times [default: those that
    /// are installed on the worker's host and fit the sources]
    #[arg(long, value_name = "NAME", conflicts_with = "no_indexers")]
    pub(crate) indexer: Vec<String>,
    /// Run no SCIP indexer
    #[arg(long)]
    pub(crate) no_indexers: bool,
    /// Start the run and return at once
    #[arg(long)]
    pub(crate) detach: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ShipOptions {
    /// Session files, or folders that hold some [default: all of the agents' own folders]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Go on shipping what the sessions grow by, until the run is cancelled
    #[arg(long)]
    pub(crate) watch: bool,
    /// Only these agents, separated by commas: claude, codex, gemini
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) providers: Vec<String>,
    /// Stop after about so many bytes of source
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_bytes: Option<u64>,
    /// Host whose sessions are meant [default: this one]
    #[arg(long, value_name = "ID")]
    pub(crate) host: Option<String>,
    /// Read, parse and compress, and send nothing; needs no Temporal
    #[arg(long, conflicts_with_all = ["watch", "detach", "host"])]
    pub(crate) dry_run: bool,
    /// Start the run and return at once
    #[arg(long)]
    pub(crate) detach: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TopOptions {
    /// Time between two looks at the server
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration::parse)]
    pub(crate) interval: Duration,
    /// Print it once, as plain tables; also without a terminal
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SetupOptions {
    /// Create the namespace if the server does not have it
    #[arg(long)]
    pub(crate) create_namespace: bool,
    /// How long a namespace that is created keeps finished runs [default: 7d]
    #[arg(long, value_name = "DURATION", requires = "create_namespace", value_parser = duration::parse)]
    pub(crate) retention: Option<Duration>,
    /// Also create the schedules that are missing: `workspace-gc`, which removes old workspaces each day at 03:00 UTC. One
    /// that is there is left as it is
    #[arg(long)]
    pub(crate) schedules: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        super::Arguments::command().debug_assert();
    }
}
