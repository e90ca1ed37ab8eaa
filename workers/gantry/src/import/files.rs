//! The files of an import, looked at before anything is started.

use std::{
    collections::BTreeSet,
    fs::File,
    path::{Path, PathBuf},
};

use contracts::{shared::FileRef, workflows::MAX_IMPORT_FILES};

use crate::problem::Problem;

/// Where the files are, each once, in the order in which they were named.
///
/// # Errors
/// One of them is not there, cannot be read, or is none that can be read again from its start.
pub(super) fn looked_at(named: &[PathBuf]) -> Result<Vec<PathBuf>, Problem> {
    let mut seen = BTreeSet::new();
    let mut paths = Vec::new();
    for name in named {
        let path = one(name)?;
        if seen.insert(path.clone()) {
            paths.push(path);
        }
    }
    let most = usize::try_from(MAX_IMPORT_FILES).unwrap_or(usize::MAX);
    if paths.len() > most {
        return Err(Problem::input(format!("{} files are more than one run takes, {most}", paths.len()))
            .hint("give them in several commands; what was imported before is stored once"));
    }
    Ok(paths)
}

fn one(name: &Path) -> Result<PathBuf, Problem> {
    let again = "an import that goes on after a fault reads its file again: write the events into a file first";
    if name == Path::new("-") {
        return Err(Problem::input("standard input cannot be imported").hint(again));
    }
    let missing = |e: std::io::Error| Problem::input(format!("{}: {e}", name.display()));
    let real = name.canonicalize().map_err(missing)?;
    let kind = real.metadata().map_err(missing)?;
    if kind.is_dir() {
        return Err(Problem::input(format!("{} is a folder", name.display()))
            .hint(format!("name the files in it, for example {}/*.jsonl", name.display())));
    }
    if !kind.is_file() {
        return Err(Problem::input(format!("{} is no regular file", name.display())).hint(again));
    }
    File::open(&real).map_err(|e| Problem::io(&format!("{}", name.display()), &e))?;
    Ok(real)
}

/// How large they are, in bytes; 0 for one that has gone.
pub(super) fn sizes(paths: &[PathBuf]) -> Vec<u64> {
    paths.iter().map(|path| path.metadata().map_or(0, |kind| kind.len())).collect()
}

/// The files by their paths, for a worker of this host.
///
/// # Errors
/// A path is not UTF-8.
pub(super) fn references(paths: &[PathBuf]) -> Result<Vec<FileRef>, Problem> {
    paths
        .iter()
        .map(|path| match path.to_str() {
            Some(path) => Ok(FileRef::Path { path: path.to_owned() }),
            None => Err(Problem::input(format!("{}: the path is not UTF-8", path.display())).hint("rename the file")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_taken_once_in_the_order_of_the_command() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a.jsonl", "b.jsonl"].map(|name| folder.path().canonicalize().unwrap().join(name));
        for file in [&a, &b] {
            std::fs::write(file, "{}\n").unwrap();
        }
        let again = folder.path().join("./b.jsonl");
        assert_eq!(looked_at(&[b.clone(), a.clone(), again]).unwrap(), [b, a]);
    }

    #[test]
    fn what_cannot_be_read_twice_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let told = |name: &Path| {
            let problem = looked_at(&[name.to_owned()]).unwrap_err();
            (problem.code, problem.message, problem.hint.unwrap_or_default())
        };
        let (code, message, hint) = told(Path::new("-"));
        assert!(code == 1 && message.contains("standard input") && hint.contains("into a file"), "{message}");
        let (code, message, hint) = told(folder.path());
        assert!(code == 1 && message.ends_with("is a folder") && hint.contains("/*.jsonl"), "{message}: {hint}");
        let (code, message, _) = told(Path::new("/dev/null"));
        assert!(code == 1 && message.ends_with("is no regular file"), "{message}");
        let (code, message, _) = told(&folder.path().join("none.jsonl"));
        assert!(code == 1 && message.contains("none.jsonl: No such file"), "{message}");
    }

    #[test]
    fn more_files_than_a_run_takes_are_not_begun() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<PathBuf> = (0..=MAX_IMPORT_FILES).map(|n| folder.path().join(n.to_string())).collect();
        for name in &names {
            std::fs::write(name, "").unwrap();
        }
        assert!(looked_at(&names).unwrap_err().message.starts_with("2001 files are more"));
    }
}
