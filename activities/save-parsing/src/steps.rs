//! What each activity does, as plain functions: no async, no Temporal.

use std::{
    cell::RefCell,
    collections::HashMap,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use contracts::{
    errors::ErrorType,
    save_parsing::{
        ExportSectionInput, ExportSectionOutput, FindSavesInput, FindSavesOutput, FoundSave, InspectSaveInput,
        InspectSaveOutput, QuerySaveInput, QuerySaveOutput, SaveMark, SaveSection,
    },
    shared::FileRef,
};
use kit::{Failure, Files, Job, Phases, WorkError, WorkResult, peak_rss_bytes};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    EntryStream, Limits, Save, SaveError, SaveErrorKind, Scalars, Schema, SectionSize,
    cache::{Missed, SaveCache},
    folder, protocol,
};

/// Memory for open saves where no limit is set: eight or so of the largest real ones.
pub const USUAL_MEMORY: u64 = 1 << 30;

/// Longest wait of [`find_saves`], in seconds.
const LONGEST_WAIT: u32 = 600;
/// Between two looks at a folder; a game takes longer than that to write a save.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// What the activities work with.
#[derive(Debug)]
pub struct Settings {
    files: Files,
    cache: SaveCache,
    limits: Limits,
}

impl Settings {
    /// Saves from `files`, in `memory` bytes.
    pub fn new(files: Files, memory: u64) -> Self {
        let cache = SaveCache::new(memory);
        let limits = Limits::default();
        let text_bytes = limits.text_bytes.min(cache.largest_text());
        Self { files, limits: Limits { file_bytes: limits.file_bytes.min(text_bytes), text_bytes, ..limits }, cache }
    }

    /// A folder that an input names, if it is within those that may be read.
    ///
    /// # Errors
    /// `PathEscape`, `NotFound` and the like.
    pub fn folder(&self, path: &Path) -> Result<PathBuf, Failure> {
        self.files.roots.folder(path)
    }

    /// The save that an input names, its hash, and whether it was open already.
    ///
    /// # Errors
    /// What the file or the save say, or an interruption.
    pub fn open<C: Send + Sync>(&self, job: &Job<C>, file: &FileRef) -> WorkResult<(Arc<Save>, String, bool)> {
        job.progress("open", 0, 0, "bytes");
        let mut opened = self.files.open(file, self.limits.file_bytes)?;
        let mut bytes = Vec::new();
        // It may grow meanwhile, and a save that is still being written is not one yet.
        let read = (&mut opened.file).take(self.limits.file_bytes + 1).read_to_end(&mut bytes);
        read.map_err(|e| Failure::io("reading the save", opened.name.as_ref(), &e))?;
        job.proceed()?;
        let sha256 = opened.sha256.unwrap_or_else(|| hex::encode(Sha256::digest(&bytes)));
        let file_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let name = opened.name;
        let go_on = || job.stopped().is_none();
        let found =
            self.cache.get(&sha256, file_bytes, &go_on, |pool| Save::from_bytes_with(bytes, &self.limits, pool));
        match found {
            Ok((save, cached)) => Ok((save, sha256, cached)),
            Err(Missed::GaveUp) => Err(WorkError::Interrupted),
            Err(Missed::Save(error)) => Err(failure(error, Some(&name)).into()),
        }
    }
}

/// Finds the saves of a folder that are whole and new; waits for one if there is none and the input says so.
///
/// # Errors
/// When the folder may not be read, or an interruption.
pub async fn find_saves<C: Send + Sync>(
    job: &Job<C>,
    settings: &Settings,
    input: &FindSavesInput,
) -> WorkResult<FindSavesOutput> {
    if input.wait_seconds > LONGEST_WAIT {
        let what = format!("{} seconds is longer than the {LONGEST_WAIT} that are waited", input.wait_seconds);
        return Err(Failure::new(ErrorType::InvalidInput, what, "waitSeconds", "ask again afterwards").into());
    }
    let folder = settings.files.roots.folder(Path::new(&input.folder))?;
    let until = Instant::now() + Duration::from_secs(u64::from(input.wait_seconds));
    loop {
        job.progress("look", 0, 0, "saves");
        let (folder, after) = (folder.clone(), input.after.clone());
        let looked = tokio::task::spawn_blocking(move || look(&folder, after.as_ref())).await;
        let found = looked.map_err(|e| {
            Failure::new(ErrorType::Internal, format!("looking at a folder: {e}"), &input.folder, "report it")
        })??;
        if !found.saves.is_empty() || Instant::now() >= until {
            return Ok(found);
        }
        tokio::select! {
            () = tokio::time::sleep(BETWEEN_LOOKS) => {}
            _ = job.until_stopped() => return Err(WorkError::Interrupted),
        }
    }
}

