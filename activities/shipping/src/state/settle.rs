//! What became of batches, written so that offsets and rows never disagree.

use rusqlite::Connection;

use super::values::{moment, stored};
use super::{Database, MOST_PENDING, Sent, books, files, quarantine, ranges, spool};
use crate::engine::Error;
use crate::engine::identity::{Fingerprint, Identity};
use crate::session::SessionMetadata;
use crate::timestamp::Timestamp;

/// What became of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The server has it, or there is nothing in it to be sent.
    Taken,
    /// To be tried later.
    Spooled {
        /// What went wrong.
        error: String,
        /// Whether the attempt counts towards giving up; one that found no server does not.
        counts: bool,
    },
    /// The server will never take it as it is.
    Refused {
        /// HTTP status.
        status: u16,
        /// What the server said.
        reason: String,
    },
}

/// A part of a batch with a fate of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) fate: Fate,
    /// What is known of the session at the start of the part.
    pub(crate) before: Option<SessionMetadata>,
}

/// Where a batch came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// What is new of a file.
    New,
    /// A row of the spool that ends there.
    Spool {
        /// Its id.
        id: i64,
        /// Its end.
        end: u64,
    },
}

/// A batch whose fate is known.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    pub(crate) path: String,
    pub(crate) provider: &'static str,
    pub(crate) document: bool,
    pub(crate) origin: Origin,
    /// In order and without holes. Only the last may be spooled.
    pub(crate) parts: Vec<Part>,
    /// What is known of the session behind the last part.
    pub(crate) after: SessionMetadata,
    pub(crate) identity: Identity,
    /// Of the file up to the end of the last part; `None` for a document.
    pub(crate) fingerprint: Option<Fingerprint>,
    /// Lines that are no JSON objects, with their ends.
    pub(crate) unusable: Vec<(u64, u64, &'static str)>,
}

impl Settled {
    fn end(&self) -> u64 {
        self.parts.last().map_or(0, |part| part.end)
    }

    fn is_spooled(&self) -> bool {
        self.parts.iter().any(|part| matches!(part.fate, Fate::Spooled { .. }))
    }
}

impl Database {
    /// Writes a group of batches in one transaction. Answers for each whether it was written: a new range for which the spool has no
    /// room is not, and both of its offsets stay.
    pub(crate) fn settle(&self, now: Timestamp, group: &[Settled], sent: Sent) -> Result<Vec<bool>, Error> {
        self.write(|connection| {
            let mut written = Vec::with_capacity(group.len());
            let mut refused: Vec<&str> = Vec::new();
            for batch in group {
                let full =
                    batch.origin == Origin::New && batch.is_spooled() && spool::pending(connection)? >= MOST_PENDING;
                // What follows a range that was not written must not be either: it would leave a hole.
                if full || refused.contains(&batch.path.as_str()) {
                    refused.push(&batch.path);
                    written.push(false);
                    continue;
                }
                match batch.origin {
                    Origin::New => new(connection, now, batch)?,
                    Origin::Spool { id, end } => spooled(connection, now, batch, id, end)?,
                }
                written.push(true);
            }
            books::add(connection, now, sent)?;
            Ok(written)
        })
    }
}

