//! A file opened where reading goes on, after it was made sure that it still is the file that was read.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::identity::{Fingerprint, Identity};
use super::sources;
use crate::batch::{self, Options, Source};
use crate::engine::Error;
use crate::provider::{Layout, Provider};
use crate::session::SessionMetadata;
use crate::state::{Database, FileRow, Memory};
use crate::timestamp::Timestamp;

/// Where reading begins.
#[derive(Debug, Clone)]
pub(super) struct Opened {
    pub(super) file: Arc<File>,
    pub(super) identity: Identity,
    pub(super) position: u64,
    pub(super) before: SessionMetadata,
    /// Whether its project was one that is not shipped when it was last read; `before` is then what was known of it.
    pub(super) excluded: bool,
    /// What must still be in the file for the position to mean anything.
    pub(super) fingerprint: Option<Fingerprint>,
}

/// Why a file is not read.
#[derive(Debug)]
pub(super) enum Unread {
    /// The system says so.
    File(io::Error),
    /// The state cannot be used.
    State(Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        Self::State(error)
    }
}

/// What opening needs to know.
pub(super) struct Opening<'a> {
    pub(super) provider: &'static dyn Provider,
    pub(super) path: &'a Path,
    pub(super) options: &'a Options,
    /// Where a copy of the file lies, if one was kept. It is read where the file is gone.
    pub(super) copy: Option<PathBuf>,
}

/// A file and nothing else: to open a pipe would be to wait for whoever writes into it.
fn open_regular(path: &Path) -> io::Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    File::open(path)
}

impl Opening<'_> {
    fn source(&self) -> Source<'_> {
        Source { provider: self.provider, path: self.path }
    }

    fn open(&self) -> io::Result<(Arc<File>, Identity)> {
        let file = match (open_regular(self.path), &self.copy) {
            (Err(error), Some(copy)) if error.kind() == io::ErrorKind::NotFound => open_regular(copy)?,
            (opened, _) => opened?,
        };
        let identity = Identity::of(&file.metadata()?);
        Ok((Arc::new(file), identity))
    }

    /// What is new of a file. Where its content before the offset is not the same any more, the state is told and it starts anew.
    pub(super) fn of_new(&self, database: &Database, now: Timestamp) -> Result<Opened, Unread> {
        let (file, identity) = self.open()?;
        let key = sources::key(self.path);
        let mut row = database.file(&key)?;
        if row.is_none() && self.take_over(database, &file, &identity, &key, now)? {
            row = database.file(&key)?;
        }
        let memory = database.memory(&key)?;
        let row = row.unwrap_or_default();
        let mut position = row.position();
        if position > 0
            && let Some(why) = self.changed(&file, &identity, &row, &memory)?
        {
            let lost = database.source_changed(&key, self.provider.name(), now, why)?;
            tracing::info!(path = %self.path.display(), why, lost, "a session starts anew");
            position = 0;
        }
        self.at(file, identity, position, &row, memory)
    }

    /// The same without a word to the state.
    pub(super) fn without_state(&self, row: &FileRow, memory: Memory) -> Result<Opened, Unread> {
        let (file, identity) = self.open()?;
        let changed = row.position() > 0 && self.changed(&file, &identity, row, &memory)?.is_some();
        let position = if changed { 0 } else { row.position() };
        self.at(file, identity, position, row, memory)
    }

    /// A spooled range. Answers in words why it cannot be read any more.
    pub(super) fn of_range(
        &self,
        database: &Database,
        (start, end): (u64, u64),
        metadata: Option<SessionMetadata>,
    ) -> Result<Result<Opened, &'static str>, Unread> {
        let (file, identity) = self.open()?;
        let key = sources::key(self.path);
        let memory = database.memory(&key)?;
        let row = database.file(&key)?.unwrap_or_default();
        if self.provider.layout() == Layout::Lines {
            if identity.bytes < end {
                return Ok(Err("its source was truncated"));
            }
            if self.changed(&file, &identity, &row, &memory)?.is_some() {
                return Ok(Err("its source was replaced by another file"));
            }
        }
        let memory = match metadata {
            Some(metadata) => Memory { metadata: Some((start, metadata)), ..memory },
            None => memory,
        };
        self.at(file, identity, start, &row, memory).map(Ok)
    }

    /// Why the content before the offset is not what was read, if it is not.
    fn changed(
        &self,
        file: &File,
        identity: &Identity,
        row: &FileRow,
        memory: &Memory,
    ) -> Result<Option<&'static str>, Unread> {
        if self.provider.layout() == Layout::Document {
            return Ok(None);
        }
        if identity.bytes < row.position() {
            return Ok(Some("its source was truncated"));
        }
        if row.identity.is_some_and(|known| known.is_untouched(identity)) {
            return Ok(None);
        }
        // An older daemon left no fingerprint: its offset is taken at its word.
        let Some(fingerprint) = &memory.fingerprint else { return Ok(None) };
        Ok(if fingerprint.is_in(file)? { None } else { Some("its source was replaced by another file") })
    }

    fn at(
        &self,
        file: Arc<File>,
        identity: Identity,
        position: u64,
        row: &FileRow,
        memory: Memory,
    ) -> Result<Opened, Unread> {
        let first_seen = memory.first_seen.or(Some(Timestamp(identity.modified / 1000)));
        let fresh = || SessionMetadata { first_seen, ..SessionMetadata::default() };
        let document = self.provider.layout() == Layout::Document;
        let fingerprint = memory.fingerprint.clone().filter(|_| position > 0 && !document);
        let before = match memory.metadata {
            Some((_, known)) if row.excluded.is_some() || document => known,
            Some((offset, known)) if offset == position && position > 0 => known,
            _ if position == 0 || document => fresh(),
            _ => batch::metadata_at(&self.source(), &file, position, first_seen, self.options)?,
        };
        Ok(Opened { file, identity, position, before, excluded: row.excluded.is_some(), fingerprint })
    }

    /// Whether the file is one that was known under a name that is gone. It keeps its offsets only where its session is the same one
    /// under the new name: a session that is named after its path is another one for the server.
    fn take_over(
        &self,
        database: &Database,
        file: &File,
        identity: &Identity,
        key: &str,
        now: Timestamp,
    ) -> Result<bool, Unread> {
        for known in database.paths_of(identity)? {
            if known == key || Path::new(&known).exists() {
                continue;
            }
            let Some(row) = database.file(&known)? else { continue };
            let memory = database.memory(&known)?;
            let same_file = row.identity.is_some_and(|known| known.is_same_file(identity));
            let (Some(fingerprint), Some((offset, metadata))) = (&memory.fingerprint, &memory.metadata) else {
                continue;
            };
            if !same_file || identity.bytes < row.position() || !fingerprint.is_in(file)? {
                continue;
            }
            let here = batch::metadata_at(&self.source(), file, *offset, memory.first_seen, self.options)?;
            if here.id.is_some() && here.id == metadata.id {
                database.renamed(&known, key, now)?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}