/// What is in a folder after a mark. The mark that is returned stays before a save that is not finished, so that it is seen when
/// it is; those behind it are named again then, with the same content.
fn look(folder: &Path, after: Option<&SaveMark>) -> Result<FindSavesOutput, Failure> {
    let now = SystemTime::now();
    let all = folder::saves(folder).map_err(|e| Failure::io("looking for saves", folder, &e))?;
    let mut found = FindSavesOutput { saves: Vec::new(), mark: after.cloned(), unfinished: Vec::new() };
    for save in all {
        let mark = SaveMark { modified_ms: save.modified_ms, path: save.path.to_string_lossy().into_owned() };
        if after.is_some_and(|after| mark <= *after) {
            continue;
        }
        if folder::is_finished(&save, now) {
            if found.unfinished.is_empty() {
                found.mark = Some(mark.clone());
            }
            found.saves.push(FoundSave { path: mark.path, bytes: save.bytes, modified_ms: save.modified_ms });
        } else {
            found.unfinished.push(mark.path);
        }
    }
    Ok(found)
}

/// Tells what a save is.
///
/// # Errors
/// What the file, the save or the store say, or an interruption.
pub fn inspect_save<C: Send + Sync>(
    job: &Job<C>,
    settings: &Settings,
    input: &InspectSaveInput,
) -> WorkResult<InspectSaveOutput> {
    let mut phases = Phases::default();
    let (save, sha256, _) = phases.time("open", || settings.open(job, &input.save))?;
    let inspected = phases.time("inspect", || save.inspect());
    job.proceed()?;
    Ok(InspectSaveOutput {
        sha256,
        name: inspected.name,
        version: inspected.version,
        date: inspected.date,
        ironman: inspected.ironman,
        zip_bytes: inspected.zip_bytes,
        text_bytes: inspected.text_bytes,
        sections: by_name(inspected.sections, input.entries),
        phases: phases.into_millis(),
        peak_rss_bytes: peak_rss_bytes(),
    })
}

/// Answers questions about a save. What is wrong with one question is its answer, and the others are answered.
///
/// # Errors
/// What the file, the save or the store say, or an interruption.
pub fn query_save<C: Send + Sync>(
    job: &Job<C>,
    settings: &Settings,
    input: QuerySaveInput,
) -> WorkResult<QuerySaveOutput> {
    let schema = schema(input.schema_version)?;
    let mut phases = Phases::default();
    let (save, sha256, cached) = phases.time("open", || settings.open(job, &input.save))?;
    let total = u64::try_from(input.ops.len()).unwrap_or(u64::MAX);
    let mut results = Vec::new();
    for (done, op) in (0..).zip(input.ops) {
        job.progress("query", done, total, "questions");
        job.proceed()?;
        results.push(phases.time("query", || answer(&save, &op, schema)));
    }
    Ok(QuerySaveOutput { sha256, results, cached, phases: phases.into_millis() })
}

/// Writes a section to the blob store.
///
/// # Errors
/// What the file, the save or the store say, `SectionNotFound`, or an interruption.
pub fn export_section<C: Send + Sync>(
    job: &Job<C>,
    settings: &Settings,
    input: &ExportSectionInput,
) -> WorkResult<ExportSectionOutput> {
    let schema = schema(input.schema_version)?;
    let mut phases = Phases::default();
    let (save, _, _) = phases.time("open", || settings.open(job, &input.save))?;
    let stream = save.iter_section(&input.section, true, schema).map_err(|error| failure(error, None))?;
    let lines = RefCell::new(Lines { stream, job, buffer: Vec::new(), at: 0, entries: 0, bytes: 0, ended: None });
    let compressed = zstd::stream::read::Encoder::new(Shared(&lines), 3)
        .map_err(|e| Failure::io("compressing the section", input.section.as_ref(), &e))?;
    let stored = phases.time("export", || settings.files.blobs.put_reader(compressed));
    let lines = lines.into_inner();
    if let Some(ended) = lines.ended {
        return Err(ended);
    }
    Ok(ExportSectionOutput { blob: stored?, entries: lines.entries, bytes: lines.bytes, phases: phases.into_millis() })
}

