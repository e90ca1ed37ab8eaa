//! Which files a workspace has.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    ffi::{OsStr, OsString},
    fs,
    os::unix::ffi::OsStrExt,
    path::Path,
};

use kit::{Failure, Job, Warnings, WorkResult};

use super::{
    git::Git,
    ignored::{GANTRYIGNORE, Reason, Rules},
    lfs,
};
use crate::language;

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

    fn warn_of_link(&mut self, path: &str) {
        self.warnings.add("symlink", || format!("symbolic links are not followed; left out {path}"));
    }

    /// Takes a path, or says why not.
    fn take(&mut self, root: &Path, rules: &mut Rules<'_>, path: &OsStr) {
        let Some(text) = path.to_str() else {
            self.skip("nonUtf8Path");
            self.warnings.add("nonUtf8Path", || {
                format!("the graph can only hold UTF-8 paths; left out {:?}", path.to_string_lossy())
            });
            return;
        };
        if let Some(reason) = rules.out(text, false) {
            self.skip(reason.as_str());
            if reason == Reason::Link {
                self.warn_of_link(text);
            }
            return;
        }
        match fs::symlink_metadata(root.join(path)) {
            Ok(meta) if meta.is_file() => self.files.push(text.to_owned()),
            Ok(meta) if meta.is_symlink() => {
                self.skip("symlink");
                self.warn_of_link(text);
            }
            Ok(meta) if meta.is_dir() => {
                self.skip("submodule");
                self.warnings.add("submodule", || format!("submodules are not indexed; left out {text}"));
            }
            Ok(_) => {
                self.skip("specialFile");
                self.warnings
                    .add("specialFile", || format!("pipes, sockets and devices are not read; left out {text}"));
            }
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
    let mut rules = Rules::new(root, GANTRYIGNORE, true);
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
            scan.take(root, &mut rules, OsStr::from_bytes(path));
        }
    } else {
        walk(job, root, &mut scan, &mut rules)?;
        scan.warnings
            .add("noRepository", || format!("{} is no git repository: indexed without a commit", root.display()));
    }
    scan.files.sort_unstable();
    scan.warnings.merge(rules.warnings);
    warn_of_collisions(&mut scan);
    lfs::warn_of_pointers(job, root, &scan.files, &mut scan.warnings)?;
    Ok(scan)
}

/// Goes through a folder without git as git would with these files `.gitignore`, but also into repositories in it.
fn walk<C: Send + Sync>(job: &Job<C>, root: &Path, scan: &mut Scan, rules: &mut Rules<'_>) -> WorkResult<()> {
    let mut git_rules = Rules::new(root, ".gitignore", false);
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        job.proceed()?;
        let entries = match fs::read_dir(root.join(&folder)) {
            Ok(entries) => entries,
            Err(error) if folder.is_empty() => return Err(Failure::io("listing the files", root, &error).into()),
            Err(error) => {
                scan.skip("unreadable");
                scan.warnings.add("unreadable", || format!("{folder}: {error}"));
                continue;
            }
        };
        for entry in entries.flatten() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let mut path = OsString::from(&folder);
            path.push(entry.file_name());
            let Some(text) = path.to_str() else {
                scan.take(root, rules, &path);
                continue;
            };
            if entry.file_name() == ".git" || git_rules.out(text, is_folder).is_some() {
                continue;
            }
            if !is_folder {
                scan.take(root, rules, &path);
            } else if rules.out(text, true).is_none() {
                folders.push(format!("{text}/"));
            }
        }
    }
    scan.warnings.merge(git_rules.warnings);
    Ok(())
}

/// Paths that are one on a system that does not tell capitals from small letters.
fn warn_of_collisions(scan: &mut Scan) {
    let mut lower: HashMap<String, &str> = HashMap::with_capacity(scan.files.len());
    for path in &scan.files {
        match lower.entry(path.to_lowercase()) {
            Entry::Vacant(entry) => {
                entry.insert(path);
            }
            Entry::Occupied(entry) => {
                let first = *entry.get();
                scan.warnings.add("caseCollision", || {
                    format!("{first} and {path} differ in capitals alone; on some systems only one can be checked out")
                });
            }
        }
    }
}
