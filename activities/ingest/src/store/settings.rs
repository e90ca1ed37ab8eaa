//! How a store behaves.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{lifecycle::Timeouts, prices::Prices};

/// When an answer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// After COMMIT: nothing is lost when the process dies; a power cut may take the last commits, and never damages the file.
    #[default]
    Normal,
    /// After the disk has it.
    Full,
}

/// How a store behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// When an answer is given.
    pub durability: Durability,
    /// When sessions become idle.
    pub timeouts: Timeouts,
    /// What models cost.
    pub prices: Arc<Prices>,
    /// Where projects are checked out, by name; no git branch is looked up without it.
    pub projects_dir: Option<PathBuf>,
    /// Events that may wait, on both lanes together.
    pub queue_events: usize,
    /// Bytes that the events that wait may take.
    pub queue_bytes: usize,
    /// Rows of one transaction, at most.
    pub group_rows: usize,
    /// How long to wait for a lock that another program holds.
    pub lock_timeout: Duration,
    /// Connections that read.
    pub readers: usize,
    /// Bytes that the main file may grow to; no limit when absent.
    pub max_bytes: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            timeouts: Timeouts::default(),
            prices: Arc::new(Prices::default()),
            projects_dir: None,
            queue_events: 20_000,
            queue_bytes: 12 * 1024 * 1024,
            group_rows: 2_000,
            lock_timeout: Duration::from_secs(5),
            readers: 3,
            max_bytes: None,
        }
    }
}