/// The entries of a section as lines of JSON, one of them in memory at a time.
struct Lines<'a, C> {
    stream: EntryStream<'a>,
    job: &'a Job<C>,
    buffer: Vec<u8>,
    at: usize,
    entries: u64,
    bytes: u64,
    /// Why there are no more lines, if that is not the end of the section.
    ended: Option<WorkError>,
}

impl<C: Send + Sync> Lines<'_, C> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
            let next = self
                .job
                .proceed()
                .and_then(|()| self.stream.write_next(&mut self.buffer).map_err(|error| failure(error, None).into()));
            match next {
                Ok(false) => return Ok(0),
                Ok(true) => {}
                Err(error) => {
                    self.ended = Some(error);
                    return Err(io::Error::other("the section cannot be read to its end"));
                }
            }
            self.buffer.push(b'\n');
            self.entries += 1;
            self.bytes += u64::try_from(self.buffer.len()).unwrap_or(u64::MAX);
            if self.entries.is_multiple_of(1000) {
                self.job.progress("export", self.entries, 0, "entries");
            }
        }
        let mut rest = self.buffer.get(self.at..).unwrap_or_default();
        let read = rest.read(out)?;
        self.at += read;
        Ok(read)
    }
}

/// Lines that are counted by whoever made them after they were read by somebody else.
struct Shared<'a, 'l, C>(&'a RefCell<Lines<'l, C>>);

impl<C: Send + Sync> Read for Shared<'_, '_, C> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(out)
    }
}

fn schema(version: u8) -> Result<Schema, Failure> {
    match version {
        1 => Ok(Schema::V1),
        2 => Ok(Schema::V2(Scalars::default())),
        other => Err(Failure::new(
            ErrorType::InvalidInput,
            format!("there is no schema version {other}"),
            "schemaVersion",
            "1: every scalar a string, the last of several equal keys; 2: nothing lost",
        )),
    }
}

/// Sections of one name together, where the first of them stands.
fn by_name(sections: Vec<SectionSize>, with_entries: bool) -> Vec<SaveSection> {
    let mut found: Vec<SaveSection> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for section in sections {
        let entries = section.entries.filter(|_| with_entries);
        let place = *places.entry(section.name.clone()).or_insert(found.len());
        match found.get_mut(place) {
            Some(same) => {
                same.bytes += section.bytes;
                same.occurrences += 1;
                same.entries = same.entries.zip(entries).map(|(one, other)| one + other).or(same.entries).or(entries);
            }
            None => found.push(SaveSection { name: section.name, bytes: section.bytes, occurrences: 1, entries }),
        }
    }
    found
}

/// The answer to one operation, or what is wrong with it.
fn answer(save: &Save, op: &Map<String, Value>, schema: Schema) -> Value {
    let refused = |error: &str, message: String| {
        let members = [("error".to_owned(), Value::from(error)), ("message".to_owned(), Value::from(message))];
        Value::Object(Map::from_iter(members))
    };
    match protocol::answer(save, op, schema) {
        Ok(json) => serde_json::from_slice(&json).unwrap_or_else(|error| refused("Internal", error.to_string())),
        Err(error) => refused(error.type_name(), error.to_string()),
    }
}

fn failure(error: SaveError, file: Option<&str>) -> Failure {
    let error_type = match error.kind {
        SaveErrorKind::NotFound => ErrorType::NotFound,
        SaveErrorKind::PermissionDenied => ErrorType::PermissionDenied,
        SaveErrorKind::ParseError { .. } => ErrorType::ParseError,
        SaveErrorKind::LimitExceeded => ErrorType::LimitExceeded,
        SaveErrorKind::Unsupported => ErrorType::Unsupported,
        SaveErrorKind::SectionNotFound => ErrorType::SectionNotFound,
        SaveErrorKind::InvalidInput => ErrorType::InvalidInput,
    };
    let mut place = match file {
        Some(file) => format!("{file}: {}", error.place),
        None => error.place.clone(),
    };
    if let Some(position) = error.position() {
        place = format!("{place}, line {}, column {}", position.line, position.col);
    }
    Failure::new(error_type, error.what, place, error.hint)
}
