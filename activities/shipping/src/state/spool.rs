//! Ranges that wait to be sent again. A row is a pointer: what it points at is read anew when its time has come.

use rusqlite::{Connection, OptionalExtension, params};

use super::values::{moment, stored, text, unsigned};
use super::{Database, quarantine, ranges};
use crate::engine::{Error, SpoolCounts};
use crate::session::SessionMetadata;
use crate::timestamp::Timestamp;

/// Retries after which a row is given up.
const MOST_RETRIES: u64 = 50;
/// What a wait doubles from.
const BASE_SECONDS: u64 = 5;
/// The longest wait.
const LONGEST_SECONDS: u64 = 3600;
/// So long a row that was given up rests before it is tried again by itself.
const REST_DAYS: i64 = 1;
/// So many are tried again at once.
const REVIVED_AT_ONCE: usize = 200;
/// So long a row stays whose source is gone.
const KEPT_DAYS: i64 = 7;
const DAY: i64 = 86_400 * 1_000_000;

/// A row that was given up: id, path, provider, when, range.
type Dead = (i64, String, String, i64, (u64, u64));

/// A row of the spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SpoolRow {
    pub(crate) id: i64,
    pub(crate) provider: String,
    pub(crate) path: String,
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// What was known of the session at the start; not where an older daemon made the row.
    pub(crate) metadata: Option<SessionMetadata>,
}

/// When a row is due again after so many failures: 10 s, 20 s, 40 s, up to an hour, each with up to a tenth more so that not all
/// machines come back at the same second.
pub(super) fn next_attempt(now: Timestamp, retries: u64, salt: u64) -> Timestamp {
    let exponent = u32::try_from(retries.min(20)).unwrap_or(20);
    let seconds = BASE_SECONDS.saturating_mul(2_u64.saturating_pow(exponent)).min(LONGEST_SECONDS);
    let micros = seconds * 1_000_000;
    let jitter = crate::upload::jitter::spread(salt ^ now.0.cast_unsigned(), micros / 10);
    Timestamp(now.0.saturating_add(stored(micros + jitter)))
}

/// Rows that wait.
pub(super) fn pending(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT COUNT(*) FROM spool_queue WHERE status = 'pending'")?
        .query_row([], |row| Ok(unsigned(row, 0)))
}

#[expect(clippy::too_many_arguments, reason = "the columns of a row")]
pub(super) fn insert(
    connection: &Connection,
    now: Timestamp,
    due: Timestamp,
    provider: &str,
    path: &str,
    (start, end): (u64, u64),
    metadata: Option<&SessionMetadata>,
    error: &str,
    session: Option<&str>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO spool_queue (provider, file_path, start_offset, end_offset, session_id, created_at, next_retry_at, last_error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![provider, path, stored(start), stored(end), session, moment(now), moment(due), error])?;
    if let Some(text) = metadata.and_then(|metadata| serde_json::to_string(metadata).ok()) {
        connection
            .prepare_cached("INSERT OR REPLACE INTO gantry_spool (id, metadata, metadata_offset) VALUES (?1, ?2, ?3)")?
            .execute(params![connection.last_insert_rowid(), text, stored(start)])?;
    }
    Ok(())
}

/// A row was tried in vain and the attempt counts.
pub(super) fn retry(connection: &Connection, now: Timestamp, id: i64, error: &str) -> rusqlite::Result<()> {
    let retries = connection
        .prepare_cached("SELECT retry_count FROM spool_queue WHERE id = ?1")?
        .query_row([id], |row| Ok(unsigned(row, 0)))
        .optional()?;
    // Another program may have taken the row away meanwhile.
    let Some(retries) = retries.map(|retries| retries.saturating_add(1)) else { return Ok(()) };
    if retries >= MOST_RETRIES {
        return give_up(connection, now, id, error);
    }
    let due = next_attempt(now, retries, id.cast_unsigned());
    connection
        .prepare_cached("UPDATE spool_queue SET retry_count = ?2, next_retry_at = ?3, last_error = ?4 WHERE id = ?1")?
        .execute(params![id, stored(retries), moment(due), error])?;
    Ok(())
}

