//! Ranges that were queued and that no row accounts for: an older daemon died between two of its writes.

use rusqlite::Connection;

use super::values::{stored, text, unsigned};
use super::{Database, MOST_PENDING, ranges, spool};
use crate::engine::{Error, Recovery};
use crate::timestamp::Timestamp;

impl Database {
    /// Spools what of [acked, queued) is neither in an open row nor known as settled. A second call finds nothing.
    pub(crate) fn recover_gaps(&self, now: Timestamp, is_document: &dyn Fn(&str) -> bool) -> Result<Recovery, Error> {
        self.write(|connection| {
            let mut recovery = Recovery::default();
            for (path, provider, acked, queued) in behind(connection)? {
                recovery.gaps += 1;
                recovery.enqueued += close(connection, now, &path, &provider, (acked, queued), is_document(&path))?;
            }
            Ok(recovery)
        })
    }
}

type Behind = (String, String, u64, u64);

fn behind(connection: &Connection) -> rusqlite::Result<Vec<Behind>> {
    connection
        .prepare(
            "SELECT path, provider, acked_offset, queued_offset FROM file_state WHERE queued_offset > acked_offset",
        )?
        .query_map([], |row| {
            Ok((text(row, 0).unwrap_or_default(), text(row, 1).unwrap_or_default(), unsigned(row, 2), unsigned(row, 3)))
        })?
        .collect()
}

fn close(
    connection: &Connection,
    now: Timestamp,
    path: &str,
    provider: &str,
    (acked, queued): (u64, u64),
    document: bool,
) -> rusqlite::Result<u64> {
    let mut taken = ranges::open(connection, path)?;
    let gaps = if document {
        // Its offsets are times: there is no part of it.
        if taken.is_empty() { vec![(acked, queued)] } else { Vec::new() }
    } else {
        taken.extend(ranges::settled(connection, path)?);
        ranges::without(acked, queued, taken)
    };
    let mut enqueued = 0;
    for (start, end) in gaps {
        if spool::pending(connection)? >= MOST_PENDING {
            // No room for a row: what is behind the gap is read again instead, and servers drop what they have.
            connection.execute("UPDATE file_state SET queued_offset = ?2 WHERE path = ?1", (path, stored(start)))?;
            break;
        }
        spool::insert(connection, now, now, provider, path, (start, end), None, "found at the start of a run", None)?;
        enqueued += 1;
    }
    Ok(enqueued)
}
