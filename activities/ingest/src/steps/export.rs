//! `exportEvents`: the store as a file that `importEvents` puts back.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use contracts::{
    errors::ErrorType,
    ingest::{ExportEventsInput, ExportEventsOutput},
    shared::BlobRef,
};
use kit::{BlobStore, Failure, Job, Phases, WorkResult};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use url::Url;

use super::{
    Settings,
    failure::{of_store, of_transfer},
    moment,
};
use crate::{
    timestamp,
    transfer::{Control, ExportOptions, Exported, Format, export},
};

/// Where an export goes.
enum Dest {
    Blobs(BlobStore),
    /// Into a folder, under this name or one of its content.
    Folder(PathBuf, Option<PathBuf>),
}

/// Exports rows that are there now, packed with zstd. The same rows are the same bytes. An attempt begins anew; nothing is seen
/// of one that did not end.
///
/// # Errors
/// `InvalidInput` for a time or a place that cannot be used, what the store and the place say, or an interruption.
pub fn export_events<C: Send + Sync>(
    job: &Job<C>,
    settings: &Settings,
    input: &ExportEventsInput,
) -> WorkResult<ExportEventsOutput> {
    let mut phases = Phases::default();
    job.progress("export", 0, 0, "events");
    let dest = dest(settings, input.dest.as_deref().map(str::trim).filter(|dest| !dest.is_empty()))?;
    let of_store = |error| of_store(&error, settings.store.path());
    let options = ExportOptions {
        since: input.since.as_deref().map(|since| bound(since, "since", 0)).transpose()?,
        until: input.until.as_deref().map(|until| bound(until, "until", -1)).transpose()?,
        through_id: Some(settings.store.last_id().map_err(of_store)?),
        format: Format::Zstd,
        ..ExportOptions::default()
    };
    let folder = match &dest {
        Dest::Blobs(_) => &settings.scratch,
        Dest::Folder(folder, _) => folder,
    };
    let failed = |error: &io::Error| Failure::io("writing the export", folder, error);
    if matches!(dest, Dest::Blobs(_)) {
        fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    let file = NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    let mut out = Hashed { out: io::BufWriter::new(file), hash: Sha256::new(), bytes: 0 };
    let mut progress = |done: &Exported| {
        job.progress("export", done.rows, 0, "events");
        if job.stopped().is_some() { Control::Stop } else { Control::Continue }
    };
    let exported = phases.time("export", || export(&settings.store, &mut out, &options, &mut progress));
    let place = folder.display().to_string();
    let exported = exported.map_err(|error| of_transfer(error, &place, settings.store.path()))?;
    let (sha256, bytes) = (hex::encode(out.hash.finalize()), out.bytes);
    let file = out.out.into_inner().map_err(|error| failed(error.error()))?;
    job.proceed()?;
    let blob = phases.time("store", || match &dest {
        Dest::Blobs(blobs) => blobs.put_file(file.path()),
        Dest::Folder(folder, name) => {
            let own = format!("events-{}.jsonl.zst", sha256.get(..16).unwrap_or(&sha256));
            keep(file, &folder.join(name.as_deref().unwrap_or(own.as_ref())), sha256, bytes)
        }
    })?;
    Ok(ExportEventsOutput { blob, rows: exported.rows, phases: phases.into_millis() })
}

/// As the store compares it: rows have whole seconds.
fn bound(text: &str, field: &str, seconds: i64) -> Result<String, Failure> {
    let millis = moment(text, field)?;
    let whole = millis.div_euclid(1000) + i64::from(millis.rem_euclid(1000) > 0);
    Ok(timestamp::to_sqlite(whole + seconds))
}

fn dest(settings: &Settings, text: Option<&str>) -> Result<Dest, Failure> {
    let Some(text) = text else { return Ok(Dest::Blobs(settings.files.blobs.clone())) };
    let wrong = |shown: &str, expected: &str| {
        Failure::new(
            ErrorType::InvalidInput,
            format!("the export cannot be written there: expected {expected}"),
            shown,
            "see dest",
        )
    };
    let path = if text.contains("://") {
        let url =
            kit::blob_url(text).map_err(|error| wrong(if error.secret { "dest" } else { text }, &error.expected))?;
        match url.scheme() {
            "file" => url.to_file_path().map_err(|()| wrong(text, "file:///PATH"))?,
            _ => {
                let store = BlobStore::open(&url, &[]).map_err(|error| wrong("dest", &error.expected))?;
                return Ok(Dest::Blobs(store.with_scratch(settings.scratch.clone())));
            }
        }
    } else {
        PathBuf::from(text)
    };
    if path.is_dir() {
        return Ok(Dest::Folder(settings.files.roots.folder(&path)?, None));
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => Ok(Dest::Folder(settings.files.roots.folder(parent)?, Some(name.into()))),
        _ => Err(wrong(text, "a file, or a folder that is there")),
    }
}

/// Gives a file that is whole its name.
fn keep(file: NamedTempFile, path: &Path, sha256: String, bytes: u64) -> Result<BlobRef, Failure> {
    let failed = |error: &io::Error| Failure::io("keeping the export", path, error);
    file.as_file().sync_all().map_err(|error| failed(&error))?;
    file.persist(path).map_err(|error| failed(&error.error))?;
    let uri = Url::from_file_path(path).map_err(|()| {
        Failure::new(ErrorType::InvalidInput, "the path is no URL", path.display().to_string(), "give another one")
    })?;
    Ok(BlobRef { uri: uri.into(), sha256, bytes })
}

/// What is written, and its hash.
struct Hashed<W> {
    out: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.bytes += u64::try_from(written).unwrap_or_default();
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
