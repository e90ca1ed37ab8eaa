//! What the files of a workspace tell about its packages and its indexers.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
};

/// Files that make their folder a package.
const MANIFESTS: &[&str] = &["Cargo.toml", "go.mod", "package.json", "pom.xml", "pyproject.toml", "setup.py"];

/// SCIP indexers by the command that runs them and the files that say they can.
const INDEXERS: &[(&str, &[&str])] = &[
    ("scip-go", &["go.mod"]),
    ("scip-python", &["pyproject.toml", "requirements.txt", "setup.py"]),
    ("scip-typescript", &["jsconfig.json", "tsconfig.json"]),
];

/// Folders that hold a package manifest, ordered; `.` alone when there is none.
pub fn package_roots(files: &[String]) -> Vec<String> {
    let roots: BTreeSet<&str> = files.iter().filter_map(|p| folder_of(p, MANIFESTS)).collect();
    if roots.is_empty() { vec![".".to_owned()] } else { roots.into_iter().map(str::to_owned).collect() }
}

/// Indexers that are on this process's PATH and whose marker file is there.
pub fn installed_indexers(files: &[String]) -> Vec<String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let installed = |command: &str| folders.iter().any(|folder| is_executable(&folder.join(command)));
    INDEXERS
        .iter()
        .filter(|(command, markers)| files.iter().any(|f| folder_of(f, markers).is_some()) && installed(command))
        .map(|(command, _)| (*command).to_owned())
        .collect()
}

fn folder_of<'a>(path: &'a str, names: &[&str]) -> Option<&'a str> {
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    names.contains(&name).then_some(folder)
}

fn is_executable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_a_manifest_is_a_package_root() {
        let files = ["a/package.json", "package.json", "b/c/go.mod", "b/x.go"].map(str::to_owned);
        assert_eq!(package_roots(&files), [".", "a", "b/c"]);
        assert_eq!(package_roots(&["x.py".to_owned()]), ["."]);
    }
}
