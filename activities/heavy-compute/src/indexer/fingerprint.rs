//! What an index depends on, as one number.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use sha2::{Digest, Sha256};

use super::plan::{Planned, split};

/// Changes when something else goes into a fingerprint, or it goes in differently.
const FORMAT: &str = "1";

/// What an index was made by and from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Version of the indexer, as it tells it.
    pub version: String,
    /// SHA-256 over everything that the index depends on, 64 hexadecimal digits.
    pub digest: String,
}

/// The fingerprint of an index that was not made yet. `files` are the paths of the workspace, in any order, each with the
/// SHA-256 of its content; of those count the sources in the languages of the indexer and the files that configure it,
/// wherever they are: packages of one workspace use each other. Of folders with installed dependencies counts when
/// something was last put into them.
pub fn fingerprint<'a>(
    workspace: &Path,
    planned: &Planned,
    version: &str,
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Fingerprint {
    let indexer = planned.indexer;
    let folder = planned.folder();
    let above = above(folder);
    let mut counted: Vec<(&str, &str)> = files
        .into_iter()
        .filter(|(path, _)| {
            let source = crate::language::of_path(path).is_some_and(|language| indexer.languages.contains(&language));
            source || indexer.manifest(split(path).1)
        })
        .collect();
    counted.sort_unstable();
    let mut hash = Sha256::new();
    // Each part with its length: no two lists look alike.
    let mut add = |part: &str| {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    };
    for part in [FORMAT, indexer.name, version, folder, &planned.marker] {
        add(part);
    }
    add(&format!("{:?}", (indexer.arguments, indexer.environment, indexer.files)));
    for (path, digest) in counted {
        add(path);
        add(digest);
    }
    for parent in above.into_iter().chain([folder]) {
        for name in indexer.dependencies {
            let folder = workspace.join(parent).join(name);
            if let Ok(meta) = fs::metadata(&folder) {
                add(&format!("{parent}/{name} {} {}", meta.mtime(), meta.mtime_nsec()));
            }
        }
    }
    Fingerprint { version: version.to_owned(), digest: hex::encode(hash.finalize()) }
}

/// The folders that a folder is in, up to the workspace.
fn above(folder: &str) -> Vec<&str> {
    let mut folders = Vec::new();
    let mut at = folder;
    while !at.is_empty() {
        at = split(at).0;
        folders.push(at);
    }
    folders
}
