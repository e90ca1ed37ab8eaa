//! What is in the folder of a workspace, and what the folder is called.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The lock file.
pub(super) const LOCK: &str = "lock";
/// The bare repository that everything is fetched into.
pub(super) const CACHE: &str = "cache.git";
/// The files of the state that was asked for last.
pub(super) const CHECKOUT: &str = "checkout";
/// What the last fetch brought.
const RECORD: &str = "fetched.json";
/// How the names of folders begin that are being made or removed.
pub(crate) const PARTIAL: &str = "partial-";
/// Digits at the end of a workspace's name.
const DIGITS: usize = 12;

/// What the last fetch brought. Without it a checkout counts as unfinished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fetched {
    pub(super) url: String,
    pub(super) reference: String,
    pub(super) commit: Option<String>,
    pub(super) branch: Option<String>,
    at_ms: u64,
}

impl Fetched {
    pub(super) fn now(url: &str, reference: String, commit: Option<String>, branch: Option<String>) -> Self {
        Self { url: url.to_owned(), reference, commit, branch, at_ms: now_ms() }
    }

    pub(super) fn read(home: &Path) -> Option<Self> {
        fs::read(home.join(RECORD)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok())
    }

    pub(super) fn write(&self, home: &Path) -> io::Result<()> {
        let mut file = File::create(home.join(RECORD))?;
        file.write_all(&serde_json::to_vec(self)?)
    }

    /// From then on the checkout is in between; only a new record makes it whole again.
    pub(super) fn remove(home: &Path) -> io::Result<()> {
        match fs::remove_file(home.join(RECORD)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// A clock that was set back makes it stale, never young for ever.
    pub(super) fn is_younger_than(&self, age: Duration) -> bool {
        now_ms().checked_sub(self.at_ms).is_some_and(|ms| Duration::from_millis(ms) < age)
    }
}

/// Where the workspace of a repository is, by organisation and repository, in a folder of workspaces.
pub fn home(workspaces: &Path, id: (&str, &str)) -> PathBuf {
    workspaces.join(folder_name(id))
}

/// A name that says whose it is, and cannot lead out of the folder whatever the ids are.
fn folder_name((org_id, repo_id): (&str, &str)) -> String {
    let readable: String = format!("{org_id}_{repo_id}")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
        .take(60)
        .collect();
    let digest = hex::encode(Sha256::digest(format!("{org_id}\0{repo_id}")));
    format!("{readable}-{}", digest.get(..DIGITS).unwrap_or(&digest))
}

/// Whether something in the folder of a workspace was put there by us.
pub(super) fn is_part(name: &str) -> bool {
    [LOCK, CACHE, CHECKOUT, RECORD].contains(&name) || name.starts_with(PARTIAL)
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_workspace_stays_in_its_folder() {
        for id in [("o", "r"), ("", "../../etc"), ("a/b", "c d"), ("\u{e9}", "\0"), ("x", &"y".repeat(500))] {
            let name = folder_name(id);
            assert!(!name.contains(['/', '.']) && name.len() < 100, "{name}");
        }
        assert_ne!(folder_name(("a_b", "c")), folder_name(("a", "b_c")));
    }
}
