//! What is known of each file.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row};

use super::Database;
use super::values::{bytes, signed, stored, text, unsigned};
use crate::engine::Error;
use crate::engine::identity::{Fingerprint, Identity};
use crate::session::SessionMetadata;
use crate::timestamp::Timestamp;

/// Offsets of a file and what the file was when they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileRow {
    /// Its provider, as the state names it.
    pub(crate) provider: String,
    /// Read up to here.
    pub(crate) queued: u64,
    /// Taken by the server up to here.
    pub(crate) acked: u64,
    /// What it was; `None` where only an older daemon has seen it.
    pub(crate) identity: Option<Identity>,
    /// Its project was one that is not shipped, by the globs of this mark.
    pub(crate) excluded: Option<u64>,
}

impl FileRow {
    /// Where reading goes on.
    pub(crate) fn position(&self) -> u64 {
        self.queued.max(self.acked)
    }
}

/// What only whoever reads the file needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Fingerprints of what was read.
    pub(crate) fingerprint: Option<Fingerprint>,
    /// Metadata of the session, with the offset that they belong to.
    pub(crate) metadata: Option<(u64, SessionMetadata)>,
    /// When it was last modified as it was first seen.
    pub(crate) first_seen: Option<Timestamp>,
}

/// A metadata offset below 0 marks a file of a project that is not shipped, and by which globs.
fn excluded(metadata_offset: i64) -> Option<u64> {
    (metadata_offset < 0).then(|| (metadata_offset + 1).unsigned_abs())
}

const COLUMNS: &str = "f.path, f.provider, f.queued_offset, f.acked_offset, g.device, g.inode, g.birth, g.mtime, g.size, \
                       g.metadata_offset, g.inode IS NOT NULL";

fn row(row: &Row<'_>) -> (String, FileRow) {
    let file = FileRow {
        provider: text(row, 1).unwrap_or_default(),
        queued: unsigned(row, 2),
        acked: unsigned(row, 3),
        identity: (signed(row, 10) != 0).then(|| identity(row, 4)),
        excluded: excluded(signed(row, 9)),
    };
    (text(row, 0).unwrap_or_default(), file)
}

fn identity(row: &Row<'_>, first: usize) -> Identity {
    Identity {
        device: signed(row, first).cast_unsigned(),
        inode: signed(row, first + 1).cast_unsigned(),
        birth: signed(row, first + 2),
        modified: signed(row, first + 3),
        bytes: unsigned(row, first + 4),
    }
}

/// All files, by path.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<HashMap<String, FileRow>> {
    let query = format!("SELECT {COLUMNS} FROM file_state f LEFT JOIN gantry_file g ON g.path = f.path");
    connection.prepare(&query)?.query_map([], |found| Ok(row(found)))?.collect()
}

/// The same of a database without our tables.
pub(super) fn older(connection: &Connection) -> rusqlite::Result<HashMap<String, FileRow>> {
    let query =
        "SELECT path, provider, queued_offset, acked_offset, NULL, NULL, NULL, NULL, NULL, NULL, 0 FROM file_state";
    connection.prepare(query)?.query_map([], |found| Ok(row(found)))?.collect()
}

/// Writes what a file is at an offset.
pub(super) fn remember(
    connection: &Connection,
    path: &str,
    identity: &Identity,
    fingerprint: Option<&Fingerprint>,
    metadata: Option<(u64, &SessionMetadata)>,
) -> rusqlite::Result<()> {
    let text = metadata.and_then(|(_, metadata)| serde_json::to_string(metadata).ok());
    connection
        .prepare_cached(
            "INSERT INTO gantry_file (path, device, inode, birth, mtime, size, head_length, head, tail_offset, tail, metadata,
                                      metadata_offset, first_seen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (path) DO UPDATE SET device = excluded.device, inode = excluded.inode, birth = excluded.birth,
                mtime = excluded.mtime, size = excluded.size, head_length = COALESCE(excluded.head_length, head_length),
                head = COALESCE(excluded.head, head), tail_offset = COALESCE(excluded.tail_offset, tail_offset),
                tail = COALESCE(excluded.tail, tail), metadata = COALESCE(excluded.metadata, metadata),
                metadata_offset = COALESCE(excluded.metadata_offset, metadata_offset),
                first_seen = COALESCE(first_seen, excluded.first_seen)",
        )?
        .execute(rusqlite::params![
            path,
            identity.device.cast_signed(),
            identity.inode.cast_signed(),
            identity.birth,
            identity.modified,
            stored(identity.bytes),
            fingerprint.map(|print| stored(print.head_length)),
            fingerprint.map(|print| &print.head),
            fingerprint.map(|print| stored(print.offset)),
            fingerprint.map(|print| &print.tail),
            text,
            metadata.map(|(offset, _)| stored(offset)),
            identity.modified / 1000,
        ])?;
    Ok(())
}

