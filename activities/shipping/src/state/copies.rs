//! Sources of which a copy is kept.

use super::values::{moment, stored, text};
use super::{Database, MOST_PENDING, ranges, spool};
use crate::engine::Error;
use crate::timestamp::Timestamp;

impl Database {
    /// A copy of this source is kept.
    pub(crate) fn note_copy(&self, path: &str, provider: &str) -> Result<(), Error> {
        self.write(|connection| {
            let row = (path, provider);
            connection.execute("INSERT OR REPLACE INTO gantry_copy (path, provider) VALUES (?1, ?2)", row).map(drop)
        })
    }

    /// All sources of which one is kept, with their providers.
    pub(crate) fn copies(&self) -> Result<Vec<(String, String)>, Error> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT path, provider FROM gantry_copy")?
                .query_map([], |row| Ok((text(row, 0).unwrap_or_default(), text(row, 1).unwrap_or_default())))?
                .collect()
        })
    }

    /// None is kept any more.
    pub(crate) fn forget_copy(&self, path: &str) -> Result<(), Error> {
        self.write(|connection| connection.execute("DELETE FROM gantry_copy WHERE path = ?1", [path]).map(drop))
    }

    /// Spools what was never read of a source that is gone, up to `end`; what is spooled already stays as it is.
    pub(crate) fn spool_rest(&self, path: &str, provider: &str, end: u64, now: Timestamp) -> Result<(), Error> {
        let position = self.file(path)?.unwrap_or_default().position();
        if position >= end {
            return Ok(());
        }
        self.write(|connection| {
            if spool::pending(connection)? >= MOST_PENDING {
                return Ok(());
            }
            connection.execute(
                "INSERT INTO file_state (path, provider, queued_offset, last_updated) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (path) DO UPDATE SET queued_offset = excluded.queued_offset",
                (path, provider, stored(end), moment(now)),
            )?;
            let why = "its source is gone; a copy was kept";
            spool::insert(connection, now, now, provider, path, (position, end), None, why, None)?;
            ranges::acknowledge(connection, path)
        })
    }
}
