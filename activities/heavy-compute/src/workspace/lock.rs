//! Who uses a workspace: one attempt that changes it, or any number that read it.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use contracts::errors::ErrorType;
use kit::{Failure, Job, WorkResult};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};

use super::layout::{CHECKOUT, LOCK};

/// What the lock file of a workspace says. A folder without it is none, and nothing of it is ever removed.
const MARK: &[u8] = b"A workspace of Gantry. What is beside this file may be removed: it is fetched again.\n";
/// How often a lock that another holds is tried.
const PAUSE: Duration = Duration::from_millis(50);

/// A lock on a workspace, until it goes out of scope.
#[derive(Debug)]
pub struct Guard {
    file: File,
}

impl Guard {
    /// When the workspace was last used, by an attempt that prepared or read it.
    pub(super) fn last_use(&self) -> io::Result<SystemTime> {
        self.file.metadata()?.modified()
    }

    fn touch(&self) -> io::Result<()> {
        self.file.set_modified(SystemTime::now())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Closing the file is not enough: a child that another thread has just forked has it open too, until it execs.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

/// Keeps a checkout as it is while somebody reads it: neither another preparation nor the collection changes its files
/// until the guard goes out of scope. Waits for an attempt that is changing them. `None` for a folder that is no checkout
/// of ours: a local one.
///
/// # Errors
/// When the checkout is gone, the lock cannot be taken, or the work is interrupted.
pub fn in_use<C: Send + Sync>(job: &Job<C>, folder: &Path) -> WorkResult<Option<Guard>> {
    let Some(home) = folder.parent().filter(|_| folder.file_name().is_some_and(|name| name == CHECKOUT)) else {
        return Ok(None);
    };
    if open(home).map_err(|e| Failure::io("locking the workspace", home, &e))?.is_none() {
        return Ok(None);
    }
    let guard = shared(job, home)?;
    if !folder.is_dir() {
        let place = folder.display().to_string();
        let hint = "run prepareWorkspace again";
        return Err(Failure::new(ErrorType::NotFound, "the checkout was removed", place, hint).into());
    }
    Ok(Some(guard))
}

/// Locks a workspace for reading; makes it if it is not there.
pub(super) fn shared<C: Send + Sync>(job: &Job<C>, home: &Path) -> WorkResult<Guard> {
    wait(job, home, FlockOperation::NonBlockingLockShared)
}

/// Locks a workspace for changes; makes it if it is not there. Two attempts at one repository wait for each other.
pub(super) fn exclusive<C: Send + Sync>(job: &Job<C>, home: &Path) -> WorkResult<Guard> {
    wait(job, home, FlockOperation::NonBlockingLockExclusive)
}

/// Locks a workspace for changes if nobody uses it; leaves its time of last use as it is.
pub(super) fn unused(home: &Path) -> io::Result<Option<Guard>> {
    let Some(file) = open(home)? else { return Ok(None) };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) if is_current(&file, home) => Ok(Some(Guard { file })),
        Ok(()) | Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether a folder is a workspace: it has our lock file.
pub(super) fn is_workspace(home: &Path) -> io::Result<bool> {
    Ok(open(home)?.is_some())
}

/// The folder with the files, if this is the folder of a workspace and it has one.
///
/// # Errors
/// When the folder cannot be looked into.
pub fn checkout_in(home: &Path) -> Result<Option<PathBuf>, Failure> {
    let ours = is_workspace(home).map_err(|e| Failure::io("looking into the folder", home, &e))?;
    Ok(Some(home.join(CHECKOUT)).filter(|folder| ours && folder.is_dir()))
}

/// Refuses a folder in which somebody else has something: what is beside a lock of ours counts as ours.
pub(super) fn refuse_foreign(home: &Path) -> Result<(), Failure> {
    let failed = |e: io::Error| Failure::io("looking into the folder", home, &e);
    // A preparation that was killed as it began leaves a lock file that says nothing yet.
    let unmarked = |entry: &fs::DirEntry| {
        entry.file_name() == LOCK && entry.metadata().is_ok_and(|meta| meta.is_file() && meta.len() == 0)
    };
    loop {
        let mut entries = match fs::read_dir(home) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(failed)?,
        };
        let foreign = entries.find_map(|entry| match entry {
            Ok(entry) if unmarked(&entry) => None,
            other => Some(other),
        });
        let Some(entry) = foreign.transpose().map_err(failed)? else { return Ok(()) };
        // Asked after the listing: another attempt marks its lock before it puts anything beside it.
        if is_workspace(home).map_err(failed)? {
            return Ok(());
        }
        // What the collection removed meanwhile was ours; what is still there is not.
        if entry.path().symlink_metadata().is_ok() {
            return Err(Failure::new(
                ErrorType::InvalidInput,
                format!("the folder holds {} and is no workspace", entry.file_name().display()),
                home.display().to_string(),
                "name a folder that is empty or not there yet",
            ));
        }
    }
}

/// The lock file of a workspace, if the folder is one.
fn open(home: &Path) -> io::Result<Option<File>> {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let mut file = match rustix::fs::open(home.join(LOCK), flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(
            rustix::io::Errno::NOENT
            | rustix::io::Errno::NOTDIR
            | rustix::io::Errno::LOOP
            | rustix::io::Errno::ISDIR
            | rustix::io::Errno::NXIO,
        ) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let mut text = Vec::new();
    file.by_ref().take(MARK.len() as u64 + 1).read_to_end(&mut text)?;
    Ok((text == MARK).then_some(file))
}

fn wait<C: Send + Sync>(job: &Job<C>, home: &Path, operation: FlockOperation) -> WorkResult<Guard> {
    let failed = |e: io::Error| Failure::io("locking the workspace", home, &e);
    loop {
        job.proceed()?;
        fs::create_dir_all(home).map_err(failed)?;
        let file = match File::options().create(true).truncate(false).write(true).open(home.join(LOCK)) {
            Ok(file) => file,
            // The collection has just removed the folder.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error).into()),
        };
        loop {
            match flock(&file, operation) {
                Ok(()) => break,
                Err(rustix::io::Errno::WOULDBLOCK) => {
                    job.proceed()?;
                    job.progress("wait for another attempt", 0, 0, "files");
                    std::thread::sleep(PAUSE);
                }
                Err(error) => return Err(failed(error.into()).into()),
            }
        }
        if is_current(&file, home) {
            file.write_all_at(MARK, 0).map_err(failed)?;
            let guard = Guard { file };
            guard.touch().map_err(failed)?;
            return Ok(guard);
        }
    }
}

/// Whether the file is still the one by the name. If the collection removed it meanwhile, a lock on it keeps nobody out.
fn is_current(file: &File, home: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(home.join(LOCK))) {
        (Ok(ours), Ok(named)) => (ours.dev(), ours.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn a_folder_that_another_attempt_is_just_making_is_not_foreign() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..300 {
            let (home, start) = (folder.path().join(round.to_string()), Barrier::new(3));
            std::thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        start.wait();
                        refuse_foreign(&home).unwrap();
                        let _guard = shared(&Job::<()>::detached(), &home).unwrap();
                        File::create(home.join("made under the lock")).unwrap();
                    });
                }
            });
        }
    }
}