fn track(connection: &Connection, path: &str, provider: &str, now: Timestamp) -> rusqlite::Result<()> {
    let row = (path, provider, super::values::moment(now));
    connection
        .execute("INSERT OR IGNORE INTO file_state (path, provider, last_updated) VALUES (?1, ?2, ?3)", row)
        .map(drop)
}

impl Database {
    /// All files, in one query.
    pub(crate) fn files(&self) -> Result<HashMap<String, FileRow>, Error> {
        self.read(all)
    }

    /// One file.
    pub(crate) fn file(&self, path: &str) -> Result<Option<FileRow>, Error> {
        let query =
            format!("SELECT {COLUMNS} FROM file_state f LEFT JOIN gantry_file g ON g.path = f.path WHERE f.path = ?1");
        self.read(|connection| {
            connection.prepare_cached(&query)?.query_row([path], |found| Ok(row(found).1)).optional()
        })
    }

    /// What is needed to go on reading a file.
    pub(crate) fn memory(&self, path: &str) -> Result<Memory, Error> {
        self.read(|connection| memory(connection, path))
    }

    /// Files that are looked at for the first time: their time of modification now is what lines without a time get for ever.
    pub(crate) fn first_sight(&self, files: &[(String, Identity)]) -> Result<(), Error> {
        if files.is_empty() {
            return Ok(());
        }
        self.write(|connection| {
            let mut insert =
                connection.prepare_cached("INSERT OR IGNORE INTO gantry_file (path, first_seen) VALUES (?1, ?2)")?;
            for (path, identity) in files {
                insert.execute((path, identity.modified / 1000))?;
            }
            Ok(())
        })
    }

    /// A file that was looked at up to its end without anything new to ship: it is not opened again before it changes.
    pub(crate) fn same_again(
        &self,
        path: &str,
        provider: &str,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.write(|connection| {
            track(connection, path, provider, now)?;
            remember(connection, path, identity, None, None)
        })
    }

    /// A file of a project that is not shipped: it is not read again while that holds.
    pub(crate) fn exclude(
        &self,
        path: &str,
        provider: &str,
        identity: &Identity,
        metadata: &SessionMetadata,
        mark: u64,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.write(|connection| {
            track(connection, path, provider, now)?;
            remember(connection, path, identity, None, Some((0, metadata)))?;
            let mark = -1 - stored(mark);
            connection.execute("UPDATE gantry_file SET metadata_offset = ?2 WHERE path = ?1", (path, mark)).map(drop)
        })
    }

    /// Paths whose file was the same one as this: candidates for a rename.
    pub(crate) fn paths_of(&self, identity: &Identity) -> Result<Vec<String>, Error> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT path FROM gantry_file WHERE inode = ?1 AND device = ?2 AND head IS NOT NULL LIMIT 16",
                )?
                .query_map((identity.inode.cast_signed(), identity.device.cast_signed()), |row| {
                    Ok(text(row, 0).unwrap_or_default())
                })?
                .collect()
        })
    }
}

pub(super) fn memory(connection: &Connection, path: &str) -> rusqlite::Result<Memory> {
    let query = "SELECT head_length, head, tail_offset, tail, metadata, metadata_offset, first_seen FROM gantry_file WHERE path = ?1";
    let found = connection.prepare_cached(query)?.query_row([path], |row| {
        let fingerprint = match (bytes(row, 1), bytes(row, 3)) {
            (Some(head), Some(tail)) => {
                Some(Fingerprint { head_length: unsigned(row, 0), head, offset: unsigned(row, 2), tail })
            }
            _ => None,
        };
        let metadata = text(row, 4).and_then(|text| serde_json::from_str(&text).ok());
        let first_seen = Some(Timestamp(signed(row, 6))).filter(|at| at.0 != 0);
        Ok(Memory { fingerprint, metadata: metadata.map(|metadata| (unsigned(row, 5), metadata)), first_seen })
    });
    Ok(found.optional()?.unwrap_or_default())
}
