//! The collection of checkouts that nobody uses any more.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use contracts::{errors::ErrorType, heavy_compute::WorkspaceGcError};
use kit::{Failure, Job, WorkError, WorkResult};

use super::{
    layout::{CACHE, CHECKOUT, Fetched, LOCK, is_part},
    lock,
    removal::{partial, remove, remove_partial, size},
};

/// What a collection did.
#[derive(Debug, Default)]
pub struct Collected {
    /// Folders that were removed, or would have been.
    pub removed: Vec<PathBuf>,
    /// Bytes that they took up on the disk.
    pub freed: u64,
    /// Workspaces that stay.
    pub kept: u64,
    /// What could not be looked at or removed.
    pub errors: Vec<WorkspaceGcError>,
}

impl Collected {
    /// Adds what could not be looked at or removed.
    pub(crate) fn failed(&mut self, path: &Path, error: &dyn std::fmt::Display) {
        let path = path.to_string_lossy().into_owned();
        self.errors.push(WorkspaceGcError { path, message: error.to_string() });
    }
}

/// How a collection looks at a folder.
#[derive(Debug, Clone, Copy)]
struct Collection {
    /// Used before that is old.
    limit: SystemTime,
    dry: bool,
}

/// Removes the workspaces of a folder that were not used for `age`, and what killed attempts left in the others. What is
/// in use stays, and so does whatever was not made by us.
///
/// # Errors
/// `InvalidInput` if this is no folder of workspaces, or an interruption; then the next collection goes on.
pub fn collect<C: Send + Sync>(job: &Job<C>, folder: &Path, age: Duration, dry: bool) -> WorkResult<Collected> {
    let mut collected = Collected::default();
    // Nothing was used before the clock begins.
    let limit = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
    let homes = workspaces(folder, &mut collected.errors)?;
    let total = homes.len() as u64;
    for (done, home) in (0_u64..).zip(homes) {
        job.proceed()?;
        job.progress("collect", done, total, "workspaces");
        match (Collection { limit, dry }).look(job, &home, &mut collected) {
            Ok(true) => {
                // The folder of an organisation goes with its last workspace.
                if let Some(parent) = home.parent().filter(|parent| *parent != folder && !dry) {
                    let _ = fs::remove_dir(parent);
                }
                collected.removed.push(home);
            }
            Ok(false) => collected.kept += 1,
            Err(WorkError::Interrupted) => return Err(WorkError::Interrupted),
            Err(WorkError::Failed(failure)) => {
                collected.failed(&home, &failure);
            }
        }
    }
    Ok(collected)
}

/// The workspaces in a folder and in its folders (`<org>/<repo>`, where somebody chose the places), and in the errors
/// what else it holds.
fn workspaces(folder: &Path, errors: &mut Vec<WorkspaceGcError>) -> WorkResult<Vec<PathBuf>> {
    let mut homes = Vec::new();
    for path in entries(folder).map_err(|e| Failure::io("listing the workspaces", folder, &e))? {
        let found = match is_home(&path) {
            Ok(true) => Ok(vec![path.clone()]),
            // A link is not followed out of the folder.
            Ok(false) if !fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) => Ok(Vec::new()),
            Ok(false) => homes_in(&path),
            Err(error) => Err(error),
        };
        match found {
            Ok(found) if !found.is_empty() => homes.extend(found),
            other => {
                let message = other.map_or_else(|e| e.to_string(), |_| "this is no workspace, and stays".to_owned());
                errors.push(WorkspaceGcError { path: path.to_string_lossy().into_owned(), message });
            }
        }
    }
    homes.sort_unstable();
    match errors.first() {
        Some(other) if homes.is_empty() => Err(Failure::new(
            ErrorType::InvalidInput,
            format!("this is no folder of workspaces: it holds {} and no workspace", other.path),
            folder.display().to_string(),
            "name the folder `workspaces` in the state folder of a worker, or leave basePath out",
        )
        .into()),
        _ => Ok(homes),
    }
}

fn homes_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    // What cannot be asked is none of ours.
    Ok(entries(folder)?.into_iter().filter(|path| is_home(path).unwrap_or(false)).collect())
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

fn is_home(path: &Path) -> io::Result<bool> {
    Ok(fs::symlink_metadata(path)?.is_dir() && lock::is_workspace(path)?)
}

impl Collection {
    /// Whether the workspace was removed.
    fn look<C: Send + Sync>(self, job: &Job<C>, home: &Path, collected: &mut Collected) -> WorkResult<bool> {
        let failed = |e: io::Error| Failure::io("collecting a workspace", home, &e);
        let Some(guard) = lock::unused(home).map_err(failed)? else { return Ok(false) };
        if guard.last_use().map_err(failed)? >= self.limit {
            let left = partial(home).map_err(failed)?;
            for folder in &left {
                collected.freed += if self.dry { size(job, folder)? } else { 0 };
            }
            if !self.dry {
                collected.freed += remove_partial(job, home)?;
            }
            collected.removed.extend(left);
            return Ok(false);
        }
        for entry in fs::read_dir(home).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if !path.file_name().and_then(|name| name.to_str()).is_some_and(is_part) {
                return Err(Failure::new(
                    ErrorType::InvalidInput,
                    "the workspace holds what is not of Gantry",
                    path.display().to_string(),
                    "take it out; until then the workspace stays",
                )
                .into());
            }
        }
        if self.dry {
            collected.freed += size(job, home)?;
            return Ok(true);
        }
        // First the record: without it no preparation takes what is left for whole.
        Fetched::remove(home).map_err(failed)?;
        for part in [CHECKOUT, CACHE] {
            collected.freed += remove(job, home, part)?;
        }
        collected.freed += remove_partial(job, home)?;
        fs::remove_file(home.join(LOCK)).map_err(failed)?;
        drop(guard);
        match fs::remove_dir(home) {
            // A preparation that waited has begun anew.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(false),
            Err(error) => Err(failed(error).into()),
            Ok(()) => Ok(true),
        }
    }
}
