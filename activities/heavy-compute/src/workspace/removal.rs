//! Removing folders that may hold anything, at any depth.

use std::{
    collections::VecDeque,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use kit::{Failure, Job, WorkResult};

pub(crate) use super::layout::PARTIAL;

/// How often a folder is emptied that a dying process still writes to.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);
/// Entries between two looks at whether to go on.
const LOOK_EVERY: u64 = 256;

/// Removes something out of a workspace, whatever it is; nothing is done if it is not there. It loses its name first, so
/// that nothing half is ever seen under it. Returns the bytes that it took up on the disk.
///
/// # Errors
/// When something cannot be removed, or the work is interrupted; then the rest is in a folder `partial-*`.
pub(crate) fn remove<C: Send + Sync>(job: &Job<C>, home: &Path, name: &str) -> WorkResult<u64> {
    let doomed = home.join(name);
    let failed = |e: io::Error| Failure::io("removing an old folder", &doomed, &e);
    match fs::symlink_metadata(&doomed) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(failed(error).into()),
    }
    let trash = tempfile::Builder::new().prefix(PARTIAL).tempdir_in(home).map_err(failed)?.keep();
    fs::rename(&doomed, trash.join("0")).map_err(failed)?;
    empty(job, &trash)
}

/// Removes what attempts left that were killed. Returns the bytes that it took up on the disk.
pub(super) fn remove_partial<C: Send + Sync>(job: &Job<C>, home: &Path) -> WorkResult<u64> {
    let mut freed = 0;
    for folder in partial(home).map_err(|e| Failure::io("removing an unfinished checkout", home, &e))? {
        freed += empty(job, &folder)?;
    }
    Ok(freed)
}

/// What attempts left that were killed.
pub(super) fn partial(home: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(PARTIAL.as_bytes()) && entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Removes a folder. Each folder in it is moved up before it is emptied, so that no path gets long and no depth matters,
/// and nothing is reached through a link.
fn empty<C: Send + Sync>(job: &Job<C>, trash: &Path) -> WorkResult<u64> {
    let failed = |path: &Path, e: io::Error| Failure::io("removing an old folder", path, &e);
    let mut freed = 0;
    let mut seen = 0_u64;
    let mut moved = 0_u64;
    let mut folders = VecDeque::from([(trash.to_owned(), 0)]);
    while let Some((folder, attempt)) = folders.pop_back() {
        if attempt > 0 {
            std::thread::sleep(PAUSE);
        }
        let mut more = Vec::new();
        for entry in fs::read_dir(&folder).map_err(|e| failed(&folder, e))? {
            if seen.is_multiple_of(LOOK_EVERY) {
                job.proceed()?;
                job.progress("remove", seen, 0, "files");
            }
            seen += 1;
            let path = entry.map_err(|e| failed(&folder, e))?.path();
            let meta = match fs::symlink_metadata(&path) {
                Ok(meta) => meta,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(failed(&path, error).into()),
            };
            if meta.is_dir() {
                more.push(path);
            } else {
                freed += if meta.nlink() == 1 { meta.blocks() * 512 } else { 0 };
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&path, error).into()),
                    _ => {}
                }
            }
        }
        for path in more {
            let mut to = path.clone();
            if folder != trash {
                loop {
                    to = trash.join(format!("m{moved}"));
                    moved += 1;
                    if !to.exists() {
                        break;
                    }
                }
                fs::rename(&path, &to).map_err(|e| failed(&path, e))?;
            }
            folders.push_back((to, 0));
        }
        if folder != trash {
            remove_empty(&folder, attempt, &mut folders).map_err(|e| failed(&folder, e))?;
        }
    }
    fs::remove_dir(trash).map_err(|e| failed(trash, e))?;
    Ok(freed)
}

fn remove_empty(folder: &Path, attempt: u32, folders: &mut VecDeque<(PathBuf, u32)>) -> io::Result<()> {
    match fs::remove_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty && attempt < ATTEMPTS => {
            // A child of a killed git may live a moment longer.
            folders.push_front((folder.to_owned(), attempt + 1));
            Ok(())
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Bytes that a folder takes up on the disk. What cannot be looked at does not count.
pub(super) fn size<C: Send + Sync>(job: &Job<C>, folder: &Path) -> WorkResult<u64> {
    let mut bytes = 0;
    let mut seen = 0_u64;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if seen.is_multiple_of(LOOK_EVERY) {
                job.proceed()?;
            }
            seen += 1;
            match entry.metadata() {
                Ok(meta) if meta.is_dir() => folders.push(entry.path()),
                Ok(meta) if meta.nlink() == 1 => bytes += meta.blocks() * 512,
                _ => {}
            }
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_deeper_than_a_path_can_say_is_removed_and_links_are_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let kept = home.path().join("kept");
        fs::write(&kept, "x").unwrap();
        let top = home.path().join("deep");
        fs::create_dir(&top).unwrap();
        std::os::unix::fs::symlink(home.path(), top.join("out")).unwrap();
        let mut at = rustix::fs::open(&top, rustix::fs::OFlags::DIRECTORY, 0o700.into()).unwrap();
        let name = "d".repeat(200);
        for _ in 0..200 {
            rustix::fs::mkdirat(&at, name.as_str(), 0o700.into()).unwrap();
            let flags = rustix::fs::OFlags::DIRECTORY;
            at = rustix::fs::openat(&at, name.as_str(), flags, 0o700.into()).unwrap();
            let flags = rustix::fs::OFlags::CREATE | rustix::fs::OFlags::WRONLY;
            rustix::fs::openat(&at, "f", flags, 0o600.into()).unwrap();
        }
        drop(at);
        let job = Job::<()>::detached();
        remove(&job, home.path(), "deep").unwrap();
        assert!(kept.exists());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
        assert_eq!(remove(&job, home.path(), "missing"), Ok(0));
    }

    #[test]
    fn a_removal_that_was_interrupted_is_finished_by_the_next() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("old/a/b")).unwrap();
        fs::write(home.path().join("old/a/b/c"), "x").unwrap();
        let job = Job::<()>::detached();
        job.interrupt();
        assert_eq!(remove(&job, home.path(), "old"), Err(kit::WorkError::Interrupted));
        assert!(!home.path().join("old").exists());
        assert!(remove_partial(&Job::<()>::detached(), home.path()).unwrap() > 0);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }
}
