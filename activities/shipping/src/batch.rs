//! Bytes of a source to the body of one request: pure and deterministic. The same bytes with the same metadata before them
//! give the same body, byte by byte, which is what makes it safe to send a range twice.

use std::{fs::File, io, ops::Range, path::Path};

use simdutf8::compat::from_utf8;

use crate::{
    edit::{self, Cause, Edit},
    lines, media,
    payload::{Body, Place},
    provider::{Provider, Record, Role},
    redaction::Redactor,
    session::SessionMetadata,
    timestamp::Timestamp,
};

/// A file of a provider.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Whose file it is.
    pub provider: &'static dyn Provider,
    /// Its full path, as it is sent and as names are derived from it.
    pub path: &'a Path,
}

/// What a body holds beside the events. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of this machine for the server.
    pub device_id: String,
    /// Takes secrets out.
    pub redactor: Redactor,
    /// Replaces inline media by a placeholder.
    pub cut_media: bool,
    /// Leaves `raw_json` out.
    pub omit_raw: bool,
}

/// Events by who spoke.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ByRole {
    /// Of the person.
    pub user: u64,
    /// Of the agent, its calls of tools too.
    pub assistant: u64,
    /// What tools answered.
    pub tool: u64,
}

/// Why a line gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// It is not JSON.
    NotJson,
    /// It is JSON, but not an object.
    NotAnObject,
}

impl Unusable {
    /// For the quarantine: what is wrong, in words.
    pub fn message(self) -> &'static str {
        match self {
            Self::NotJson => "the line is not valid JSON",
            Self::NotAnObject => "the line is JSON, but not an object",
        }
    }
}

/// A line that gives nothing, and is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnusableLine {
    /// Offset of its first byte in the file.
    pub offset: u64,
    /// Its length with its LF.
    pub bytes: u64,
    /// What is wrong with it.
    pub reason: Unusable,
}

/// So many unusable lines of a batch are named; the rest is only counted.
pub const UNUSABLE_NAMED: usize = 100;

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Built {
    /// Events in the body. With none the payload is empty, and there is nothing to send.
    pub events: u64,
    /// The same by role.
    pub by_role: ByRole,
    /// What is known of the session behind these bytes; the next batch starts with it.
    pub after: SessionMetadata,
    /// The first [`UNUSABLE_NAMED`] lines that gave nothing though they are not blank.
    pub unusable: Vec<UnusableLine>,
    /// All of them.
    pub unusable_count: u64,
    /// Lines read, blank ones too; of a document its messages.
    pub lines: u64,
    /// Pieces of media replaced by placeholders.
    pub media_cut: u64,
    /// Decoded bytes of them.
    pub media_bytes: u64,
    /// Secrets taken out.
    pub redacted: u64,
}

/// The body of one request from whole lines, as [`crate::lines::read`] gives them, of a provider whose layout is
/// [`Layout::Lines`](crate::provider::Layout::Lines).
///
/// `start` is the offset of the first byte. `before` is what [`Built::after`] said of the batch before, or [`metadata_at`], or for
/// the start of a file a default with only `first_seen` set. A rest without LF is left out. `payload` is overwritten.
pub fn build_lines(
    source: &Source<'_>,
    start: u64,
    bytes: &[u8],
    before: &SessionMetadata,
    options: &Options,
    payload: &mut Vec<u8>,
) -> Built {
    let mut batch = Batch {
        source: *source,
        options,
        body: Body::new(payload, source.path),
        moment: Vec::with_capacity(32),
        built: Built { after: before.clone(), ..Built::default() },
    };
    let whole = bytes.get(..memchr::memrchr(b'\n', bytes).map_or(0, |last| last + 1)).unwrap_or_default();
    let mut at = 0;
    while let Some(rest) = whole.get(at..).filter(|rest| !rest.is_empty()) {
        let (valid, text) = match from_utf8(rest) {
            Ok(text) => (rest.len(), text),
            Err(error) => {
                let head = rest.get(..error.valid_up_to()).unwrap_or_default();
                let valid = memchr::memrchr(b'\n', head).map_or(0, |last| last + 1);
                (valid, from_utf8(head.get(..valid).unwrap_or_default()).unwrap_or_default())
            }
        };
        batch.lines(start + at as u64, text);
        at += valid;
        // Only a line that is no UTF-8 is written anew, and it is not lost.
        let behind = rest.get(valid..).unwrap_or_default();
        if let Some(end) = memchr::memchr(b'\n', behind) {
            let line = behind.get(..=end).unwrap_or_default();
            let text = String::from_utf8_lossy(line);
            batch.line(start + at as u64, line.len(), &text, &options.edits(&text), 0);
            at += line.len();
        }
    }
    batch.body.close(&batch.built.after);
    batch.built
}