fn new(connection: &Connection, now: Timestamp, batch: &Settled) -> rusqlite::Result<()> {
    let session = batch.after.id.as_deref();
    let mut held_back = ranges::first_open(connection, &batch.path)?.is_some();
    if batch.document && !batch.is_spooled() {
        // The whole of it is shipped as it is now: what waited of it is part of that.
        for id in spool::rows_of(connection, &batch.path)? {
            spool::remove(connection, id)?;
        }
        held_back = false;
    }
    for part in &batch.parts {
        match &part.fate {
            Fate::Spooled { error, .. } => {
                enqueue(connection, now, batch, part, error)?;
                held_back = true;
            }
            Fate::Taken if held_back && !batch.document && part.end > part.start => {
                ranges::settle(connection, &batch.path, part.start, part.end)?;
            }
            Fate::Taken => {}
            Fate::Refused { status, reason } => {
                let range = (part.start, part.end);
                let state = quarantine::REFUSED;
                quarantine::insert(connection, now, &batch.path, batch.provider, range, reason, Some(*status), state)?;
                if held_back && !batch.document {
                    ranges::settle(connection, &batch.path, part.start, part.end)?;
                }
            }
        }
    }
    connection
        .prepare_cached(
            "INSERT INTO file_state (path, provider, queued_offset, session_id, provider_session_id, last_updated)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (path) DO UPDATE SET queued_offset = MAX(queued_offset, excluded.queued_offset),
                session_id = COALESCE(excluded.session_id, session_id),
                provider_session_id = COALESCE(excluded.provider_session_id, provider_session_id),
                last_updated = excluded.last_updated",
        )?
        .execute(rusqlite::params![
            batch.path,
            batch.provider,
            stored(batch.end()),
            session,
            batch.after.provider_session_id,
            moment(now)
        ])?;
    files::remember(
        connection,
        &batch.path,
        &batch.identity,
        batch.fingerprint.as_ref(),
        Some((batch.end(), &batch.after)),
    )?;
    quarantine::unusable(connection, now, &batch.path, batch.provider, &batch.unusable)?;
    ranges::acknowledge(connection, &batch.path)
}

/// One row for each part of a range that has none yet.
fn enqueue(connection: &Connection, now: Timestamp, batch: &Settled, part: &Part, error: &str) -> rusqlite::Result<()> {
    let open = ranges::open(connection, &batch.path)?;
    if batch.document && !open.is_empty() {
        // There is no part of a document: the row that waits will ship what the document is then.
        connection.execute(
            "UPDATE spool_queue SET end_offset = MAX(end_offset, ?2), last_error = ?3 WHERE file_path = ?1 AND status = 'pending'",
            rusqlite::params![batch.path, stored(part.end), error],
        )?;
        return Ok(());
    }
    for range in ranges::without(part.start, part.end, open) {
        let metadata = part.before.as_ref().filter(|_| range.0 == part.start);
        let due = spool::next_attempt(now, 1, range.1);
        let session = batch.after.id.as_deref();
        spool::insert(connection, now, due, batch.provider, &batch.path, range, metadata, error, session)?;
    }
    Ok(())
}

fn spooled(connection: &Connection, now: Timestamp, batch: &Settled, id: i64, row_end: u64) -> rusqlite::Result<()> {
    let first = batch.parts.first().map_or(0, |part| part.start);
    if !batch.document && spool::start_of(connection, id)? != Some(first) {
        // Another program took the row away or changed it: it is the row that counts.
        return Ok(());
    }
    for part in &batch.parts {
        let done = part.end >= row_end || batch.document;
        match &part.fate {
            Fate::Spooled { error, counts } => {
                spool::shrink(connection, id, part.start, part.before.as_ref())?;
                if *counts {
                    spool::retry(connection, now, id, error)?;
                } else {
                    connection.execute("UPDATE spool_queue SET last_error = ?2 WHERE id = ?1", (id, error))?;
                }
                return ranges::acknowledge(connection, &batch.path);
            }
            Fate::Taken => quarantine::taken(connection, &batch.path, part.start, part.end)?,
            Fate::Refused { status, reason } => {
                let range = (part.start, part.end);
                let state = quarantine::REFUSED;
                quarantine::insert(connection, now, &batch.path, batch.provider, range, reason, Some(*status), state)?;
            }
        }
        if !batch.document {
            ranges::settle(connection, &batch.path, part.start, part.end)?;
        }
        if done {
            spool::remove(connection, id)?;
        } else {
            let next = Some(&batch.after).filter(|_| part.end == batch.end());
            spool::shrink(connection, id, part.end, next)?;
        }
    }
    if batch.document {
        connection.execute(
            "UPDATE file_state SET queued_offset = MAX(queued_offset, ?2) WHERE path = ?1",
            (&batch.path, stored(batch.end())),
        )?;
        files::remember(connection, &batch.path, &batch.identity, None, Some((batch.end(), &batch.after)))?;
    }
    ranges::acknowledge(connection, &batch.path)
}
