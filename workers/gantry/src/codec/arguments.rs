//! What can be typed after `gantry codec`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum CodecCommand {}
