//! What can be typed after `gantry job`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {}
