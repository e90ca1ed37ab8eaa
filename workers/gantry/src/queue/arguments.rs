//! What can be typed after `gantry queue`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum QueueCommand {}
