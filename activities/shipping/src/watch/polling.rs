//! Looking for changes oneself, where the system cannot report them. Size and time of the last change are compared to the
//! nanosecond: a second change within one second counts.

use std::{
    collections::HashMap,
    fs::{DirEntry, read_dir},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// How deep folders are looked into; no agent makes so many.
const DEEPEST: usize = 32;

/// What files were like at the last look.
#[derive(Debug, Default)]
pub(super) struct Seen {
    files: HashMap<PathBuf, (u64, Option<SystemTime>)>,
}

impl Seen {
    /// The files under these folders that are new or other than at the last look.
    pub(super) fn look(&mut self, roots: &[PathBuf], is_session: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let mut now = HashMap::with_capacity(self.files.len());
        for root in roots {
            walk(root, &mut |entry| {
                let path = entry.path();
                if is_session(&path)
                    && let Ok(metadata) = entry.metadata()
                {
                    now.insert(path, (metadata.len(), metadata.modified().ok()));
                }
                true
            });
        }
        let changed = now.iter().filter(|(path, like)| self.files.get(*path) != Some(like));
        let changed = changed.map(|(path, _)| path.clone()).collect();
        self.files = now;
        changed
    }
}

/// Every file under a folder, until `visit` says no. Links are not followed, and what cannot be read is left to the scan, which
/// tells of it.
pub(super) fn walk(root: &Path, visit: &mut impl FnMut(&DirEntry) -> bool) {
    let mut folders = vec![(root.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < DEEPEST => folders.push((entry.path(), depth + 1)),
                Ok(kind) if kind.is_file() && !visit(&entry) => return,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_grew_what_was_replaced_and_what_is_new_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("projects");
        let (old, grown, new) = (root.join("p/old.jsonl"), root.join("p/grown.jsonl"), root.join("q/new.jsonl"));
        let mut seen = Seen::default();
        let mut look = || {
            let mut found =
                seen.look(std::slice::from_ref(&root), |path| path.extension().is_some_and(|e| e == "jsonl"));
            found.sort_unstable();
            found
        };
        assert!(look().is_empty(), "the folder is not there yet");
        fs::create_dir_all(root.join("p")).unwrap();
        fs::create_dir_all(root.join("q")).unwrap();
        fs::write(&old, "1").unwrap();
        fs::write(&grown, "1").unwrap();
        fs::write(root.join("p/notes.txt"), "1").unwrap();
        assert_eq!(look(), [grown.clone(), old.clone()]);
        assert!(look().is_empty());
        let moment = fs::metadata(&grown).unwrap().modified().unwrap();
        fs::write(&grown, "12").unwrap();
        fs::File::options().append(true).open(&grown).unwrap().set_modified(moment).unwrap();
        fs::write(&new, "1").unwrap();
        assert_eq!(look(), [grown, new]);
        let later = moment + std::time::Duration::from_millis(1);
        fs::File::options().append(true).open(&old).unwrap().set_modified(later).unwrap();
        assert_eq!(look(), std::slice::from_ref(&old), "of the same size");
        fs::remove_file(&old).unwrap();
        assert!(look().is_empty());
    }
}
