//! The command line. A flag wins over its variable, and `GANTRY_INGEST_*` over the older `AGENTMONITOR_*`.

use std::{net::IpAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// Takes events over HTTP, keeps them and streams them.
#[derive(Debug, Parser)]
#[command(name = "gantry-ingest", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
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
    /// Writes the address that was taken, as http://HOST:PORT, on stdout.
    #[arg(long)]
    pub(crate) print_address: bool,
}
