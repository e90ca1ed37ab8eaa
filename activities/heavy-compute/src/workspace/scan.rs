//! Which files a workspace has.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt,
    path::Path,
};

use kit::{Failure, Job, Warnings, WorkResult};

use super::git::Git;
use crate::language;

/// Folders that hold what tools made, also when somebody committed them.
const IGNORED_FOLDERS: &[&str] = &[
    ".bundle",
    ".cache",
    ".eggs",
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

/// The files of a workspace.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// Paths relative to the workspace, with `/`, ordered by their bytes.
    pub files: Vec<String>,
    /// The commit that is checked out.
    pub commit: Option<String>,
    /// The branch that is checked out.
    pub branch: Option<String>,
    /// Files that are not in `files`, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// What was met on the way.
    pub warnings: Warnings,
}

impl Scan {
    /// Languages by number of files, most first, then by name.
    pub fn languages(&self) -> Vec<(&'static str, u64)> {
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        for language in self.files.iter().filter_map(|path| language::of_path(path)) {
            *counts.entry(language).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(name, files)| (std::cmp::Reverse(*files), *name));
        counts
    }

    fn skip(&mut self, reason: &str) {
        *self.skipped.entry(reason.to_owned()).or_default() += 1;
    }

    /// Takes a path, or says why not.
    fn take(&mut self, root: &Path, path: &OsStr) {
        let Some(text) = path.to_str() else {
            self.skip("nonUtf8Path");
            self.warnings.add("nonUtf8Path", || {
                format!("the graph can only hold UTF-8 paths; left out {:?}", path.to_string_lossy())
            });
            return;
        };
        if text.rsplit_once('/').is_some_and(|(folders, _)| in_ignored_folder(folders)) {
            return self.skip("ignoredFolder");
        }
        match fs::symlink_metadata(root.join(path)) {
            Ok(meta) if meta.is_file() => self.files.push(text.to_owned()),
            Ok(meta) if meta.is_symlink() => {
                self.skip("symlink");
                self.warnings.add("symlink", || format!("symbolic links are not followed; left out {text}"));
            }
            Ok(meta) if meta.is_dir() => {
                self.skip("submodule");
                self.warnings.add("submodule", || format!("submodules are not indexed; left out {text}"));
            }
            Ok(_) => self.skip("specialFile"),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.skip("deleted"),
            Err(error) => {
                self.skip("unreadable");
                self.warnings.add("unreadable", || format!("{text}: {error}"));
            }
        }
    }
}

/// Lists the files of a workspace: what git tracks and what it does not ignore, or, where there is no git, all that no
/// `.gitignore` excludes.
///
/// # Errors
/// When the folder cannot be read, or the work is interrupted.
pub fn scan<C: Send + Sync>(job: &Job<C>, root: &Path) -> WorkResult<Scan> {
    let place = root.display().to_string();
    let git = |what: &'static str| Git::new(root, what, place.clone());
    let mut scan = Scan::default();
    if git("asking for a work tree").args(["rev-parse", "--is-bare-repository"]).answer(job)?.as_deref() == Some("true")
    {
        return Err(Failure::new(
            contracts::errors::ErrorType::InvalidInput,
            "this is a bare repository: it has no files to index",
            place,
            "give it as a URL, file:///FOLDER, and it is checked out",
        )
        .into());
    }
    let work_tree = git("asking for a work tree").args(["rev-parse", "--is-inside-work-tree"]).answer(job)?;
    // A folder that a repository around it ignores is no part of that repository.
    let ignored = git("asking what is ignored").args(["check-ignore", "--quiet", "."]).succeeds(job)?;
    if work_tree.as_deref() == Some("true") && !ignored {
        scan.commit = git("asking for the commit").args(["rev-parse", "--verify", "HEAD"]).answer(job)?;
        scan.branch = git("asking for the branch").args(["symbolic-ref", "--short", "HEAD"]).answer(job)?;
        let listing =
            git("listing the files").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).run(job)?;
        // A file in a merge conflict is listed once for each side.
        let paths: BTreeSet<&[u8]> = listing.split(|b| *b == 0).filter(|p| !p.is_empty()).collect();
        for (n, path) in paths.iter().enumerate() {
            if n % 1024 == 0 {
                job.proceed()?;
            }
            scan.take(root, OsStr::from_bytes(path));
        }
    } else {
        walk(job, root, &mut scan)?;
        scan.warnings
            .add("noRepository", || format!("{} is no git repository: indexed without a commit", root.display()));
    }
    scan.files.sort_unstable();
    Ok(scan)
}

fn walk<C: Send + Sync>(job: &Job<C>, root: &Path, scan: &mut Scan) -> WorkResult<()> {
    let walk = ignore::WalkBuilder::new(root)
        .standard_filters(false)
        .git_ignore(true)
        .require_git(false)
        .follow_links(false)
        .filter_entry({
            let root = root.to_owned();
            move |entry| {
                let folder = entry.file_type().is_some_and(|t| t.is_dir());
                let path = entry.path().strip_prefix(&root).ok().and_then(Path::to_str).unwrap_or_default();
                !(folder && in_ignored_folder(path))
            }
        })
        .build();
    for entry in walk {
        job.proceed()?;
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|t| t.is_dir()) => {}
            Ok(entry) => {
                let path = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_owned();
                scan.take(root, path.as_os_str());
            }
            Err(error) => {
                scan.skip("unreadable");
                scan.warnings.add("unreadable", || error.to_string());
            }
        }
    }
    Ok(())
}

/// Whether a path of folders leads through one that is ignored. `src/bin` is not: Cargo keeps programs there.
fn in_ignored_folder(folders: &str) -> bool {
    let mut parent = "";
    folders.split('/').any(|folder| {
        let program_sources = folder == "bin" && parent == "src";
        parent = folder;
        !program_sources && IGNORED_FOLDERS.binary_search(&folder).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::{IGNORED_FOLDERS, in_ignored_folder};

    #[test]
    fn the_list_of_ignored_folders_can_be_searched() {
        assert!(IGNORED_FOLDERS.is_sorted());
    }

    #[test]
    fn folders_that_tools_fill_are_left_out_at_any_depth() {
        for path in ["node_modules", "a/node_modules/b", "bin", "a/bin", "src/bin/target"] {
            assert!(in_ignored_folder(path), "{path}");
        }
        for path in ["", "src", "src/bin", "a/src/bin", "my_target", "distance"] {
            assert!(!in_ignored_folder(path), "{path}");
        }
    }
}