/// The rows of a file, whatever became of them.
pub(super) fn rows_of(connection: &Connection, path: &str) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare_cached("SELECT id FROM spool_queue WHERE file_path = ?1")?
        .query_map([path], |row| row.get(0))?
        .collect()
}

/// Where a row starts now.
pub(super) fn start_of(connection: &Connection, id: i64) -> rusqlite::Result<Option<u64>> {
    connection
        .prepare_cached("SELECT start_offset FROM spool_queue WHERE id = ?1")?
        .query_row([id], |row| Ok(unsigned(row, 0)))
        .optional()
}

/// A row is given up for now.
pub(super) fn give_up(connection: &Connection, now: Timestamp, id: i64, error: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE spool_queue SET status = 'dead', last_error = ?2 WHERE id = ?1")?
        .execute(params![id, error])?;
    connection
        .prepare_cached("INSERT INTO gantry_spool (id, died_at) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET died_at = excluded.died_at")?
        .execute(params![id, now.0])?;
    Ok(())
}

/// A row is done.
pub(super) fn remove(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM spool_queue WHERE id = ?1")?.execute([id])?;
    connection.prepare_cached("DELETE FROM gantry_spool WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// A row from here on: what is before is settled.
pub(super) fn shrink(
    connection: &Connection,
    id: i64,
    start: u64,
    metadata: Option<&SessionMetadata>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE spool_queue SET start_offset = ?2 WHERE id = ?1")?
        .execute(params![id, stored(start)])?;
    let text = metadata.and_then(|metadata| serde_json::to_string(metadata).ok());
    connection
        .prepare_cached(
            "INSERT INTO gantry_spool (id, metadata, metadata_offset) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET metadata = excluded.metadata, metadata_offset = excluded.metadata_offset",
        )?
        .execute(params![id, text, stored(start)])?;
    Ok(())
}

impl Database {
    /// Rows whose time has come, those that have waited longest first. A time that no failure of ours could have set (a clock that was
    /// wrong, another program) counts as come.
    pub(crate) fn due(&self, now: Timestamp, limit: u64) -> Result<Vec<SpoolRow>, Error> {
        let far = Timestamp(now.0.saturating_add(2 * 1_000_000 * 3600));
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT s.id, s.provider, s.file_path, s.start_offset, s.end_offset, g.metadata, g.metadata_offset
                     FROM spool_queue s LEFT JOIN gantry_spool g ON g.id = s.id
                     WHERE s.status = 'pending' AND (s.next_retry_at <= ?1 OR s.next_retry_at > ?2)
                     ORDER BY s.next_retry_at, s.id LIMIT ?3",
                )?
                .query_map((moment(now), moment(far), stored(limit)), |row| {
                    let start = unsigned(row, 3);
                    let metadata = text(row, 5).filter(|_| unsigned(row, 6) == start);
                    Ok(SpoolRow {
                        id: row.get(0)?,
                        provider: text(row, 1).unwrap_or_default(),
                        path: text(row, 2).unwrap_or_default(),
                        start,
                        end: unsigned(row, 4),
                        metadata: metadata.and_then(|text| serde_json::from_str(&text).ok()),
                    })
                })?
                .collect()
        })
    }

    /// How many wait and how many were given up.
    pub(crate) fn spool_counts(&self) -> Result<SpoolCounts, Error> {
        self.read(counts)
    }

    /// Gives a row up: its source is gone or too short.
    pub(crate) fn give_up(&self, now: Timestamp, id: i64, error: &str) -> Result<(), Error> {
        self.write(|connection| give_up(connection, now, id, error))
    }

    /// Makes one row of rows that wait and touch or overlap, as an older daemon leaves them after each of its starts.
    pub(crate) fn coalesce(&self, is_document: &dyn Fn(&str) -> bool) -> Result<(), Error> {
        let rows: Vec<(i64, String, u64, u64)> = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT id, file_path, start_offset, end_offset FROM spool_queue WHERE status = 'pending' AND file_path IN
                     (SELECT file_path FROM spool_queue WHERE status = 'pending' GROUP BY file_path HAVING COUNT(*) > 1)
                     ORDER BY file_path, start_offset, id",
                )?
                .query_map([], |row| Ok((row.get(0)?, text(row, 1).unwrap_or_default(), unsigned(row, 2), unsigned(row, 3))))?
                .collect()
        })?;
        if rows.is_empty() {
            return Ok(());
        }
        self.write(|connection| {
            let mut kept: Option<(i64, String, u64)> = None;
            for (id, path, start, end) in rows {
                match &mut kept {
                    Some((first, of, until)) if *of == path && (start <= *until || is_document(&path)) => {
                        *until = end.max(*until);
                        connection.execute(
                            "UPDATE spool_queue SET end_offset = ?2,
                                 next_retry_at = MIN(next_retry_at, (SELECT next_retry_at FROM spool_queue WHERE id = ?3)),
                                 retry_count = MIN(retry_count, (SELECT retry_count FROM spool_queue WHERE id = ?3)) WHERE id = ?1",
                            params![*first, stored(*until), id],
                        )?;
                        remove(connection, id)?;
                    }
                    _ => kept = Some((id, path, end)),
                }
            }
            Ok(())
        })
    }

    /// Rows that were given up: those whose source is there are tried again after a day of rest (all of them at once when `rested` is
    /// false), those whose source is gone for a week leave the spool for the list of what was lost. Answers how many wait again.
    pub(crate) fn tend_dead(&self, now: Timestamp, rested: bool, exists: &dyn Fn(&str) -> bool) -> Result<u64, Error> {
        let dead: Vec<Dead> = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT s.id, s.file_path, s.provider, g.died_at, s.created_at, s.start_offset, s.end_offset
                     FROM spool_queue s LEFT JOIN gantry_spool g ON g.id = s.id WHERE s.status = 'dead' ORDER BY g.died_at, s.id",
                )?
                .query_map([], |row| {
                    let created = text(row, 4).and_then(|text| Timestamp::parse(&text));
                    let died = row.get::<_, Option<i64>>(3).ok().flatten().or(created.map(|at| at.0)).unwrap_or(0);
                    let (path, provider) = (text(row, 1).unwrap_or_default(), text(row, 2).unwrap_or_default());
                    Ok((row.get(0)?, path, provider, died, (unsigned(row, 5), unsigned(row, 6))))
                })?
                .collect()
        })?;
        if dead.is_empty() {
            return Ok(0);
        }
        self.write(|connection| {
            let mut revived = 0;
            for (id, path, provider, died, range) in dead {
                let age = now.0.saturating_sub(died);
                if exists(&path) {
                    if rested && (age < REST_DAYS * DAY || revived >= REVIVED_AT_ONCE) {
                        continue;
                    }
                    connection.execute(
                        "UPDATE spool_queue SET status = 'pending', retry_count = 0, next_retry_at = ?2 WHERE id = ?1",
                        params![id, moment(now)],
                    )?;
                    revived += 1;
                } else if age >= KEPT_DAYS * DAY {
                    quarantine::insert(
                        connection,
                        now,
                        &path,
                        &provider,
                        range,
                        "its source was gone for a week",
                        None,
                        quarantine::LOST,
                    )?;
                    remove(connection, id)?;
                    ranges::acknowledge(connection, &path)?;
                }
            }
            Ok(u64::try_from(revived).unwrap_or(u64::MAX))
        })
    }
}

/// How many wait and how many were given up.
pub(super) fn counts(connection: &Connection) -> rusqlite::Result<SpoolCounts> {
    let mut counts = SpoolCounts::default();
    let mut query = connection.prepare_cached("SELECT status, COUNT(*) FROM spool_queue GROUP BY status")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        match text(row, 0).as_deref() {
            Some("pending") => counts.pending = unsigned(row, 1),
            Some("dead") => counts.dead = unsigned(row, 1),
            _ => {}
        }
    }
    Ok(counts)
}
