//! The command line. A flag wins over its variable, and `GANTRY_INGEST_*` over the older `AGENTMONITOR_*`.

use std::{net::IpAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// Takes events over HTTP, keeps them and streams them.
///
/// Without a command it also runs the activities of the task queue ingest, configured by the environment: TEMPORAL_* and
/// temporal.toml for the connection, GANTRY_* for the rest (see the README). HTTP is served whether Temporal is there or not.
/// SIGTERM drains it, a second one ends it at once.
///
/// Exit codes: 0 done, 1 a setting makes no sense, 3 the store or the network, 4 the file system.
#[derive(Debug, Parser)]
#[command(name = "gantry-ingest", version, propagate_version = true, about, max_term_width = 100)]
#[command(args_conflicts_with_subcommands = true)]
#[cfg_attr(not(feature = "worker"), command(arg_required_else_help = true))]
pub(crate) struct Arguments {
    /// Asks the worker that runs on this host whether it is ready, then ends: 0 when it is, 1 and the reason when it is not
    #[cfg(feature = "worker")]
    #[arg(long)]
    pub(crate) check_health: bool,
    #[cfg(feature = "worker")]
    #[command(flatten)]
    pub(crate) serve: Serve,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve HTTP, without Temporal.
    Serve(Serve),
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on; one that other machines reach needs tokens [env: GANTRY_INGEST_HOST] [default: 127.0.0.1]
    #[arg(long)]
    pub(crate) host: Option<IpAddr>,
    /// Port; 0 lets the system choose [env: GANTRY_INGEST_PORT] [default: 3142]
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Database file [env: GANTRY_INGEST_DB_PATH] [default: ingest.db in the state folder, GANTRY_HOME or .gantry]
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// Database file of shipped sessions [env: GANTRY_INGEST_SESSIONS_DB] [default: sessions.db beside the events]
    #[arg(long, value_name = "FILE")]
    pub(crate) sessions_db: Option<PathBuf>,
    /// Writes the address that was taken, as http://HOST:PORT, on stdout.
    #[arg(long)]
    pub(crate) print_address: bool,
}
