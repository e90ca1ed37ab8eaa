//! Which indexers are on this host, and which of them works on which package of a workspace.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use contracts::env::INDEXER_BUILDS;

use super::table::{INDEXERS, Indexer};

/// The indexers that are known, and the folders that their commands are looked for in.
#[derive(Debug)]
pub struct Indexers {
    table: &'static [Indexer],
    pub(super) folders: Vec<PathBuf>,
    versions: Mutex<BTreeMap<PathBuf, String>>,
}

/// An indexer that is to work on a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The indexer.
    pub indexer: &'static Indexer,
    /// Its command, an absolute path.
    pub command: PathBuf,
    /// The package's folder, relative to the workspace; `.` for the workspace itself.
    pub root: String,
    /// Name of the marker file in it.
    pub marker: String,
}

/// What works on a workspace, and what does not although its markers are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is to run, ordered by indexer and then by root.
    pub planned: Vec<Planned>,
    /// Indexers that are not installed, with the packages that they would work on.
    pub missing: Vec<(&'static Indexer, Vec<String>)>,
    /// Indexers that are installed but would run the project's own build, with the packages.
    pub held_back: Vec<(&'static Indexer, Vec<String>)>,
}

impl Indexers {
    /// Those that this host can run: what is fetched into the installation goes before what is on the PATH.
    pub fn of_host() -> Self {
        let fetched = installation_root().map(|root| root.join(".tools/indexers/node_modules/.bin"));
        let path = env::var_os("PATH").unwrap_or_default();
        Self::new(INDEXERS, fetched.into_iter().chain(env::split_paths(&path)))
    }

    /// Those of a table whose commands are in some folders. A folder that is not absolute does not count: it would be one
    /// of the sources.
    pub fn new(table: &'static [Indexer], folders: impl IntoIterator<Item = PathBuf>) -> Self {
        let folders = folders.into_iter().filter(|folder| folder.is_absolute()).collect();
        Self { table, folders, versions: Mutex::default() }
    }

    /// The command of an indexer, if it is installed.
    fn command(&self, indexer: &Indexer) -> Option<PathBuf> {
        self.folders.iter().map(|folder| folder.join(indexer.name)).find(|path| is_executable(path))
    }

    /// Names of those that are installed and whose marker file is anywhere in a workspace.
    pub fn installed(&self, files: &[String]) -> Vec<String> {
        let marked = |indexer: &Indexer| files.iter().any(|path| indexer.marker(split(path).1).is_some());
        let found = self.table.iter().filter(|indexer| marked(indexer) && self.command(indexer).is_some());
        found.map(|indexer| indexer.name.to_owned()).collect()
    }

    /// What works on a workspace: each indexer in each package that has one of its marker files directly in its folder.
    /// `builds` lets those run that run the project's own build.
    pub fn plan(&self, files: &[String], package_roots: &[String], builds: bool) -> Plan {
        let roots: BTreeSet<&str> = package_roots.iter().map(|root| folder(root)).collect();
        let mut found: BTreeMap<(usize, &str), (usize, &str)> = BTreeMap::new();
        for path in files {
            let (folder, name) = split(path);
            if !roots.contains(folder) {
                continue;
            }
            for (at, indexer) in self.table.iter().enumerate() {
                let Some(rank) = indexer.marker(name) else { continue };
                let best = found.entry((at, folder)).or_insert((rank, name));
                *best = (*best).min((rank, name));
            }
        }
        let mut plan = Plan::default();
        for (at, indexer) in self.table.iter().enumerate() {
            let packages = found.range((at, "")..).take_while(|((of, _), _)| *of == at);
            let packages: Vec<(String, &str)> =
                packages.map(|((_, folder), (_, name))| (named(folder), *name)).collect();
            let roots = || packages.iter().map(|(root, _)| root.clone()).collect();
            match self.command(indexer) {
                _ if packages.is_empty() => {}
                None => plan.missing.push((indexer, roots())),
                Some(_) if indexer.builds && !builds => plan.held_back.push((indexer, roots())),
                Some(command) => plan.planned.extend(packages.iter().map(|(root, marker)| Planned {
                    indexer,
                    command: command.clone(),
                    root: root.clone(),
                    marker: (*marker).to_owned(),
                })),
            }
        }
        plan
    }

    /// The version of a command that was asked before.
    pub(super) fn known_version(&self, command: &Path) -> Option<String> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner).get(command).cloned()
    }

    pub(super) fn remember_version(&self, command: &Path, version: &str) {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        versions.insert(command.to_owned(), version.to_owned());
    }
}

impl Plan {
    /// Code and message of a warning for each indexer that does not work on a package although its markers are there.
    pub fn warnings(&self) -> impl Iterator<Item = (&'static str, String)> {
        let missing = self.missing.iter().map(|(indexer, roots)| {
            let (name, roots) = (indexer.name, shortened(roots));
            ("indexerMissing", format!("{name} is not installed; the syntax tree alone is read in {roots}"))
        });
        let held_back = self.held_back.iter().map(|(indexer, roots)| {
            let (name, roots) = (indexer.name, shortened(roots));
            ("indexerHeldBack", format!("{name} would run the build of {roots}; {INDEXER_BUILDS}=1 lets it"))
        });
        missing.chain(held_back)
    }
}

/// The first of some folders.
fn shortened(roots: &[String]) -> String {
    const SHOWN: usize = 3;
    let first = roots.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match roots.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{first} and {more} more"),
        _ => first,
    }
}

impl Planned {
    /// The package's folder as a prefix of paths in the workspace: empty for the workspace itself.
    pub(super) fn folder(&self) -> &str {
        folder(&self.root)
    }
}

/// The folder that holds `.tools`: as set, else upwards from this program.
fn installation_root() -> Option<PathBuf> {
    if let Some(root) = env::var_os(contracts::env::ROOT).filter(|root| !root.is_empty()) {
        return std::path::absolute(root).ok();
    }
    let program = env::current_exe().and_then(|path| path.canonicalize()).ok()?;
    program.ancestors().find(|folder| folder.join("workflows-ts").is_dir()).map(Path::to_owned)
}

fn is_executable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file()
}

fn folder(root: &str) -> &str {
    if root == "." { "" } else { root }
}

fn named(folder: &str) -> String {
    if folder.is_empty() { ".".to_owned() } else { folder.to_owned() }
}

/// Folder and name; the folder of what lies in the workspace itself is empty.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
