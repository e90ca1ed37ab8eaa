//! `gantry-ingest serve`.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::{
    arguments::Serve,
    ending::Ending,
    service::{Hosted, state_folder},
};

/// Serves until it is told to end.
///
/// # Errors
/// See [`Hosted::start`].
pub(crate) fn run(arguments: Serve) -> Result<(), Ending> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour).init();
    Hosted::start(arguments, &state_folder())?.run()
}