impl Options {
    /// What is replaced in a text that holds whole lines, or is a whole document.
    pub(crate) fn edits(&self, text: &str) -> Vec<Edit> {
        let mut edits = Vec::new();
        if self.cut_media {
            media::find(text, &mut edits);
        }
        self.redactor.find(text, &mut edits);
        edit::settle(&mut edits);
        edits
    }
}

/// A batch on its way.
struct Batch<'b> {
    source: Source<'b>,
    options: &'b Options,
    body: Body<'b>,
    moment: Vec<u8>,
    built: Built,
}

impl Batch<'_> {
    /// Reads whole lines, of which the first stands at an offset.
    fn lines(&mut self, offset: u64, text: &str) {
        let edits = self.options.edits(text);
        let mut edits = edits.as_slice();
        let mut at = 0;
        for end in memchr::memchr_iter(b'\n', text.as_bytes()) {
            let count = edits.iter().take_while(|edit| edit.range.start < end).count();
            let (own, later) = edits.split_at_checked(count).unwrap_or_default();
            edits = later;
            let line = text.get(at..=end).unwrap_or_default();
            self.line(offset + at as u64, line.len(), line, own, at);
            at = end + 1;
        }
    }

    /// Reads the line at an offset, which takes `length` bytes there; the edits speak of a text in which it stands at `at`.
    fn line(&mut self, offset: u64, length: usize, text: &str, edits: &[Edit], at: usize) {
        self.built.lines += 1;
        // Editors of some systems put a mark at the start of a file, which is not part of its first line.
        let content = |text: &'_ str| -> Range<usize> {
            let marked = if offset == 0 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            let rest = text.get(marked..).unwrap_or_default();
            let start = text.len() - rest.trim_start().len();
            start..start + rest.trim().len()
        };
        if content(text).is_empty() {
            return;
        }
        let edited = (!edits.is_empty()).then(|| edit::apply(text, at, edits));
        let text = edited.as_deref().unwrap_or(text);
        let text = text.get(content(text)).unwrap_or_default();
        match self.source.provider.read(text) {
            Ok(record) => {
                if !record.events.is_empty() {
                    self.built.count_edits(edits);
                }
                self.record(offset, text, &record);
            }
            Err(reason) => {
                self.built.unusable_count += 1;
                if self.built.unusable.len() < UNUSABLE_NAMED {
                    self.built.unusable.push(UnusableLine { offset, bytes: length as u64, reason });
                }
            }
        }
    }

    fn record(&mut self, offset: u64, text: &str, record: &Record<'_>) {
        let Source { provider, path } = self.source;
        let moment = self.built.after.pass(provider, path, record);
        if record.events.is_empty() {
            return;
        }
        if !self.body.is_open() {
            let names = self.built.after.names(provider, path);
            self.body.open(provider.name(), &self.options.device_id, &names);
        }
        self.moment.clear();
        moment.push(&mut self.moment);
        let mut raw = (!self.options.omit_raw).then_some(text);
        for (event, item) in record.events.iter().zip(0..) {
            let place = Place { timestamp: &self.moment, offset, item, odd: record.odd, raw: raw.take() };
            self.body.event(event, &place);
            self.built.count(event.role);
        }
    }
}

impl Built {
    pub(crate) fn count(&mut self, role: Role) {
        self.events += 1;
        match role {
            Role::User => self.by_role.user += 1,
            Role::Assistant => self.by_role.assistant += 1,
            Role::Tool => self.by_role.tool += 1,
        }
    }

    pub(crate) fn count_edits(&mut self, edits: &[Edit]) {
        for edit in edits {
            match edit.cause {
                Cause::Secret => self.redacted += 1,
                Cause::Media(bytes) => {
                    self.media_cut += 1;
                    self.media_bytes += bytes;
                }
            }
        }
    }
}

/// What is known of a session at an offset of its file, by reading the bytes before it again, a few MiB at a time. The same as
/// the chained [`Built::after`] of any batches that end there.
///
/// # Errors
/// What the operating system says; [`io::ErrorKind::UnexpectedEof`] when the file is shorter than the offset.
pub fn metadata_at(
    source: &Source<'_>,
    file: &File,
    offset: u64,
    first_seen: Option<Timestamp>,
    options: &Options,
) -> io::Result<SessionMetadata> {
    let mut known = SessionMetadata { first_seen, ..SessionMetadata::default() };
    let (mut bytes, mut payload) = (Vec::new(), Vec::new());
    let options = Options { omit_raw: true, ..options.clone() };
    if file.metadata()?.len() < offset {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than what was read of it"));
    }
    let mut at = 0;
    while at < offset {
        let end = lines::read(file, at, Some(offset), HEAD_AT_ONCE, &mut bytes)?;
        // An older daemon may have left an offset in the middle of a line.
        if end == at {
            break;
        }
        known = build_lines(source, at, &bytes, &known, &options, &mut payload).after;
        at = end;
    }
    Ok(known)
}

/// So much of a file is read at once in search of its metadata.
const HEAD_AT_ONCE: u64 = 2 * 1024 * 1024;
