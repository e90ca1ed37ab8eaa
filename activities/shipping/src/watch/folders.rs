//! Which folders are watched, and how deep: the roots of the providers, or, of a root that is not there, the nearest folder
//! above it in which it can appear.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// How much of a folder is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// Its own entries, to see a folder appear.
    Entries,
    /// Everything below it.
    Tree,
}

/// What is to be watched as long as exactly those folders are there that `is_folder` confirms.
pub(super) fn wanted(roots: &[PathBuf], is_folder: impl Fn(&Path) -> bool) -> BTreeMap<PathBuf, Depth> {
    let mut folders = BTreeMap::new();
    for root in roots {
        let mut above = root.ancestors();
        let Some(there) = above.find(|folder| !folder.as_os_str().is_empty() && is_folder(folder)) else { continue };
        let depth = if there == root { Depth::Tree } else { Depth::Entries };
        let known = folders.entry(there.to_path_buf()).or_insert(depth);
        *known = depth.max(*known);
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted_with(there: &[&str]) -> Vec<(PathBuf, Depth)> {
        let roots = ["/h/.claude/projects", "/h/.gemini/tmp", "/h/.gemini/sessions"].map(PathBuf::from);
        wanted(&roots, |folder| there.iter().any(|path| folder == Path::new(path))).into_iter().collect()
    }

    #[test]
    fn a_root_that_is_not_there_is_awaited_in_the_nearest_folder_above() {
        assert_eq!(wanted_with(&["/"]), [("/".into(), Depth::Entries)]);
        assert_eq!(wanted_with(&["/", "/h"]), [("/h".into(), Depth::Entries)]);
        assert_eq!(
            wanted_with(&["/", "/h", "/h/.claude", "/h/.claude/projects", "/h/.gemini", "/h/.gemini/tmp"]),
            [
                ("/h/.claude/projects".into(), Depth::Tree),
                ("/h/.gemini".into(), Depth::Entries),
                ("/h/.gemini/tmp".into(), Depth::Tree)
            ]
        );
    }

    #[test]
    fn a_folder_that_is_a_root_and_above_another_is_watched_as_a_tree() {
        let roots = ["/h/tmp/deep", "/h/tmp"].map(PathBuf::from);
        let folders = wanted(&roots, |folder| folder == Path::new("/h/tmp"));
        assert_eq!(folders.into_iter().collect::<Vec<_>>(), [("/h/tmp".into(), Depth::Tree)]);
    }
}
