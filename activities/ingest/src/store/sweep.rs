//! Sessions in which nothing happened become idle, and end.

use rusqlite::{Connection, params};

use super::{Notice, StoreError, Swept, writer::Writer};
use crate::timestamp::to_sqlite;

fn before(now: i64, minutes: u64) -> String {
    to_sqlite(now.saturating_sub(i64::try_from(minutes.saturating_mul(60)).unwrap_or(now)))
}

/// Whether a sweep would do something.
pub(super) fn is_due(connection: &Connection, minutes: u64, now: i64) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sessions WHERE status = 'active' AND last_event_at < ?1)
            OR EXISTS (SELECT 1 FROM sessions WHERE status = 'idle' AND last_event_at < ?2)";
    let values = params![before(now, minutes), before(now, minutes.saturating_mul(2))];
    Ok(connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?)
}

/// Active sessions without an event for the time-out become idle, idle ones without for twice that end: in this order, so
/// that one that was left alone for long does both.
pub(super) fn sweep(writer: &mut Writer, now: i64) -> Result<Swept, StoreError> {
    let minutes = writer.settings.timeouts.session_minutes;
    let connection = &writer.connection;
    if !is_due(connection, minutes, now)? {
        return Ok(Swept::default());
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let idled = connection
        .prepare_cached("UPDATE sessions SET status = 'idle' WHERE status = 'active' AND last_event_at < ?1")?
        .execute([before(now, minutes)])?;
    let ended = connection
        .prepare_cached(
            "UPDATE sessions SET status = 'ended', ended_at = ?2 WHERE status = 'idle' AND last_event_at < ?1",
        )?
        .execute([before(now, minutes.saturating_mul(2)), to_sqlite(now)])?;
    connection.execute_batch("COMMIT")?;
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let swept = Swept { idled: count(idled), ended: count(ended) };
    if swept != Swept::default() {
        writer.shared.listeners.tell(&Notice::Swept(swept));
    }
    Ok(swept)
}
