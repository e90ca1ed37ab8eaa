//! The folders of a workspace that are packages.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use kit::{Job, Warnings, WorkResult};

use super::{
    manifest::{Declared, Kind},
    small_file,
};

/// Files that make their folder a package.
const MANIFESTS: &[&str] = &[
    "Cargo.toml",
    "build.gradle",
    "build.gradle.kts",
    "go.mod",
    "package.json",
    "pom.xml",
    "pyproject.toml",
    "settings.gradle",
    "settings.gradle.kts",
    "setup.py",
];
/// Largest manifest that is read.
const LARGEST: u64 = 1024 * 1024;
/// So many files that declare packages are obeyed; each is held against every package.
const MOST_DECLARATIONS: usize = 200;

/// Folders that hold a package, relative to the workspace, `.` first and then by their bytes; `.` alone when there is none:
/// what the files of package managers and build tools declare, and every other folder with a manifest of its own, except
/// what a pattern with `!` takes out.
///
/// # Errors
/// When the work is interrupted. A file that cannot be understood is a warning.
pub fn package_roots<C: Send + Sync>(
    job: &Job<C>,
    root: &Path,
    files: &[String],
    warnings: &mut Warnings,
) -> WorkResult<Vec<String>> {
    let tree = Tree::of(files);
    let mut roots: BTreeSet<&str> = tree.holding(MANIFESTS).collect();
    let (mut out, mut named) = (BTreeSet::new(), BTreeSet::new());
    let mut declarations = 0;
    for path in files {
        let (folder, name) = split(path);
        let Some(kind) = Kind::of(name) else { continue };
        job.proceed()?;
        let text = match small_file::read(&root.join(path), LARGEST) {
            Ok(text) => text.unwrap_or_default(),
            Err(error) => {
                warnings.add("brokenManifest", || format!("{path}: {error}"));
                continue;
            }
        };
        let declared = match kind.declared(&text) {
            Ok(declared) if declared.is_empty() => continue,
            Ok(declared) => declared,
            Err(error) => {
                warnings.add("brokenManifest", || format!("{path}: {error}"));
                continue;
            }
        };
        declarations += 1;
        if declarations > MOST_DECLARATIONS {
            warnings
                .add("manyManifests", || format!("more than {MOST_DECLARATIONS} declare packages; passed over {path}"));
            continue;
        }
        match Matcher::new(folder, &declared) {
            Ok(matcher) => {
                for candidate in tree.holding(kind.manifests()) {
                    if matcher.out.is_match(candidate) {
                        out.insert(candidate);
                    } else if matcher.members.is_match(candidate) {
                        named.insert(candidate);
                    }
                }
                named.extend(matcher.folders.iter().filter_map(|folder| tree.folder(folder)));
            }
            Err(error) => warnings.add("brokenManifest", || format!("{path}: {error}")),
        }
    }
    // What one declares and another takes out stays.
    roots.retain(|folder| !out.contains(folder));
    roots.extend(named);
    let has_root = roots.remove("") || roots.is_empty();
    let first = has_root.then(|| ".".to_owned());
    Ok(first.into_iter().chain(roots.into_iter().map(str::to_owned)).collect())
}

/// Folder and name; the folder of what lies in the root is empty.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The folders of a workspace.
struct Tree<'a> {
    folders: BTreeSet<&'a str>,
    manifests: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Tree<'a> {
    fn of(files: &'a [String]) -> Self {
        let mut tree = Self { folders: BTreeSet::from([""]), manifests: BTreeMap::new() };
        for path in files {
            let (mut folder, name) = split(path);
            if MANIFESTS.contains(&name) || Kind::MARKERS.contains(&name) {
                tree.manifests.entry(name).or_default().insert(folder);
            }
            while !folder.is_empty() && tree.folders.insert(folder) {
                folder = split(folder).0;
            }
        }
        tree
    }

    fn holding(&self, names: &[&'static str]) -> impl Iterator<Item = &'a str> {
        names.iter().filter_map(|name| self.manifests.get(name)).flatten().copied()
    }

    fn folder(&self, folder: &str) -> Option<&'a str> {
        self.folders.get(folder).copied()
    }
}

/// What a file declares, as paths from the root of the workspace.
struct Matcher {
    members: GlobSet,
    out: GlobSet,
    folders: Vec<String>,
}

impl Matcher {
    fn new(folder: &str, declared: &Declared) -> Result<Self, globset::Error> {
        let set = |patterns: &[String]| -> Result<GlobSet, globset::Error> {
            let mut set = GlobSetBuilder::new();
            for pattern in patterns.iter().filter_map(|pattern| joined(&globset::escape(folder), pattern)) {
                set.add(GlobBuilder::new(&pattern).literal_separator(true).build()?);
            }
            set.build()
        };
        Ok(Self {
            members: set(&declared.members)?,
            out: set(&declared.out)?,
            folders: declared.folders.iter().filter_map(|named| joined(folder, named)).collect(),
        })
    }
}

/// A path relative to a folder, as one from the root, if it does not lead out.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}
