//! What the counters say: those of the file, by the largest buckets that fit, and those in memory.

use rusqlite::{Connection, Row, params};

use super::{
    StoreError,
    counters::{DAY, HOUR, Key, SharedTail, Sums},
    schema::meta,
};

/// The counters in memory that belong to what a transaction sees of the file.
pub(super) enum Snapshot {
    /// There are counters; these stand in memory.
    Counted(Vec<(Key, Sums)>),
    /// The counters are being built: the rows themselves must be counted.
    NotYet,
}

/// Takes the counters in memory; `None` when the file and they are of two moments, so that the transaction must begin anew.
pub(super) fn snapshot(connection: &Connection, tail: &SharedTail) -> Result<Option<Snapshot>, StoreError> {
    let counted = meta(connection, "counted")?.unwrap_or_default();
    let tail = tail.lock();
    if !tail.whole {
        return Ok(Some(Snapshot::NotYet));
    }
    let in_memory = || tail.table.iter().filter_map(|(key, sums)| Some((Key::decode(key)?, *sums))).collect();
    Ok((tail.base == counted).then(|| Snapshot::Counted(in_memory())))
}

/// Calls back for all counters of rows stored at or after `since`, seconds since 1970; for all when it is absent. Whether
/// there are counters.
pub(super) fn each(
    connection: &Connection,
    snapshot: &Snapshot,
    since: Option<i64>,
    mut found: impl FnMut(&Key, &Sums),
) -> Result<bool, StoreError> {
    let Snapshot::Counted(in_memory) = snapshot else { return Ok(false) };
    for (key, sums) in in_memory.iter().filter(|(key, _)| since.is_none_or(|since| key.second >= since)) {
        found(key, sums);
    }
    match since {
        None => range(connection, 0, 0, i64::MAX, &mut found)?,
        Some(since) => {
            let day = next(since, DAY);
            let hour = next(since, HOUR);
            range(connection, 1, since, hour, &mut found)?;
            range(connection, HOUR, hour, day, &mut found)?;
            range(connection, DAY, day, i64::MAX, &mut found)?;
        }
    }
    Ok(true)
}

/// The first multiple at or after.
fn next(second: i64, span: i64) -> i64 {
    second.saturating_add(span - 1).div_euclid(span).saturating_mul(span)
}

fn range(
    connection: &Connection,
    span: i64,
    from: i64,
    to: i64,
    found: &mut impl FnMut(&Key, &Sums),
) -> Result<(), StoreError> {
    if from >= to {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(
        "SELECT agent_type, event_type, tool_name, model, SUM(events), TOTAL(tokens_in), TOTAL(tokens_out), TOTAL(cost_usd)
         FROM gantry_counters WHERE span = ?1 AND bucket >= ?2 AND bucket < ?3
         GROUP BY agent_type, event_type, tool_name, model",
    )?;
    let mut rows = statement.query(params![span, from, to])?;
    while let Some(row) = rows.next()? {
        let (key, sums) = read(row)?;
        found(&key, &sums);
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<(Key, Sums)> {
    let total = |column| row.get::<_, f64>(column);
    #[expect(clippy::cast_possible_truncation, reason = "sums are bounded far below the end of whole numbers")]
    let (tokens_in, tokens_out) = (total(5)? as i64, total(6)? as i64);
    let key =
        Key { second: 0, agent_type: row.get(0)?, event_type: row.get(1)?, tool_name: row.get(2)?, model: row.get(3)? };
    Ok((key, Sums { events: row.get(4)?, tokens_in, tokens_out, cost_usd: total(7)? }))
}
