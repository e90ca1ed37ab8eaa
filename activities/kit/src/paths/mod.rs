//! Which folders an input may name.

mod walk;

use std::{
    fs::{self, File},
    os::fd::{AsFd, AsRawFd, OwnedFd},
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use contracts::errors::ErrorType;
use rustix::{
    fs::{FileType, Mode, OFlags, PROC_SUPER_MAGIC, Stat, fstat, fstatfs},
    io::Errno,
};
use walk::{Dead, walk};

use crate::{Failure, OpenedFile};

/// The folders that an input may name a path in. A worker reads files on behalf of whoever can start a workflow, so the
/// default is narrow.
#[derive(Debug, Clone)]
pub struct AllowedRoots(Arc<[Root]>);

/// An allowed folder as it was spelled, and where it is once every link is followed.
#[derive(Debug)]
struct Root {
    spelled: PathBuf,
    real: PathBuf,
}

/// What is behind a path, opened only as far as it takes to look at it.
struct Found {
    place: OwnedFd,
    stat: Stat,
    /// Where it was, without a link, when it was found to be allowed.
    real: PathBuf,
}

impl AllowedRoots {
    /// Allows these folders and all below them. One that is not there yet is where its nearest parent is by now.
    pub fn new(roots: impl IntoIterator<Item = PathBuf>) -> Self {
        let root = |path: PathBuf| {
            let spelled = lexical(&std::path::absolute(&path).unwrap_or(path));
            Root { real: settled(&spelled), spelled }
        };
        Self(roots.into_iter().map(root).collect())
    }

    /// Opens a regular file in an allowed folder. Links are followed as long as they stay inside.
    ///
    /// What is checked is what was opened, not what lay behind the path a moment before. A path or a link that leads out
    /// is refused without asking the disk about what is there, so that nobody can feel out what exists elsewhere.
    ///
    /// # Errors
    /// `InvalidInput` if the path is relative or names no regular file, `NotFound`, `PermissionDenied`, or `PathEscape` if
    /// it is, or leads, elsewhere.
    pub fn open_file(&self, path: &Path) -> Result<OpenedFile, Failure> {
        let place = path.display().to_string();
        let invalid = |what: &str| {
            let hint = "name a regular file: it is opened only if it is one";
            Err(Failure::new(ErrorType::InvalidInput, what, place.clone(), hint))
        };
        let Found { place: found, stat, .. } = self.find(path)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {}
            FileType::Directory => return invalid("the path names a folder"),
            _ => return invalid("the path names no regular file"),
        }
        let failed = |e: Errno| Failure::io("opening the file", path, &e.into());
        // What the kernel makes up as it is read: this process's environment, for one.
        if fstatfs(&found).map_err(failed)?.f_type == PROC_SUPER_MAGIC {
            return invalid("the path names a file of the kernel");
        }
        let file = reopen(&found, OFlags::empty()).map_err(failed)?;
        Ok(OpenedFile { file, name: place, bytes: u64::try_from(stat.st_size).unwrap_or_default(), sha256: None })
    }

    /// The folder behind a path with every link followed, if that lies in an allowed one and can be read.
    ///
    /// This holds for the moment of the call. It returns a path, since it is for programs that take one, such as git; who
    /// can put a link in the place of one of its parents afterwards can still lead those elsewhere.
    ///
    /// # Errors
    /// `InvalidInput` if the path is relative or no folder, `NotFound`, `PermissionDenied`, or `PathEscape` if it is, or
    /// leads, elsewhere.
    pub fn folder(&self, path: &Path) -> Result<PathBuf, Failure> {
        let Found { place: found, stat, real } = self.find(path)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
            let hint = "name the folder that holds the sources";
            let place = path.display().to_string();
            return Err(Failure::new(ErrorType::InvalidInput, "the path is no folder", place, hint));
        }
        reopen(&found, OFlags::DIRECTORY).map_err(|e| Failure::io("reading the folder", path, &e.into()))?;
        Ok(real)
    }

    fn find(&self, path: &Path) -> Result<Found, Failure> {
        let place = path.display().to_string();
        let invalid = |what: &str, hint: &str| Failure::new(ErrorType::InvalidInput, what, place.clone(), hint);
        if !path.is_absolute() {
            let hint = "give an absolute path: the worker has a working folder of its own";
            return Err(invalid("the path is relative", hint));
        }
        if path.as_os_str().as_encoded_bytes().contains(&0) {
            return Err(invalid("the path holds a NUL", "give a path as the system knows it"));
        }
        let failed = |e: Errno| Failure::io("opening the path", path, &e.into());
        let found = walk(&self.0, path).map_err(|dead| match dead {
            Dead::Outside => self.escape(&place),
            Dead::Links => invalid("the path goes through too many links", "name the file itself"),
            Dead::System(e) => failed(e),
        })?;
        let stat = fstat(&found).map_err(failed)?;
        // It may have been moved out, or removed, since the walk came by. Then its name ends in " (deleted)", as the name of
        // a file that is there can, too.
        if stat.st_nlink == 0 {
            return Err(failed(Errno::NOENT));
        }
        let real = fs::read_link(of_descriptor(&found)).map_err(|e| {
            let what = "finding out what was opened, which takes a mounted /proc";
            Failure::io(what, Path::new("/proc/self/fd"), &e)
        })?;
        if !self.0.iter().any(|root| real.starts_with(&root.real)) {
            return Err(self.escape(&place));
        }
        Ok(Found { place: found, stat, real })
    }

    fn escape(&self, place: &str) -> Failure {
        let roots: Vec<String> = self.0.iter().map(|root| root.spelled.display().to_string()).collect();
        Failure::new(
            ErrorType::PathEscape,
            "the path leads out of the folders this worker may read",
            place,
            format!("allowed are {}; set GANTRY_ALLOWED_ROOTS on the worker to allow more", roots.join(":")),
        )
    }
}

fn of_descriptor(file: impl AsFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_fd().as_raw_fd()))
}

/// Opens for reading what was found, and not what its path leads to by now.
fn reopen(found: &OwnedFd, flags: OFlags) -> Result<File, Errno> {
    let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY;
    Ok(rustix::fs::open(of_descriptor(found), flags, Mode::empty())?.into())
}

/// A path that may not be there yet, with the links of its parents followed.
fn settled(path: &Path) -> PathBuf {
    let parent_of = |path: &Path| Some((settled(path.parent()?), path.file_name()?.to_owned()));
    path.canonicalize().ok().or_else(|| parent_of(path).map(|(parent, name)| parent.join(name))).unwrap_or(path.into())
}

/// `..` and `.` resolved by text alone.
fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}
