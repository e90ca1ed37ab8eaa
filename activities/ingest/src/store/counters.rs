//! Counts and sums by agent, type, tool and model: all, by day, by hour, by second. What was committed since they were last
//! written to the file stands in memory; how far the file's go is written with them, so that the rest can be counted again
//! after a crash.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, params};

use super::schema::set_meta;

/// The sums stay far from where whole numbers end.
const LARGEST: i64 = 1 << 60;

/// How long a bucket is, in seconds; 0 for all time.
pub(super) const SPANS: [i64; 4] = [0, DAY, HOUR, 1];
pub(super) const DAY: i64 = 86_400;
pub(super) const HOUR: i64 = 3600;

/// What the counters go by. An absent tool or model is empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) second: i64,
    pub(super) agent_type: String,
    pub(super) event_type: String,
    pub(super) tool_name: String,
    pub(super) model: String,
}

impl Key {
    /// Appends it as bytes, which are compared and hashed in one go.
    pub(super) fn encode(second: i64, parts: [&str; 4], out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&second.to_le_bytes());
        for part in parts {
            out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
            out.extend_from_slice(part.as_bytes());
        }
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (second, mut rest) = bytes.split_first_chunk::<8>()?;
        let mut part = || {
            let (length, tail) = rest.split_first_chunk::<4>()?;
            let (text, tail) = tail.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
            rest = tail;
            String::from_utf8(text.to_vec()).ok()
        };
        Some(Self {
            second: i64::from_le_bytes(*second),
            agent_type: part()?,
            event_type: part()?,
            tool_name: part()?,
            model: part()?,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sums {
    pub(super) events: i64,
    pub(super) tokens_in: i64,
    pub(super) tokens_out: i64,
    pub(super) cost_usd: f64,
}

impl Sums {
    pub(super) fn add(&mut self, other: &Self) {
        let bounded = |left: i64, right: i64| left.saturating_add(right).clamp(-LARGEST, LARGEST);
        self.events = bounded(self.events, other.events);
        self.tokens_in = bounded(self.tokens_in, other.tokens_in);
        self.tokens_out = bounded(self.tokens_out, other.tokens_out);
        self.cost_usd = (self.cost_usd + other.cost_usd).clamp(f64::MIN, f64::MAX);
    }
}

/// Sums by encoded [`Key`].
pub(super) type Table = HashMap<Vec<u8>, Sums, foldhash::fast::RandomState>;

/// Adds to the sums of a key.
pub(super) fn add(table: &mut Table, key: &[u8], sums: &Sums) {
    match table.get_mut(key) {
        Some(known) => known.add(sums),
        None => {
            table.insert(key.to_vec(), *sums);
        }
    }
}

/// What is committed and not yet in the table of the file.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// The last id that is in the table of the file.
    pub(super) base: i64,
    /// The last id that is in here.
    pub(super) last: i64,
    pub(super) events: usize,
    pub(super) table: Table,
    /// Whether the counters are whole; while they are built the rows themselves are counted.
    pub(super) whole: bool,
}

/// The tail, shared between the writer and those who read.
#[derive(Debug, Default)]
pub(super) struct SharedTail(Mutex<Tail>);

impl SharedTail {
    pub(super) fn lock(&self) -> MutexGuard<'_, Tail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds sums to the table of the file, which then goes up to `last`.
pub(super) fn write(connection: &Connection, tables: &[&Table], last: i64) -> rusqlite::Result<()> {
    let mut buckets: HashMap<(i64, i64, &[u8]), Sums, foldhash::fast::RandomState> = HashMap::default();
    for (key, sums) in tables.iter().flat_map(|table| table.iter()) {
        let (second, rest) = key.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        let second = i64::from_le_bytes(*second);
        for span in SPANS {
            let bucket = if span == 0 { 0 } else { second - second.rem_euclid(span) };
            buckets.entry((span, bucket, rest)).or_default().add(sums);
        }
    }
    let mut statement = connection.prepare_cached(
        "INSERT INTO gantry_counters
           (span, bucket, agent_type, event_type, tool_name, model, events, tokens_in, tokens_out, cost_usd)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (span, bucket, agent_type, event_type, tool_name, model) DO UPDATE SET
           events = events + excluded.events,
           tokens_in = MAX(MIN(tokens_in + excluded.tokens_in, 1152921504606846976), -1152921504606846976),
           tokens_out = MAX(MIN(tokens_out + excluded.tokens_out, 1152921504606846976), -1152921504606846976),
           cost_usd = MAX(MIN(cost_usd + excluded.cost_usd, 1.7976931348623157e308), -1.7976931348623157e308)",
    )?;
    let mut encoded = Vec::new();
    for ((span, bucket, rest), sums) in buckets {
        encoded.clear();
        encoded.extend_from_slice(&bucket.to_le_bytes());
        encoded.extend_from_slice(rest);
        let Some(key) = Key::decode(&encoded) else { continue };
        statement.execute(params![
            span,
            bucket,
            key.agent_type,
            key.event_type,
            key.tool_name,
            key.model,
            sums.events,
            sums.tokens_in,
            sums.tokens_out,
            sums.cost_usd
        ])?;
    }
    set_meta(connection, "counted", last)
}

/// Forgets all, so that every row is counted again.
pub(super) fn forget(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "DELETE FROM gantry_counters; DELETE FROM gantry_codex_import; DELETE FROM gantry_codex_otel;",
    )?;
    set_meta(connection, "counted", 0)
}
