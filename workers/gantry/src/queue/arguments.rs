//! What can be typed after `gantry queue`.

use std::time::Duration;

use clap::{Args, Subcommand};

use crate::{duration, queue::limit::LimitChange};

#[derive(Debug, Subcommand)]
pub(crate) enum QueueCommand {
    /// List Gantry's queues and their host queues: what waits, what runs, who polls, what is paused or limited
    List {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Tell all about one queue, of any name
    Describe {
        /// The queue
        queue: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Hold back what waits in a queue and in its host queues; what runs goes on
    Pause {
        #[command(flatten)]
        which: Which,
        /// Why; kept by the server and shown to whoever looks
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Let a paused queue and its host queues go on, with the limits they had
    Resume {
        #[command(flatten)]
        which: Which,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Pause, then wait until nothing of the queue runs; it stays paused
    Drain {
        #[command(flatten)]
        which: Which,
        /// Why; kept by the server and shown to whoever looks
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Longest wait, for example 90s, 10m, 2h [default: as long as it takes]
        #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
        timeout: Option<Duration>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Limit how many tasks a second the server hands out of one queue; without a value, show it
    RateLimit {
        /// The queue; its host queues have limits of their own
        queue: String,
        /// Tasks a second, or `off`
        #[arg(value_name = "N|off", allow_negative_numbers = true)]
        limit: Option<LimitChange>,
        /// Limit for each fairness key that has none of its own: tasks a second, or `off`
        #[arg(long, value_name = "N|off", allow_negative_numbers = true)]
        fairness_key_default: Option<LimitChange>,
        /// Why; kept by the server and shown to whoever looks
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// One queue, or all activity queues.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// The queue; its host queues go with it
    pub(crate) queue: Option<String>,
    /// Every activity queue of Gantry, with its host queues
    #[arg(long)]
    pub(crate) all: bool,
}
