//! Ranges of a file: what is left when some are taken out, and what is kept of those beyond the acknowledged offset.

use rusqlite::{Connection, OptionalExtension};

use super::values::{stored, unsigned};

/// `[start, end)` without any of `taken`, in order. `taken` may overlap and be in any order.
pub(super) fn without(start: u64, end: u64, mut taken: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    taken.sort_unstable();
    let mut left = Vec::new();
    let mut at = start;
    for (from, to) in taken {
        if from >= end {
            break;
        }
        if from > at {
            left.push((at, from));
        }
        at = at.max(to);
    }
    if at < end {
        left.push((at, end));
    }
    left
}

/// Rows of the spool that hold a file's acknowledged offset back.
const OPEN: &str = "file_path = ?1 AND status IN ('pending', 'dead')";

/// Where the first open row of a file starts.
pub(super) fn first_open(connection: &Connection, path: &str) -> rusqlite::Result<Option<u64>> {
    connection
        .prepare_cached(&format!("SELECT start_offset FROM spool_queue WHERE {OPEN} ORDER BY start_offset LIMIT 1"))?
        .query_row([path], |row| Ok(unsigned(row, 0)))
        .optional()
}

/// The open rows of a file.
pub(super) fn open(connection: &Connection, path: &str) -> rusqlite::Result<Vec<(u64, u64)>> {
    pairs(connection, &format!("SELECT start_offset, end_offset FROM spool_queue WHERE {OPEN}"), path)
}

/// The settled ranges of a file beyond its acknowledged offset.
pub(super) fn settled(connection: &Connection, path: &str) -> rusqlite::Result<Vec<(u64, u64)>> {
    pairs(connection, "SELECT start, end FROM gantry_range WHERE path = ?1", path)
}

fn pairs(connection: &Connection, query: &str, path: &str) -> rusqlite::Result<Vec<(u64, u64)>> {
    connection.prepare_cached(query)?.query_map([path], |row| Ok((unsigned(row, 0), unsigned(row, 1))))?.collect()
}

/// Remembers that a range is settled although something before it is not.
pub(super) fn settle(connection: &Connection, path: &str, start: u64, end: u64) -> rusqlite::Result<()> {
    // A neighbour grows, so that a long run behind one open row stays one row.
    let grown = connection
        .prepare_cached("UPDATE OR REPLACE gantry_range SET end = ?3 WHERE path = ?1 AND end = ?2")?
        .execute((path, stored(start), stored(end)))?;
    if grown == 0 {
        connection
            .prepare_cached("INSERT OR IGNORE INTO gantry_range (path, start, end) VALUES (?1, ?2, ?3)")?
            .execute((path, stored(start), stored(end)))?;
    }
    Ok(())
}

/// Brings a file's acknowledged offset to where it belongs, and forgets the ranges that it has passed.
pub(super) fn acknowledge(connection: &Connection, path: &str) -> rusqlite::Result<()> {
    let open = first_open(connection, path)?;
    connection
        .prepare_cached(
            "UPDATE file_state SET acked_offset = MIN(queued_offset, COALESCE(?2, queued_offset)) WHERE path = ?1",
        )?
        .execute((path, open.map(stored)))?;
    connection
        .prepare_cached(
            "DELETE FROM gantry_range WHERE path = ?1 AND end <= (SELECT acked_offset FROM file_state WHERE path = ?1)",
        )?
        .execute([path])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn what_is_taken_out_leaves_the_rest_in_order() {
        assert_eq!(without(0, 10, vec![]), [(0, 10)]);
        assert_eq!(without(0, 10, vec![(5, 7), (0, 2), (1, 3)]), [(3, 5), (7, 10)]);
        assert_eq!(without(4, 10, vec![(0, 20)]), []);
        assert_eq!(without(4, 10, vec![(12, 20), (0, 2)]), [(4, 10)]);
        assert_eq!(without(5, 5, vec![]), []);
    }
}
