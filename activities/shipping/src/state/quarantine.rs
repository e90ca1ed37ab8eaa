//! Lines and ranges that no server will take as they are, and those that are lost.

use rusqlite::{Connection, params};

use super::values::{signed, stored, text, unsigned};
use super::{Database, MOST_PENDING, ranges, spool};
use crate::engine::{Error, Quarantined};
use crate::timestamp::Timestamp;

/// A server refused it; it can be spooled again.
pub(super) const REFUSED: &str = "refused";
/// It is no JSON object: nothing was sent of it.
pub(super) const UNUSABLE: &str = "unusable";
/// Its source was gone or changed before a server had it.
pub(super) const LOST: &str = "lost";

/// So many unusable lines of one file are listed.
const UNUSABLE_LISTED: u64 = 100;

#[expect(clippy::too_many_arguments, reason = "the columns of a row")]
pub(super) fn insert(
    connection: &Connection,
    now: Timestamp,
    path: &str,
    provider: &str,
    (start, end): (u64, u64),
    reason: &str,
    status: Option<u16>,
    state: &str,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO gantry_quarantine (path, provider, start, end, reason, status_code, created_at, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![path, provider, stored(start), stored(end), reason, status, now.0, state])?;
    Ok(())
}

/// Lists unusable lines, up to a bound for each file.
pub(super) fn unusable(
    connection: &Connection,
    now: Timestamp,
    path: &str,
    provider: &str,
    lines: &[(u64, u64, &'static str)],
) -> rusqlite::Result<()> {
    let listed = connection
        .prepare_cached("SELECT COUNT(*) FROM gantry_quarantine WHERE path = ?1 AND state = 'unusable'")?
        .query_row([path], |row| Ok(unsigned(row, 0)))?;
    let room = usize::try_from(UNUSABLE_LISTED.saturating_sub(listed)).unwrap_or(0);
    for (start, end, reason) in lines.iter().take(room) {
        insert(connection, now, path, provider, (*start, *end), reason, None, UNUSABLE)?;
    }
    Ok(())
}

/// What was refused and is now taken leaves the list.
pub(super) fn taken(connection: &Connection, path: &str, start: u64, end: u64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM gantry_quarantine WHERE path = ?1 AND start >= ?2 AND end <= ?3 AND state = 'refused'",
        )?
        .execute(params![path, stored(start), stored(end)])?;
    Ok(())
}

/// How many are refused or unusable, and how many are lost.
pub(super) fn counts(connection: &Connection) -> rusqlite::Result<(u64, u64)> {
    connection
        .prepare_cached("SELECT COUNT(*) FILTER (WHERE state <> 'lost'), COUNT(*) FILTER (WHERE state = 'lost') FROM gantry_quarantine")?
        .query_row([], |row| Ok((unsigned(row, 0), unsigned(row, 1))))
}

/// The latest few.
pub(super) fn latest(connection: &Connection, few: u64) -> rusqlite::Result<Vec<Quarantined>> {
    connection
        .prepare_cached(
            "SELECT path, start, end, reason, status_code, state, created_at FROM gantry_quarantine ORDER BY id DESC LIMIT ?1",
        )?
        .query_map([stored(few)], |row| {
            Ok(Quarantined {
                path: text(row, 0).unwrap_or_default(),
                start: unsigned(row, 1),
                end: unsigned(row, 2),
                reason: text(row, 3).unwrap_or_default(),
                status: u16::try_from(unsigned(row, 4)).ok().filter(|status| *status != 0),
                lost: text(row, 5).as_deref() == Some(LOST),
                at: Timestamp(signed(row, 6)),
            })
        })?
        .collect()
}

impl Database {
    /// Refused ranges are spooled again, as many as the spool has room for. Answers how many.
    pub(crate) fn revive_refused(&self, now: Timestamp) -> Result<u64, Error> {
        self.write(|connection| {
            let room = MOST_PENDING.saturating_sub(spool::pending(connection)?);
            let rows: Vec<(i64, String, String, u64, u64)> = connection
                .prepare("SELECT id, path, provider, start, end FROM gantry_quarantine WHERE state = 'refused' ORDER BY id LIMIT ?1")?
                .query_map([stored(room)], |row| {
                    let (path, provider) = (text(row, 1).unwrap_or_default(), text(row, 2).unwrap_or_default());
                    Ok((row.get(0)?, path, provider, unsigned(row, 3), unsigned(row, 4)))
                })?
                .collect::<Result<_, _>>()?;
            let mut revived = 0;
            for (id, path, provider, start, end) in rows {
                // What is behind the range is settled, also where the row now holds the acknowledged offset back.
                let acked = connection
                    .prepare_cached("SELECT acked_offset, queued_offset FROM file_state WHERE path = ?1")?
                    .query_map([&path], |row| Ok((unsigned(row, 0), unsigned(row, 1))))?
                    .next()
                    .transpose()?;
                if let Some((acked, _)) = acked.filter(|(acked, _)| *acked > end) {
                    ranges::settle(connection, &path, end, acked)?;
                }
                spool::insert(connection, now, now, &provider, &path, (start, end), None, "brought back from quarantine", None)?;
                connection.execute("DELETE FROM gantry_quarantine WHERE id = ?1", [id])?;
                ranges::acknowledge(connection, &path)?;
                revived += 1;
            }
            Ok(revived)
        })
    }
}
