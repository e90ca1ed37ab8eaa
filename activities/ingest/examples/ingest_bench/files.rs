//! Five million events to ask about, and a file of a gigabyte to import.

use std::{
    collections::VecDeque,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use ingest::{
    event::{Content, Limits, parse},
    store::{Lane, Settings, Store, Ticket},
    transfer::{Control, ImportOptions, TransferError, import},
};

use crate::{
    limits::Rate,
    load::{process::process_time, rows},
};

/// A database of so many events; the time of storing of the middle one, as `since` takes it.
pub(crate) fn database(path: &Path, events: usize) -> String {
    let store = Store::open(path, Settings::default()).unwrap();
    let limits = Limits::default();
    let mut waiting: VecDeque<Ticket> = VecDeque::new();
    let mut middle = String::new();
    for from in (0..events).step_by(1000) {
        if waiting.len() == 4 {
            waiting.pop_front().unwrap().wait().unwrap();
        }
        if middle.is_empty() && from >= events / 2 {
            middle = ingest::timestamp::to_sqlite(ingest::timestamp::now_seconds());
        }
        let rows = (from..events.min(from + 1000))
            .map(|number| parse(rows::event(number).as_bytes(), Content::Utf8, &limits).unwrap())
            .collect();
        waiting.push_back(store.write_on(Lane::Background, rows).unwrap());
    }
    for ticket in waiting {
        ticket.wait().unwrap();
    }
    middle
}

/// A file of lines of about so many bytes, always the same; how many lines.
pub(crate) fn lines(path: &Path, bytes: u64) -> u64 {
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(path).unwrap());
    let (mut written, mut lines) = (0, 0);
    while written < bytes {
        let line = rows::event(usize::try_from(lines).unwrap());
        writeln!(out, "{line}").unwrap();
        written += line.len() as u64 + 1;
        lines += 1;
    }
    out.flush().unwrap();
    lines
}

/// What an import came to.
pub(crate) struct Import {
    /// Bytes a second.
    pub(crate) bytes: Rate,
    /// Rows a second.
    pub(crate) rows: Rate,
    /// Bytes done when it was stopped in the middle.
    pub(crate) stopped_at: u64,
}

/// Imports a file in two parts: it is stopped in the middle and goes on from its checkpoint.
pub(crate) fn import_file(folder: &Path, file: &PathBuf, lines: u64) -> Import {
    let bytes = std::fs::metadata(file).unwrap().len();
    let store = Store::open(&folder.join("import.db"), Settings::default()).unwrap();
    let options = ImportOptions::default();
    let (started, spent) = (Instant::now(), process_time());
    let mut last = None;
    let stopped = import(&store, file, &options, None, &mut |checkpoint| {
        last = Some(checkpoint.clone());
        if checkpoint.offset < bytes / 2 { Control::Continue } else { Control::Stop }
    });
    assert!(matches!(stopped, Err(TransferError::Stopped)), "it was to stop in the middle");
    let stopped_at = last.as_ref().map_or(0, |checkpoint| checkpoint.offset);
    let done = import(&store, file, &options, last, &mut |_| Control::Continue).unwrap();
    let rate = |count: u64| Rate::since(usize::try_from(count).unwrap(), started, spent);
    let result = Import { bytes: rate(bytes), rows: rate(lines), stopped_at };
    assert_eq!((done.end.stored, done.end.duplicates, done.end.rejected), (lines, 0, 0), "each line once");
    store.close();
    result
}
