//! A file of events into the store: streaming, resumable, each line once.

use std::{fs::File, path::Path};

use super::{
    Control, Format, TransferError,
    chunk::{Chunk, Run},
    line::is_exported,
    source::{Line, Lines, Skipped, hash, unpacked},
};
use crate::{event::Limits, http::Redaction, store::Store};

/// Chunks that the writer may have while the next is read.
const IN_FLIGHT: usize = 3;
/// Bytes of lines of one chunk, about.
const CHUNK_BYTES: u64 = 1024 * 1024;

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
    /// Whether a file whose first line has every column of a row is taken for an export, and put back.
    pub detect_exports: bool,
    /// What is blacked out in metadata. Rows that were redacted before they were exported come back as they were.
    pub redaction: Redaction,
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
            chunk_rows: 2000,
            restore: false,
            detect_exports: false,
            redaction: Redaction::none(),
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
    /// The first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejects: Vec<Reject>,
    /// Whether the file is an export, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<bool>,
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
    /// The first rejected lines.
    pub rejects: Vec<Reject>,
    /// Bytes of the packed file.
    pub file_bytes: u64,
}

/// Imports a file, or its rest behind a checkpoint. `progress` is called with where it stands: after each commit, while the
/// file is hashed, before the first line, and a few times a second while the store has no room. An import that ended without
/// an error or was stopped has no more to say; one that died goes on from the last checkpoint, and what was committed behind it
/// counts as duplicates.
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
    let file = File::open(file).map_err(|error| TransferError::File { offset: 0, error })?;
    import_file(store, &file, options, from, progress)
}

/// As [`import`], of a file that is open.
///
/// # Errors
/// As [`import`].
pub fn import_file(
    store: &Store,
    file: &File,
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
    let packed = unpacked(file, file_bytes, options.format).map_err(at(0))?;
    let mut lines = Lines::new(packed, options.max_line_bytes);
    match lines.skip(done.offset, || progress(&done) == Control::Continue).map_err(at(done.offset))? {
        Skipped::All => {}
        Skipped::TooShort => return Err(TransferError::Changed),
        Skipped::Stopped => return Err(TransferError::Stopped),
    }
    let mut run = Run::new(store, done, options.reject_samples, progress);
    let mut number = run.done.lines;
    // The first line that is an event says what the file is.
    let mut restore = if options.restore { Some(true) } else { run.done.restore };
    if !options.detect_exports {
        restore = restore.or(Some(false));
    }
    loop {
        let mut chunk = Chunk::default();
        let begin = lines.offset;
        let (mut more, mut broken) = (true, None);
        while chunk.len() < options.chunk_rows.max(1) && lines.offset - begin < CHUNK_BYTES {
            let offset = lines.offset;
            let line = match lines.next() {
                Ok(Some(line)) => line,
                end => {
                    more = false;
                    // What came before is stored all the same, and can be gone on from.
                    broken = end.err().map(|error| (offset, error));
                    break;
                }
            };
            number += 1;
            match line {
                Line::TooLong(beginning) => {
                    chunk.reject(number, beginning, vec!["line: must be shorter".to_owned()], options);
                }
                Line::Whole(line) => {
                    if restore.is_none() && !line.iter().all(u8::is_ascii_whitespace) {
                        restore = Some(is_exported(line));
                    }
                    let invalid = chunk.add(line, number, &sha256, options, restore == Some(true));
                    if let Some(invalid) = invalid {
                        let errors = invalid.details.iter().map(ToString::to_string).collect();
                        chunk.reject(number, line, errors, options);
                    }
                }
            }
        }
        let end = broken.as_ref().map_or(lines.offset, |(offset, _)| *offset);
        chunk.end = (end, number);
        chunk.restore = restore;
        if end > begin {
            run.send(chunk)?;
        }
        let room = if more { IN_FLIGHT } else { 0 };
        while run.in_flight() > room {
            run.receive()?;
            if run.is_stopped() {
                return Err(run.stop());
            }
        }
        if let Some((offset, error)) = broken {
            return Err(at(offset)(error));
        }
        if !more {
            let rejects = std::mem::take(&mut run.done.rejects);
            return Ok(Imported { end: run.done, rejects, file_bytes });
        }
    }
}
