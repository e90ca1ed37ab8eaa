//! Lines on their way into the store: gathered, handed to the writer, counted when it has them.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    Control, ImportCheckpoint, ImportOptions, Reject, TransferError,
    line::{import_line, restore_line},
};
use crate::{
    event::{Invalid, NewEvent},
    store::{Offered, Outcome, Restored, Store, Ticket, Unsent},
};

/// How long to wait for the store before asking whether to go on.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long an import that is stopped waits for what the writer has.
const GRACE: Duration = Duration::from_secs(1);

/// Lines that are written together.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    events: Vec<NewEvent>,
    restored: Vec<Restored>,
    rejected: u64,
    rejects: Vec<Reject>,
    /// Offset and line behind it.
    pub(super) end: (u64, u64),
    /// Whether the file is an export, once that is known.
    pub(super) restore: Option<bool>,
}

impl Chunk {
    pub(super) fn len(&self) -> usize {
        self.events.len() + self.restored.len()
    }

    /// What is wrong with the line, if anything.
    pub(super) fn add(
        &mut self,
        line: &[u8],
        number: u64,
        sha256: &str,
        options: &ImportOptions,
        restore: bool,
    ) -> Option<Invalid> {
        let redacted = |event: &mut NewEvent| {
            if !options.redaction.is_empty() {
                event.metadata.map_json(|json| options.redaction.json(json));
            }
        };
        if restore {
            let mut restored = match restore_line(line)? {
                Ok(restored) => restored,
                Err(invalid) => return Some(invalid),
            };
            redacted(&mut restored.event);
            self.restored.push(restored);
        } else {
            let mut event = match import_line(line, number, sha256, options)? {
                Ok(event) => event,
                Err(invalid) => return Some(invalid),
            };
            redacted(&mut event);
            self.events.push(event);
        }
        None
    }

    pub(super) fn reject(&mut self, line: u64, text: &[u8], errors: Vec<String>, options: &ImportOptions) {
        self.rejected += 1;
        if self.rejects.len() < options.reject_samples {
            self.rejects.push(Reject { line, errors, sample: sample(text) });
        }
    }

    fn unsent(&mut self, store: &Store) -> Unsent {
        if self.restored.is_empty() {
            store.unsent(std::mem::take(&mut self.events))
        } else {
            store.unsent_restored(std::mem::take(&mut self.restored))
        }
    }
}

/// Chunks in the hands of the writer, and what is done.
pub(super) struct Run<'a> {
    store: &'a Store,
    pub(super) done: ImportCheckpoint,
    in_flight: VecDeque<(Chunk, Option<Ticket>)>,
    reject_samples: usize,
    progress: &'a mut dyn FnMut(&ImportCheckpoint) -> Control,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        store: &'a Store,
        done: ImportCheckpoint,
        reject_samples: usize,
        progress: &'a mut dyn FnMut(&ImportCheckpoint) -> Control,
    ) -> Self {
        Self { store, done, in_flight: VecDeque::new(), reject_samples, progress }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    pub(super) fn is_stopped(&mut self) -> bool {
        (self.progress)(&self.done) == Control::Stop
    }

    /// Hands a chunk to the writer. Live events go first, so that may take as long as there are many of them.
    pub(super) fn send(&mut self, mut chunk: Chunk) -> Result<(), TransferError> {
        if chunk.len() == 0 {
            self.in_flight.push_back((chunk, None));
            return Ok(());
        }
        let mut unsent = chunk.unsent(self.store);
        loop {
            match self.store.offer(unsent, PATIENCE)? {
                Offered::Taken(ticket) => {
                    self.in_flight.push_back((chunk, Some(ticket)));
                    return Ok(());
                }
                Offered::Full(back) => unsent = back,
            }
            if self.is_stopped() {
                return Err(self.stop());
            }
        }
    }

    /// Waits for the oldest chunk and counts it as done.
    pub(super) fn receive(&mut self) -> Result<(), TransferError> {
        while !self.receive_within(PATIENCE)? {
            if self.is_stopped() {
                return Err(self.stop());
            }
        }
        Ok(())
    }

    /// Whether the oldest chunk was written in time.
    fn receive_within(&mut self, patience: Duration) -> Result<bool, TransferError> {
        let Some((chunk, ticket)) = self.in_flight.front_mut() else { return Ok(true) };
        let outcomes = match ticket.as_mut().map(|ticket| ticket.wait_for(patience)) {
            Some(None) => return Ok(false),
            Some(Some(answer)) => answer?,
            None => Vec::new(),
        };
        for outcome in outcomes {
            match outcome {
                Outcome::Stored(_) => self.done.stored += 1,
                Outcome::Duplicate => self.done.duplicates += 1,
            }
        }
        self.done.rejected += chunk.rejected;
        let room = self.reject_samples.saturating_sub(self.done.rejects.len());
        self.done.rejects.extend(chunk.rejects.drain(..).take(room));
        self.done.restore = chunk.restore;
        (self.done.offset, self.done.lines) = chunk.end;
        self.in_flight.pop_front();
        Ok(true)
    }

    /// Counts what the writer finishes in a moment, and says so. What it finishes later the next attempt finds there.
    pub(super) fn stop(&mut self) -> TransferError {
        let until = Instant::now() + GRACE;
        while !self.in_flight.is_empty()
            && matches!(self.receive_within(until.saturating_duration_since(Instant::now())), Ok(true))
        {}
        let _ = (self.progress)(&self.done);
        TransferError::Stopped
    }
}

/// The beginning of a line.
fn sample(line: &[u8]) -> String {
    let beginning = line.get(..line.len().min(800)).unwrap_or_default();
    String::from_utf8_lossy(beginning).chars().take(200).collect()
}
