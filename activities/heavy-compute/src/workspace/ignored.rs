//! What is left out of a workspace: folders that tools fill, and what the files `.gantryignore` say.

use std::path::Path;

use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};
use kit::Warnings;

use super::small_file;

/// The file that says what is left out of the graph, in the syntax of `.gitignore`.
pub(super) const GANTRYIGNORE: &str = ".gantryignore";
/// Largest file of patterns that is read.
const LARGEST: u64 = 256 * 1024;

/// Folders that hold what tools made, also when somebody committed them.
const IGNORED_FOLDERS: &[&str] = &[
    ".bundle",
    ".cache",
    ".eggs",
    ".gantry",
    ".git",
    ".gradle",
    ".hg",
    ".idea",
    ".mvn",
    ".mypy_cache",
    ".next",
    ".nuget",
    ".pnp",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".turbo",
    ".venv",
    ".vscode",
    ".yarn",
    "__pycache__",
    "bin",
    "build",
    "coverage",
    "dist",
    "env",
    "node_modules",
    "obj",
    "out",
    "target",
    "vendor",
    "venv",
];

/// Why a path is left out, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// It is in a folder that tools fill.
    Folder,
    /// A pattern says so.
    Pattern,
    /// It is behind a symbolic link.
    Link,
}

impl Reason {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "ignoredFolder",
            Self::Pattern => "gantryignore",
            Self::Link => "symlink",
        }
    }
}

/// The files of patterns of one name in a tree, read as its paths are asked for. Asking in the order of the paths' bytes
/// reads each once.
///
/// As in git: of the patterns that match, the last one of the nearest file decides, and in a folder that is left out
/// nothing is taken, whatever a pattern says. Where none matches, the list of folders decides, if it is wanted.
pub(super) struct Rules<'a> {
    root: &'a Path,
    file_name: &'static str,
    with_list: bool,
    /// From the root down to the folder that was asked for last.
    levels: Vec<Level>,
    pub(super) warnings: Warnings,
}

struct Level {
    /// Relative to the root, with `/` at its end; empty for the root.
    folder: String,
    out: Option<Reason>,
    patterns: Option<Gitignore>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(root: &'a Path, file_name: &'static str, with_list: bool) -> Self {
        let mut rules = Self { root, file_name, with_list, levels: Vec::new(), warnings: Warnings::default() };
        let patterns = rules.read("");
        rules.levels.push(Level { folder: String::new(), out: None, patterns });
        rules
    }

    /// Why a path, relative and with `/`, is left out, if it is.
    pub(super) fn out(&mut self, path: &str, is_folder: bool) -> Option<Reason> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.enter(folder);
        match self.levels.last().and_then(|level| level.out) {
            Some(reason) => Some(reason),
            None => self.matched(path, name, is_folder),
        }
    }

    fn enter(&mut self, folder: &str) {
        let is_above = |level: &Level| {
            level.folder.strip_suffix('/').is_none_or(|above| {
                folder.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        while self.levels.last().is_some_and(|level| !is_above(level)) {
            self.levels.pop();
        }
        let entered = self.levels.last().map_or(0, |level| level.folder.len());
        let mut end = entered;
        for name in folder.get(entered..).unwrap_or_default().split('/').filter(|name| !name.is_empty()) {
            end += name.len();
            let path = folder.get(..end).unwrap_or(folder).to_owned();
            end += 1;
            let above = self.levels.last().and_then(|level| level.out);
            let out = above.or_else(|| self.matched(&path, name, true)).or_else(|| {
                let is_link = std::fs::symlink_metadata(self.root.join(&path)).is_ok_and(|meta| meta.is_symlink());
                is_link.then_some(Reason::Link)
            });
            let folder = path + "/";
            let patterns = if out.is_some() { None } else { self.read(&folder) };
            self.levels.push(Level { folder, out, patterns });
        }
    }

    fn matched(&self, path: &str, name: &str, is_folder: bool) -> Option<Reason> {
        for level in self.levels.iter().rev() {
            let Some(patterns) = &level.patterns else { continue };
            match patterns.matched(path.get(level.folder.len()..).unwrap_or(path), is_folder) {
                Match::Ignore(_) => return Some(Reason::Pattern),
                Match::Whitelist(_) if name != ".git" => return None,
                Match::Whitelist(_) | Match::None => {}
            }
        }
        let above = path.len().checked_sub(name.len() + 1).and_then(|end| path.get(..end)).unwrap_or_default();
        (self.with_list && is_folder && is_ignored_folder(above, name)).then_some(Reason::Folder)
    }

    fn read(&mut self, folder: &str) -> Option<Gitignore> {
        let path = format!("{folder}{}", self.file_name);
        let text = match small_file::read(&self.root.join(&path), LARGEST) {
            Ok(Some(text)) => text,
            Ok(None) => return None,
            Err(error) => {
                self.warnings.add("ignoreFile", || format!("{path} is not obeyed: {error}"));
                return None;
            }
        };
        let text = String::from_utf8_lossy(&text);
        let mut builder = GitignoreBuilder::new("");
        for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if let Err(error) = builder.add_line(None, line) {
                self.warnings.add("ignoreFile", || format!("{path}:{}: {error}", n + 1));
            }
        }
        match builder.build() {
            Ok(patterns) => (!patterns.is_empty()).then_some(patterns),
            Err(error) => {
                self.warnings.add("ignoreFile", || format!("{path} is not obeyed: {error}"));
                None
            }
        }
    }
}

/// Whether tools fill a folder of this name. `src/bin` is not: Cargo keeps programs there.
fn is_ignored_folder(above: &str, name: &str) -> bool {
    let program_sources = name == "bin" && (above == "src" || above.ends_with("/src"));
    !program_sources && (IGNORED_FOLDERS.binary_search(&name).is_ok() || name.ends_with(".egg-info"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_ignored_folders_can_be_searched() {
        assert!(IGNORED_FOLDERS.is_sorted());
    }

    #[test]
    fn folders_that_tools_fill_are_left_out_at_any_depth() {
        let empty = tempfile::tempdir().unwrap();
        let mut rules = Rules::new(empty.path(), GANTRYIGNORE, true);
        for path in ["node_modules/x", "a/node_modules/b/x", "bin/x", "a/bin/x", "src/bin/target/x", "a.egg-info/x"] {
            assert_eq!(rules.out(path, false), Some(Reason::Folder), "{path}");
        }
        for path in ["x", "src/x", "src/bin/x", "a/src/bin/x", "my_target/x", "distance/x", "bin", "a/target"] {
            assert_eq!(rules.out(path, false), None, "{path}");
        }
    }

    #[test]
    fn a_folder_is_entered_once_whatever_its_neighbours_are_called() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("a/b")).unwrap();
        std::fs::write(root.path().join("a/.gantryignore"), "x\n").unwrap();
        let mut rules = Rules::new(root.path(), GANTRYIGNORE, true);
        for (path, out) in
            [("a-/x", false), ("a/b/x", true), ("a/x", true), ("ab/x", false), ("x", false), ("a/x", true)]
        {
            assert_eq!(rules.out(path, false).is_some(), out, "{path}");
        }
    }
}
