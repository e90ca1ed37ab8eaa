//! Units of the service managers: `connect` at each login, slowly, with few rights, started again when it fails.

mod install;
mod launchd;
mod systemd;

use std::path::PathBuf;

pub use install::{Installed, Places, install, uninstall};

/// What the service is called, in both managers.
pub const NAME: &str = "gantry-shipping";
/// What launchd calls it.
pub const LABEL: &str = "dev.gantry.shipping";

/// Who starts services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// The user's instance of systemd.
    Systemd,
    /// The user's agents of macOS.
    Launchd,
}

impl Manager {
    /// The one of the system that this is built for.
    pub fn of_platform() -> Self {
        if cfg!(target_os = "macos") { Self::Launchd } else { Self::Systemd }
    }
}

/// What a unit must know. It holds no secret: who may read a unit is not under our control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The program, as an absolute path.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Variables of the environment that say where things are.
    pub environment: Vec<(String, String)>,
    /// Folders that it writes to; the rest of the file system is closed to it where the manager can do so.
    pub writable: Vec<PathBuf>,
    /// Where launchd puts what is said before the log file is open.
    pub error_file: PathBuf,
}

impl Unit {
    /// The unit as its manager wants it written.
    ///
    /// # Errors
    /// When a value cannot be written in such a file: bytes that are no UTF-8, or characters that end a line.
    pub fn written_for(&self, manager: Manager) -> Result<String, ServiceError> {
        match manager {
            Manager::Systemd => systemd::unit(self),
            Manager::Launchd => launchd::agent(self),
        }
    }
}

/// Why a service could not be written or installed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// A path or an argument that no unit can hold.
    #[error(
        "no unit can hold this: a control character, bytes that are no UTF-8, or quotes in the name of a program: {0}"
    )]
    NotWritable(String),
    /// A file could not be written or removed.
    #[error("{path}: {reason}")]
    File {
        /// Which.
        path: String,
        /// Why.
        reason: String,
    },
}

/// A value that both formats can hold.
fn plain(text: &str) -> Result<&str, ServiceError> {
    if text.chars().any(char::is_control) {
        Err(ServiceError::NotWritable(text.escape_debug().to_string()))
    } else {
        Ok(text)
    }
}

fn plain_path(path: &std::path::Path) -> Result<&str, ServiceError> {
    plain(path.to_str().ok_or_else(|| ServiceError::NotWritable(path.display().to_string()))?)
}

#[cfg(test)]
mod tests;
