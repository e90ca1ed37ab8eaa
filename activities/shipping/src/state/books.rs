//! What is remembered of the whole: hold, last error, throughput.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Database;
use super::values::text;
use crate::engine::{Error, Hold, LastError, Throughput};
use crate::timestamp::Timestamp;

/// Everything in `gantry_book`. What cannot be understood there counts as absent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Books {
    pub(crate) hold: Option<Hold>,
    pub(crate) last_error: Option<LastError>,
    pub(crate) throughput: Throughput,
}

/// What a group of acknowledgements adds to the throughput.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) events: u64,
    pub(crate) source_bytes: u64,
    pub(crate) compressed_bytes: u64,
    pub(crate) busy_ms: u64,
}

impl Books {
    /// Reads them.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            hold: get(connection, "hold")?,
            last_error: get(connection, "last_error")?,
            throughput: get(connection, "throughput")?.unwrap_or_default(),
        })
    }
}

impl Database {
    /// The books as they are.
    pub(crate) fn books(&self) -> Result<Books, Error> {
        self.read(Books::read)
    }

    /// Writes or removes the hold, for `status` in another process.
    pub(crate) fn note_hold(&self, hold: Option<&Hold>) -> Result<(), Error> {
        self.write(|connection| match hold {
            Some(hold) => put(connection, "hold", hold),
            None => connection.execute("DELETE FROM gantry_book WHERE key = 'hold'", []).map(drop),
        })
    }

    /// Remembers what went wrong last.
    pub(crate) fn note_error(&self, at: Timestamp, message: &str) -> Result<(), Error> {
        self.write(|connection| put(connection, "last_error", &LastError { message: message.to_owned(), at }))
    }
}

/// Adds to the throughput.
pub(super) fn add(connection: &Connection, now: Timestamp, sent: Sent) -> rusqlite::Result<()> {
    let mut throughput: Throughput = get(connection, "throughput")?.unwrap_or_default();
    throughput.events = throughput.events.saturating_add(sent.events);
    throughput.source_bytes = throughput.source_bytes.saturating_add(sent.source_bytes);
    throughput.compressed_bytes = throughput.compressed_bytes.saturating_add(sent.compressed_bytes);
    throughput.busy_ms = throughput.busy_ms.saturating_add(sent.busy_ms);
    if sent.source_bytes > 0 {
        throughput.last_acknowledged = Some(now);
    }
    put(connection, "throughput", &throughput)
}

fn get<T: DeserializeOwned>(connection: &Connection, key: &str) -> rusqlite::Result<Option<T>> {
    let value = connection
        .prepare_cached("SELECT value FROM gantry_book WHERE key = ?1")?
        .query_row([key], |row| Ok(text(row, 0)))
        .optional()?;
    Ok(value.flatten().and_then(|value| serde_json::from_str(&value).ok()))
}

fn put<T: Serialize>(connection: &Connection, key: &str, value: &T) -> rusqlite::Result<()> {
    let value = serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    connection
        .prepare_cached("INSERT INTO gantry_book (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")?
        .execute((key, value))?;
    Ok(())
}
