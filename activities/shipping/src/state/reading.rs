//! The state as others see it: no lock, nothing written, beside a running engine or without a database at all.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::database::BUSY_TIMEOUT;
use super::error::of;
use super::files::{self, Memory};
use super::{Books, FileRow, quarantine, spool};
use crate::engine::{Error, Quarantined, SpoolCounts};

/// A database open for reading.
#[derive(Debug)]
pub(crate) struct Reading {
    path: PathBuf,
    connection: Connection,
    ours: bool,
}

impl Reading {
    /// Opens the database if there is one. Makes no file: where no journal lies beside the database it is read as one that nobody
    /// changes, since a reader would otherwise make one.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Error> {
        if !path.exists() {
            return Ok(None);
        }
        let beside = |suffix: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            Path::new(&name).exists()
        };
        let quiet = !(beside("-wal") && beside("-shm"));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let open = || {
            let connection = Connection::open_with_flags(uri(path, quiet), flags)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.pragma_update(None, "trusted_schema", "OFF")?;
            connection
                .prepare("SELECT path, provider, queued_offset, acked_offset FROM file_state LIMIT 1")?
                .query([])?
                .next()?;
            let ours = connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'gantry_quarantine'")?.exists([])?;
            Ok((connection, ours))
        };
        let (connection, ours) = open().map_err(|error| of(path, &error))?;
        Ok(Some(Self { path: path.to_owned(), connection, ours }))
    }

    fn answer<T>(&self, result: rusqlite::Result<T>) -> Result<T, Error> {
        result.map_err(|error| of(&self.path, &error))
    }

    /// All files. Of a database that only an older daemon has seen, their offsets alone.
    pub(crate) fn files(&self) -> Result<HashMap<String, FileRow>, Error> {
        self.answer(if self.ours { files::all(&self.connection) } else { files::older(&self.connection) })
    }

    /// What is needed to go on reading a file.
    pub(crate) fn memory(&self, path: &str) -> Result<Memory, Error> {
        if self.ours { self.answer(files::memory(&self.connection, path)) } else { Ok(Memory::default()) }
    }

    /// The books.
    pub(crate) fn books(&self) -> Result<Books, Error> {
        if self.ours { self.answer(Books::read(&self.connection)) } else { Ok(Books::default()) }
    }

    /// Rows of the spool.
    pub(crate) fn spool(&self) -> Result<SpoolCounts, Error> {
        self.answer(spool::counts(&self.connection))
    }

    /// Refused, lost, and the latest few of both.
    pub(crate) fn quarantine(&self, few: u64) -> Result<(u64, u64, Vec<Quarantined>), Error> {
        if !self.ours {
            return Ok((0, 0, Vec::new()));
        }
        let (refused, lost) = self.answer(quarantine::counts(&self.connection))?;
        Ok((refused, lost, self.answer(quarantine::latest(&self.connection, few))?))
    }
}

fn uri(path: &Path, quiet: bool) -> String {
    use std::fmt::Write;
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(*byte)),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri.push_str(if quiet { "?mode=ro&immutable=1" } else { "?mode=ro" });
    uri
}
