//! Counting rows that the counters do not know yet: those of a file that another program wrote, and those behind the last
//! write of the counters when a process died.

use rusqlite::{Connection, Row, params};

use super::{
    StoreError,
    counters::{self, Table},
    counting::{Counted, count},
    schema::meta,
    writer::Writer,
};
use crate::timestamp;

/// Rows that are counted in one transaction.
const ROWS: usize = 5000;

/// A row as the counters need it, whoever wrote it.
struct Known {
    id: i64,
    texts: [String; 6],
    second: i64,
    at: i64,
    tokens: [i64; 4],
    cost_usd: f64,
}

impl Known {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let text = |column| row.get::<_, Option<String>>(column).map(Option::unwrap_or_default);
        let created_at = text(7)?;
        let second = timestamp::seconds(&created_at).unwrap_or_default();
        let happened = row.get::<_, Option<String>>(8)?;
        let at = happened.and_then(|text| timestamp::seconds(&text)).unwrap_or(second);
        let count = |column| row.get::<_, Option<f64>>(column).map(|count| whole(count.unwrap_or_default()));
        Ok(Self {
            id: row.get(0)?,
            texts: [text(1)?, text(2)?, text(3)?, text(4)?, text(5)?, text(6)?],
            second,
            at,
            tokens: [count(9)?, count(10)?, count(11)?, count(12)?],
            cost_usd: row.get::<_, Option<f64>>(13)?.filter(|cost| cost.is_finite()).unwrap_or_default(),
        })
    }

    fn counted(&self) -> Counted<'_> {
        let [session_id, agent_type, event_type, tool_name, model, source] = &self.texts;
        let [tokens_in, tokens_out, ..] = self.tokens;
        Counted {
            id: self.id,
            session_id,
            agent_type,
            event_type,
            tool_name,
            model,
            source,
            second: self.second,
            at: self.at,
            tokens_in,
            tokens_out,
            cost_usd: self.cost_usd,
            carries_usage: self.cost_usd > 0.0 || self.tokens.iter().any(|tokens| *tokens > 0),
        }
    }
}

/// A column of whole numbers can hold others in a file of another program.
fn whole(count: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "out of range it is the nearest, which is meant")]
    let count = count as i64;
    count
}

impl Writer {
    /// Finds out how far the counters are.
    pub(super) fn measure(&mut self) -> Result<(), StoreError> {
        let counted = meta(&self.connection, "counted")?.unwrap_or_default();
        let mut tail = self.shared.tail.lock();
        let last: i64 = self.connection.query_row("SELECT COALESCE(MAX(id), 0) FROM events", [], |row| row.get(0))?;
        tail.base = counted;
        tail.last = counted;
        tail.whole = counted >= last;
        Ok(())
    }

    /// Counts the next rows; what fails now is tried again.
    pub(super) fn catch_up(&mut self) {
        let base = self.shared.tail.lock().base;
        match chunk(&self.connection, base) {
            Ok((end, rows)) => {
                let mut tail = self.shared.tail.lock();
                tail.base = end;
                tail.last = end;
                tail.whole = rows < ROWS;
            }
            Err(error) => {
                tracing::debug!(%error, "counting goes on later");
                // Not again at once: a disk that is full stays so for a while.
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        }
    }
}

fn chunk(connection: &Connection, base: i64) -> rusqlite::Result<(i64, usize)> {
    let transaction = connection.unchecked_transaction()?;
    let (mut table, mut key, mut end, mut rows) = (Table::default(), Vec::new(), base, 0);
    {
        let mut statement = transaction.prepare_cached(
            "SELECT id, session_id, agent_type, event_type, tool_name, model, source, created_at, client_timestamp,
               tokens_in, tokens_out, cache_read_tokens, cache_write_tokens, cost_usd
             FROM events WHERE id > ?1 ORDER BY id LIMIT ?2",
        )?;
        let mut found = statement.query(params![base, i64::try_from(ROWS).unwrap_or(i64::MAX)])?;
        while let Some(row) = found.next()? {
            let row = Known::read(row)?;
            count(&transaction, &mut table, &mut key, &row.counted())?;
            end = row.id;
            rows += 1;
        }
    }
    counters::write(&transaction, &[&table], end)?;
    transaction.commit()?;
    Ok((end, rows))
}

/// Compares the counters with the rows; where they differ they are forgotten, and built anew by and by.
pub(super) fn verify(writer: &mut Writer) -> Result<bool, StoreError> {
    writer.write_counters();
    if !writer.shared.tail.lock().whole {
        return Ok(false);
    }
    let connection = &writer.connection;
    let rows = "SELECT COUNT(*), MIN(TOTAL(tokens_in), 1e18), MIN(TOTAL(tokens_out), 1e18), TOTAL(cost_usd) FROM events
        WHERE NOT (agent_type = 'codex' AND source = 'otel')";
    let live = "SELECT COUNT(*) FROM events WHERE agent_type = 'codex' AND source = 'otel'";
    let counted =
        "SELECT COALESCE(SUM(events), 0), MIN(TOTAL(tokens_in), 1e18), MIN(TOTAL(tokens_out), 1e18), TOTAL(cost_usd)
        FROM gantry_counters WHERE span = 0";
    let remembered = "SELECT TOTAL(tokens_in), TOTAL(tokens_out), TOTAL(cost_usd) FROM gantry_codex_otel";
    let four = |row: &Row<'_>| {
        Ok([row.get::<_, f64>(0)?, row.get::<_, f64>(1)?, row.get::<_, f64>(2)?, row.get::<_, f64>(3)?])
    };
    let mut expected = connection.query_row(rows, [], four)?;
    let live = connection.query_row(live, [], |row| row.get::<_, f64>(0))?;
    // Of codex rows that came live only those count that no import took the place of.
    let kept = connection.query_row(remembered, [], |row| Ok([live, row.get(0)?, row.get(1)?, row.get(2)?]))?;
    for (expected, kept) in expected.iter_mut().zip(kept) {
        *expected += kept;
    }
    let found = connection.query_row(counted, [], four)?;
    let same =
        expected.iter().zip(found).all(|(expected, found)| (expected - found).abs() <= expected.abs() * 1e-9 + 1e-6);
    if !same {
        tracing::warn!(?expected, ?found, "the counters differ from the rows and are built anew");
        let transaction = connection.unchecked_transaction()?;
        counters::forget(&transaction)?;
        transaction.commit()?;
        let mut tail = writer.shared.tail.lock();
        *tail = counters::Tail::default();
    }
    Ok(!same)
}
