//! How the process ends when it does not end well.

use std::io::Write;

/// Why it ended, with the exit code: 1 input, 3 store or network, 4 filesystem.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) error: anyhow::Error,
    pub(crate) code: u8,
}

impl Ending {
    pub(crate) fn of(code: u8) -> impl Fn(anyhow::Error) -> Self {
        move |error| Self { error, code }
    }

    /// In the log; where there is none yet, on stderr.
    pub(crate) fn tell(&self) {
        if tracing::dispatcher::has_been_set() {
            tracing::error!("{:#}", self.error);
        } else {
            // Nobody is there to be told that it cannot be told.
            let _ = writeln!(std::io::stderr(), "error: {:#}", self.error);
        }
    }
}
