//! Which folders an input may name.

use std::path::{Path, PathBuf};

use contracts::errors::ErrorType;

use crate::Failure;

/// The folders that an input may name a path in. A worker reads files on behalf of whoever can start a workflow, so the
/// default is narrow.
#[derive(Debug, Clone)]
pub struct AllowedRoots(Vec<PathBuf>);

impl AllowedRoots {
    /// Allows these folders and all below them. One that is not there yet is taken as it is spelled.
    pub fn new(roots: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(roots.into_iter().map(|root| root.canonicalize().unwrap_or(root)).collect())
    }

    /// The folder behind a path with every link followed, if that lies in an allowed one.
    ///
    /// # Errors
    /// `InvalidInput` if the path is relative or no folder, `NotFound`, `PermissionDenied`, or `PathEscape` if it is, or
    /// leads, elsewhere.
    pub fn folder(&self, path: &Path) -> Result<PathBuf, Failure> {
        let place = path.display().to_string();
        if !path.is_absolute() {
            let hint = "give an absolute path: the worker has a working folder of its own";
            return Err(Failure::new(ErrorType::InvalidInput, "the path is relative", place, hint));
        }
        // Checked before the disk is asked, so that nobody can feel out what exists elsewhere.
        self.check(&lexical(path), &place)?;
        let real = path.canonicalize().map_err(|e| Failure::io("opening the folder", path, &e))?;
        self.check(&real, &place)?;
        if !real.is_dir() {
            let hint = "name the folder that holds the sources";
            return Err(Failure::new(ErrorType::InvalidInput, "the path is no folder", place, hint));
        }
        std::fs::read_dir(&real).map_err(|e| Failure::io("reading the folder", path, &e))?;
        Ok(real)
    }

    fn check(&self, path: &Path, place: &str) -> Result<(), Failure> {
        if self.0.iter().any(|root| path.starts_with(root)) {
            return Ok(());
        }
        let roots: Vec<String> = self.0.iter().map(|r| r.display().to_string()).collect();
        Err(Failure::new(
            ErrorType::PathEscape,
            "the path leads out of the folders this worker may read",
            place,
            format!("allowed are {}; set GANTRY_ALLOWED_ROOTS on the worker to allow more", roots.join(":")),
        ))
    }
}

/// `..` and `.` resolved by text alone.
fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                out.pop();
            }
            std::path::Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_of_the_allowed_folders_is_reached() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("inside");
        let outside = folder.path().join("outside");
        std::fs::create_dir_all(inside.join("deep")).unwrap();
        std::fs::create_dir(&outside).unwrap();
        std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
        std::fs::write(inside.join("file"), "").unwrap();
        let roots = AllowedRoots::new([inside.clone()]);
        let error_type = |path: PathBuf| roots.folder(&path).map_err(|f| f.error_type);

        assert_eq!(error_type(inside.join("deep")), Ok(inside.join("deep").canonicalize().unwrap()));
        assert_eq!(error_type(inside.join("deep/../deep")), Ok(inside.join("deep").canonicalize().unwrap()));
        assert_eq!(error_type(outside.clone()), Err(ErrorType::PathEscape));
        assert_eq!(error_type(inside.join("../outside")), Err(ErrorType::PathEscape));
        assert_eq!(error_type(inside.join("link")), Err(ErrorType::PathEscape));
        assert_eq!(error_type(outside.join("not there")), Err(ErrorType::PathEscape));
        assert_eq!(error_type(inside.join("not there")), Err(ErrorType::NotFound));
        assert_eq!(error_type(inside.join("file")), Err(ErrorType::InvalidInput));
        assert_eq!(error_type("deep".into()), Err(ErrorType::InvalidInput));
    }
}
