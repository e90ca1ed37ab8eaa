//! One process owns a database: a file beside it, locked by the system and with the owner's pid in it. The system takes the
//! lock from a process that dies, so a stale file hinders nobody.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

use super::StoreError;

/// The ownership; dropping it gives the file free.
#[derive(Debug)]
pub(super) struct Owner {
    // The lock goes with it.
    file: File,
}

impl Owner {
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let beside = |error: std::io::Error| StoreError::ReadOnly(format!("{}: {error}", database.display()));
        let path = lock_path(database);
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(&path).map_err(beside)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let _ = file.read_to_string(&mut text);
                let pid = text.trim().parse().unwrap_or_default();
                return Err(StoreError::Owned { path: database.to_owned(), pid });
            }
            Err(TryLockError::Error(error)) => return Err(beside(error)),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(beside)?;
        writeln!(file, "{}", std::process::id()).map_err(beside)?;
        Ok(Self { file })
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Emptied, not removed: another process may have it open and wait for the lock.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

fn lock_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
