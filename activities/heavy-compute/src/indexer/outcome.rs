//! What came of an indexer.

use std::{path::PathBuf, time::Duration};

use contracts::errors::ErrorType;
use kit::Failure;

use super::plan::Planned;

/// So much of what an indexer said goes into a message; all of it is in the [`Shortfall`].
const IN_MESSAGE: usize = 600;

/// An index that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Name of the indexer that made it.
    pub indexer: &'static str,
    /// Version of the indexer, as it tells it.
    pub version: String,
    /// The package's folder, relative to the workspace; `.` for the workspace itself. The paths in the index are relative
    /// to it.
    pub root: String,
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// How long the indexer worked on it, in milliseconds; 0 if the index was there.
    pub ms: u64,
}

/// What came of an indexer on a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// It made an index.
    Made(Index),
    /// Nothing changed since it made one.
    Reused(Index),
    /// There is no index.
    Failed(Shortfall),
}

/// Why there is no index. `said` is the last 8 KiB of what the indexer printed, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortfall {
    /// The command is gone, or cannot tell its version. Another attempt ends the same way: the files fall to the syntax
    /// tree.
    NotInstalled,
    /// The indexer ended with an error, or crashed. So it does every time; the files fall to the syntax tree.
    Refused {
        /// Its exit code or signal.
        exit: String,
        /// What it printed.
        said: String,
    },
    /// The indexer ended well and left no index, or an empty one: as [`Self::Refused`].
    Empty {
        /// What it printed.
        said: String,
    },
    /// It was killed because it took too long. Another attempt on a quieter machine may do better.
    TimedOut {
        /// The limit.
        limit: Duration,
        /// What it printed.
        said: String,
    },
    /// It was killed because it took too much memory. Another attempt does better only with a higher limit.
    TooMuchMemory {
        /// What all its processes held, in bytes.
        resident: u64,
        /// The limit, in bytes.
        limit: u64,
        /// What it printed.
        said: String,
    },
    /// Somebody else killed it, for example the kernel because memory ran out. Another attempt may do better.
    Killed {
        /// The signal's number.
        signal: i32,
        /// What it printed.
        said: String,
    },
}

impl Shortfall {
    /// Whether another attempt can end better. What cannot is best told as a warning.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::TimedOut { .. } | Self::TooMuchMemory { .. } | Self::Killed { .. })
    }

    /// Code and message of the warning that this is.
    pub fn warning(&self, planned: &Planned) -> (&'static str, String) {
        let code = if *self == Self::NotInstalled { "indexerMissing" } else { "indexerFailed" };
        (code, format!("{} in {}: {}", planned.indexer.name, planned.root, self.what()))
    }

    /// The failure that this is: `IndexerFailed`, which is tried again, or `Unsupported` if it is not installed.
    pub fn into_failure(self, planned: &Planned) -> Failure {
        let (error_type, hint) = match &self {
            Self::NotInstalled => (ErrorType::Unsupported, "install it where the worker runs; see `make indexers`"),
            Self::Refused { .. } | Self::Empty { .. } => {
                (ErrorType::IndexerFailed, "run the indexer by hand in that folder to see more")
            }
            Self::TimedOut { .. } => {
                (ErrorType::IndexerFailed, "raise GANTRY_INDEXER_TIMEOUT, or make the package smaller")
            }
            Self::TooMuchMemory { .. } => {
                (ErrorType::IndexerFailed, "raise GANTRY_INDEXER_MEMORY_MB, or make the package smaller")
            }
            Self::Killed { .. } => (ErrorType::IndexerFailed, "see whether the machine ran out of memory"),
        };
        Failure::new(error_type, format!("{}: {}", planned.indexer.name, self.what()), planned.root.clone(), hint)
    }

    fn what(&self) -> String {
        match self {
            Self::NotInstalled => "it is not installed, or does not tell its version".to_owned(),
            Self::Refused { exit, said } => format!("it ended with {exit}{}", shortened(said)),
            Self::Empty { said } => format!("it made no index{}", shortened(said)),
            Self::TimedOut { limit, said } => {
                format!("it was killed after {} s{}", limit.as_secs(), shortened(said))
            }
            Self::TooMuchMemory { resident, limit, said } => {
                let (resident, limit) = (resident / 1_000_000, limit / 1_000_000);
                format!("it was killed at {resident} MB of memory, more than {limit}{}", shortened(said))
            }
            Self::Killed { signal, said } => format!("somebody killed it with signal {signal}{}", shortened(said)),
        }
    }
}

/// The end of what was said, on one line.
fn shortened(said: &str) -> String {
    if said.is_empty() {
        return String::new();
    }
    let from = said.len().saturating_sub(IN_MESSAGE);
    let from = (from..said.len()).find(|at| said.is_char_boundary(*at)).unwrap_or(0);
    let last: Vec<&str> =
        said.get(from..).unwrap_or_default().lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    format!(", saying: {}", last.join(" / "))
}
