//! Which SCIP indexers can work on a workspace.

use std::{
    env,
    path::{Path, PathBuf},
};

/// SCIP indexers by the command that runs them and the files that say they can.
const INDEXERS: &[(&str, &[&str])] = &[
    ("scip-go", &["go.mod"]),
    ("scip-python", &["pyproject.toml", "requirements.txt", "setup.py"]),
    ("scip-typescript", &["jsconfig.json", "tsconfig.json"]),
];

/// Indexers that are on this process's PATH and whose marker file is there.
pub fn installed_indexers(files: &[String]) -> Vec<String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let installed = |command: &str| folders.iter().any(|folder| is_executable(&folder.join(command)));
    let marked =
        |markers: &[&str]| files.iter().any(|path| path.rsplit('/').next().is_some_and(|n| markers.contains(&n)));
    INDEXERS
        .iter()
        .filter(|(command, markers)| marked(markers) && installed(command))
        .map(|(command, _)| (*command).to_owned())
        .collect()
}

fn is_executable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file()
}
