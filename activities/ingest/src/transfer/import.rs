//! A file of events into the store: streaming, resumable, each line once.

use std::{collections::VecDeque, path::Path};

use super::{
    Control, Format, TransferError,
    line::{import_line, restore_line},
    source::{Line, Lines, hash, unpacked},
};
use crate::{
    event::{Invalid, Limits, NewEvent},
    store::{Lane, Outcome, Restored, Store, StoreError, Ticket},
};

/// Chunks that the writer may have while the next is read.
const IN_FLIGHT: usize = 3;
/// Bytes of lines of one chunk, about.
const CHUNK_BYTES: u64 = 512 * 1024;

/// How to import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// How the file is packed.
    pub format: Format,
    /// The source of an event that names none.
    pub source: String,
    /// The cap of metadata.
    pub limits: Limits,
    /// Rejected lines to keep as samples.
    pub reject_samples: usize,
    /// Events of one transaction, at most.
    pub chunk_rows: usize,
    /// Whether the file is an export whose rows are put back as they were: ids where those are free, times, sessions. The
    /// source and the cap are not looked at then.
    pub restore: bool,
    /// Longest line, in bytes of unpacked text; a longer one is rejected unread.
    pub max_line_bytes: usize,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            format: Format::Auto,
            source: "import".to_owned(),
            limits: Limits::default(),
            reject_samples: 100,
            chunk_rows: 500,
            restore: false,
            max_line_bytes: 8 * 1024 * 1024,
        }
    }
}

/// Where an import stands; everything before it is committed.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportCheckpoint {
    /// Hash of the packed file, in hexadecimal; the ids of events without one are made of it.
    pub sha256: String,
    /// Bytes of unpacked text that are done.
    pub offset: u64,
    /// Lines that are done.
    pub lines: u64,
    /// Events stored.
    pub stored: u64,
    /// Events that were there.
    pub duplicates: u64,
    /// Lines that are no event.
    pub rejected: u64,
}

/// A line that is no event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reject {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong, as in the answer to a batch.
    pub errors: Vec<String>,
    /// Its beginning, at most 200 characters.
    pub sample: String,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// The end of the file.
    pub end: ImportCheckpoint,
    /// The first rejected lines of this run.
    pub rejects: Vec<Reject>,
    /// Bytes of the packed file.
    pub file_bytes: u64,
}

/// Imports a file, or its rest behind a checkpoint. `progress` is called with where it stands: after each commit, and while
/// the file is hashed, before the first line. An import that ended without an error or was stopped has no more to say; one
/// that died goes on from the last checkpoint, and what was committed behind it counts as duplicates.
///
/// # Errors
/// See [`TransferError`]; a line that is no event is none.
pub fn import(
    store: &Store,
    file: &Path,
    options: &ImportOptions,
    from: Option<ImportCheckpoint>,
    progress: &mut dyn FnMut(&ImportCheckpoint) -> Control,
) -> Result<Imported, TransferError> {
    let at = |offset: u64| move |error: std::io::Error| TransferError::File { offset, error };
    let mut done = from.unwrap_or_default();
    let hashed = hash(file, || progress(&done) == Control::Continue).map_err(at(0))?;
    let Some((sha256, file_bytes)) = hashed else { return Err(TransferError::Stopped) };
    if !done.sha256.is_empty() && done.sha256 != sha256 {
        return Err(TransferError::Changed);
    }
    done.sha256.clone_from(&sha256);
    let mut lines = Lines::new(unpacked(file, options.format).map_err(at(0))?, options.max_line_bytes);
    if !lines.skip(done.offset).map_err(at(done.offset))? {
        return Err(TransferError::Changed);
    }
    let mut run = Run { store, done, in_flight: VecDeque::new(), rejects: Vec::new() };
    let mut number = run.done.lines;
    loop {
        let mut chunk = Chunk::default();
        let begin = lines.offset;
        let mut more = true;
        while chunk.len() < options.chunk_rows.max(1) && lines.offset - begin < CHUNK_BYTES {
            let offset = lines.offset;
            let Some(line) = lines.next().map_err(at(offset))? else {
                more = false;
                break;
            };
            number += 1;
            let rejected = match line {
                Line::TooLong(beginning) => Some((beginning, vec!["line: must be shorter".to_owned()])),
                Line::Whole(line) => chunk.add(line, number, &sha256, options).map(|invalid| (line, words(&invalid))),
            };
            if let Some((line, errors)) = rejected {
                chunk.rejected += 1;
                if run.rejects.len() < options.reject_samples {
                    run.rejects.push(Reject { line: number, errors, sample: sample(line) });
                }
            }
        }
        chunk.end = (lines.offset, number);
        if lines.offset > begin {
            run.send(chunk)?;
        }
        let room = if more { IN_FLIGHT } else { 0 };
        while run.in_flight.len() > room {
            run.receive()?;
            if progress(&run.done) == Control::Stop {
                while !run.in_flight.is_empty() {
                    run.receive()?;
                }
                let _ = progress(&run.done);
                return Err(TransferError::Stopped);
            }
        }
        if !more {
            return Ok(Imported { end: run.done, rejects: run.rejects, file_bytes });
        }
    }
}

fn words(invalid: &Invalid) -> Vec<String> {
    invalid.details.iter().map(ToString::to_string).collect()
}

fn sample(line: &[u8]) -> String {
    let beginning = line.get(..line.len().min(800)).unwrap_or_default();
    String::from_utf8_lossy(beginning).chars().take(200).collect()
}

/// Lines that are written together.
#[derive(Debug, Default)]
struct Chunk {
    events: Vec<NewEvent>,
    restored: Vec<Restored>,
    rejected: u64,
    /// Offset and line behind it.
    end: (u64, u64),
}

impl Chunk {
    fn len(&self) -> usize {
        self.events.len() + self.restored.len()
    }

    /// What is wrong with the line, if anything.
    fn add(&mut self, line: &[u8], number: u64, sha256: &str, options: &ImportOptions) -> Option<Invalid> {
        if options.restore {
            restore_line(line)?.map(|restored| self.restored.push(restored)).err()
        } else {
            import_line(line, number, sha256, options)?.map(|event| self.events.push(event)).err()
        }
    }

    fn write(&mut self, store: &Store) -> Result<Ticket, StoreError> {
        if self.restored.is_empty() {
            store.write_on(Lane::Background, std::mem::take(&mut self.events))
        } else {
            store.restore(std::mem::take(&mut self.restored))
        }
    }
}

struct Run<'a> {
    store: &'a Store,
    done: ImportCheckpoint,
    in_flight: VecDeque<(Chunk, Option<Ticket>)>,
    rejects: Vec<Reject>,
}

impl Run<'_> {
    fn send(&mut self, mut chunk: Chunk) -> Result<(), TransferError> {
        let ticket = if chunk.len() > 0 { Some(chunk.write(self.store)?) } else { None };
        self.in_flight.push_back((chunk, ticket));
        Ok(())
    }

    /// Waits for the oldest chunk and counts it as done.
    fn receive(&mut self) -> Result<(), TransferError> {
        let Some((chunk, ticket)) = self.in_flight.pop_front() else { return Ok(()) };
        let outcomes = ticket.map_or(Ok(Vec::new()), Ticket::wait)?;
        for outcome in outcomes {
            match outcome {
                Outcome::Stored(_) => self.done.stored += 1,
                Outcome::Duplicate => self.done.duplicates += 1,
            }
        }
        self.done.rejected += chunk.rejected;
        (self.done.offset, self.done.lines) = chunk.end;
        Ok(())
    }
}
