//! One engine to a database.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::of_io;
use crate::engine::{Error, ErrorKind};

/// An exclusive lock on the file beside the database, held while this value lives. The kernel takes it back when the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Where the lock of a database lies.
    pub(crate) fn path_for(database: &Path) -> PathBuf {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        name.into()
    }

    /// Takes the lock and writes our process id into it.
    ///
    /// # Errors
    ///
    /// `Conflict` when another engine has it.
    pub(crate) fn take(database: &Path) -> Result<Self, Error> {
        let path = Self::path_for(database);
        let failed = |error: &std::io::Error| of_io(&path, "the lock cannot be made", error);
        let mut file = File::options()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| failed(&error))?;
        // Whoever asks for the holder has the lock for a moment; that is no reason to refuse.
        let mut tries = 0;
        while let Err(refused) = file.try_lock() {
            if let TryLockError::Error(error) = refused {
                return Err(failed(&error));
            }
            tries += 1;
            if tries < 5 {
                std::thread::sleep(Duration::from_millis(2));
                continue;
            }
            let who = match pid_in(&mut file) {
                Some(pid) => format!("process {pid} is shipping from this state"),
                None => "another process is shipping from this state".to_owned(),
            };
            let hint = "stop it first, or give another database";
            return Err(Error::new(ErrorKind::Conflict, who, database.display().to_string(), hint));
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()));
        written.map_err(|error| failed(&error))?;
        Ok(Self { file })
    }

    /// Whether someone holds the lock, with the process id where it can be read. Makes no file.
    pub(crate) fn holder(database: &Path) -> Option<Option<u32>> {
        let mut file = File::open(Self::path_for(database)).ok()?;
        match file.try_lock_shared() {
            Ok(()) => {
                // Left to the closing of the file it would outlive this call wherever a child was forked meanwhile.
                let _ = file.unlock();
                return None;
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(_)) => return None,
        }
        Some(pid_in(&mut file))
    }
}

fn pid_in(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}
