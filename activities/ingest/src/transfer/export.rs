//! The store into a file of events: in the order of ids, the same bytes for the same rows.

use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};

use super::{Control, Format, TransferError};
use crate::store::Store;

/// What to export.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// Stored at or after, as SQLite's `datetime()` reads it.
    pub since: Option<String>,
    /// Stored at or before, as SQLite's `datetime()` reads it.
    pub until: Option<String>,
    /// Only rows with a greater id.
    pub after_id: i64,
    /// Only rows with an id up to this one: what is stored meanwhile is left for the next time.
    pub through_id: Option<i64>,
    /// How to pack; [`Format::Auto`] is [`Format::Plain`].
    pub format: Format,
}

/// What an export did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exported {
    /// Rows written.
    pub rows: u64,
    /// Bytes of unpacked text.
    pub bytes: u64,
    /// The last id written; `after_id` of what comes next.
    pub last_id: i64,
}

/// Rows that are read at once.
const PAGE: u64 = 500;

/// Writes one JSON object a line: the 22 columns, metadata as the JSON that it is. `progress` is called after each page, with
/// what was written to the packer until then.
///
/// # Errors
/// See [`TransferError`].
pub fn export(
    store: &Store,
    out: &mut dyn Write,
    options: &ExportOptions,
    progress: &mut dyn FnMut(&Exported) -> Control,
) -> Result<Exported, TransferError> {
    let mut done = Exported { last_id: options.after_id, ..Exported::default() };
    let failed = |done: &Exported| {
        let offset = done.bytes;
        move |error: io::Error| TransferError::File { offset, error }
    };
    let mut packer = Packer::new(out, options.format).map_err(failed(&done))?;
    loop {
        let (since, until) = (given(options.since.as_ref()), given(options.until.as_ref()));
        let mut rows = store.events_within(done.last_id, PAGE, since, until)?;
        if let Some(last) = options.through_id {
            rows.retain(|row| row.id <= last);
        }
        if rows.is_empty() {
            packer.finish().map_err(failed(&done))?;
            return Ok(done);
        }
        for row in rows {
            let mut line = row.to_json(true);
            line.push('\n');
            packer.write_all(line.as_bytes()).map_err(failed(&done))?;
            done.rows += 1;
            done.bytes += u64::try_from(line.len()).unwrap_or_default();
            done.last_id = row.id;
        }
        if progress(&done) == Control::Stop {
            packer.finish().map_err(failed(&done))?;
            return Err(TransferError::Stopped);
        }
    }
}

fn given(bound: Option<&String>) -> Option<&str> {
    bound.map(String::as_str).filter(|bound| !bound.is_empty())
}

/// Packs what is written, the same bytes each time.
enum Packer<'a> {
    Plain(&'a mut dyn Write),
    Gzip(GzEncoder<&'a mut dyn Write>),
    Zstd(zstd::stream::write::Encoder<'static, &'a mut dyn Write>),
}

impl<'a> Packer<'a> {
    fn new(out: &'a mut dyn Write, format: Format) -> io::Result<Self> {
        Ok(match format {
            Format::Plain | Format::Auto => Self::Plain(out),
            Format::Gzip => Self::Gzip(GzEncoder::new(out, Compression::default())),
            Format::Zstd => Self::Zstd(zstd::stream::write::Encoder::new(out, 3)?),
        })
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.write_all(bytes),
            Self::Gzip(out) => out.write_all(bytes),
            Self::Zstd(out) => out.write_all(bytes),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(out) => out.finish()?.flush(),
            Self::Zstd(out) => out.finish()?.flush(),
        }
    }
}
