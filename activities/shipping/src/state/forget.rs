//! Offsets that no longer mean anything, on purpose or because the file is another one.

use rusqlite::{Connection, params};

use super::values::{moment, unsigned};
use super::{Database, quarantine};
use crate::engine::Error;
use crate::timestamp::Timestamp;

impl Database {
    /// Forgets everything. Answers how many files were known.
    pub(crate) fn forget_all(&self) -> Result<u64, Error> {
        self.write(|connection| {
            let files = connection.query_row("SELECT COUNT(*) FROM file_state", [], |row| Ok(unsigned(row, 0)))?;
            for table in ["file_state", "spool_queue", "gantry_range", "gantry_spool", "gantry_quarantine"] {
                connection.execute(&format!("DELETE FROM {table}"), [])?;
            }
            // The time of the first look stays: without it, lines without a time would be other events than before.
            connection.execute(FORGET_PRINTS, [])?;
            Ok(files)
        })
    }

    /// Forgets one file. Answers whether it was known.
    pub(crate) fn forget(&self, path: &str, now: Timestamp) -> Result<bool, Error> {
        self.write(|connection| {
            connection.execute("DELETE FROM gantry_quarantine WHERE path = ?1", [path])?;
            start_anew(connection, path, now)
        })
    }

    /// A file whose content before its offset is no longer what was read: it starts anew, and what of the old content waited in the
    /// spool goes to the list of what was lost. Answers how many ranges that were.
    pub(crate) fn source_changed(&self, path: &str, provider: &str, now: Timestamp, why: &str) -> Result<u64, Error> {
        self.write(|connection| {
            let open = super::ranges::open(connection, path)?;
            for range in &open {
                quarantine::insert(connection, now, path, provider, *range, why, None, quarantine::LOST)?;
            }
            // What was refused of the old content cannot be read again either.
            connection
                .execute("UPDATE gantry_quarantine SET state = 'lost' WHERE path = ?1 AND state = 'refused'", [path])?;
            connection.execute("DELETE FROM gantry_quarantine WHERE path = ?1 AND state = 'unusable'", [path])?;
            start_anew(connection, path, now)?;
            Ok(u64::try_from(open.len()).unwrap_or(u64::MAX))
        })
    }

    /// A file that has another name now: everything that is known of it goes with it.
    pub(crate) fn renamed(&self, from: &str, to: &str, now: Timestamp) -> Result<(), Error> {
        self.write(|connection| {
            for (table, column) in [
                ("file_state", "path"),
                ("spool_queue", "file_path"),
                ("gantry_file", "path"),
                ("gantry_range", "path"),
                ("gantry_quarantine", "path"),
            ] {
                if table != "spool_queue" {
                    connection.execute(&format!("DELETE FROM {table} WHERE {column} = ?1"), [to])?;
                }
                connection.execute(&format!("UPDATE {table} SET {column} = ?2 WHERE {column} = ?1"), [from, to])?;
            }
            connection
                .execute("UPDATE file_state SET last_updated = ?2 WHERE path = ?1", params![to, moment(now)])
                .map(drop)
        })
    }
}

const FORGET_PRINTS: &str = "UPDATE gantry_file SET device = NULL, inode = NULL, birth = NULL, mtime = NULL, size = NULL, \
                             head_length = NULL, head = NULL, tail_offset = NULL, tail = NULL, metadata = NULL, metadata_offset = NULL";

fn start_anew(connection: &Connection, path: &str, now: Timestamp) -> rusqlite::Result<bool> {
    connection
        .execute("DELETE FROM gantry_spool WHERE id IN (SELECT id FROM spool_queue WHERE file_path = ?1)", [path])?;
    connection.execute("DELETE FROM spool_queue WHERE file_path = ?1", [path])?;
    connection.execute("DELETE FROM gantry_range WHERE path = ?1", [path])?;
    connection.execute(&format!("{FORGET_PRINTS} WHERE path = ?1"), [path])?;
    let known = connection.execute(
        "UPDATE file_state SET queued_offset = 0, acked_offset = 0, last_updated = ?2 WHERE path = ?1",
        params![path, moment(now)],
    )?;
    Ok(known > 0)
}
