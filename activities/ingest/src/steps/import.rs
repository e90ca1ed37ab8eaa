//! `importEvents`: a file of events, a line each.

use contracts::{
    ingest::{IMPORT_SOURCE, ImportEventsInput, ImportEventsOutput, ImportFormat},
    shared::BlobRef,
};
use kit::{Failure, Job, Phases, WorkError, WorkResult};
use serde::Serialize;

use super::{Settings, failure::of_transfer};
use crate::transfer::{Control, Format, ImportCheckpoint, ImportOptions, Imported, Reject, TransferError, import_file};

/// Rejected lines that are told of, and characters of what is wrong with one of them: they travel in every heartbeat.
const REJECTS: usize = 100;
const ERROR_CHARS: usize = 200;

/// Imports a file, from where the attempt before came to. An export comes back as it was, ids and times included, where its
/// ids are free.
///
/// # Errors
/// What the file or the store say, or an interruption, after which the next attempt goes on.
pub fn import_events(
    job: &Job<ImportCheckpoint>,
    settings: &Settings,
    input: &ImportEventsInput,
    resume: Option<ImportCheckpoint>,
) -> WorkResult<ImportEventsOutput> {
    let mut phases = Phases::default();
    job.progress("open", 0, 0, "bytes");
    let opened = phases.time("open", || settings.files.open(&input.file, u64::MAX))?;
    let source = Some(input.source.trim()).filter(|source| !source.is_empty()).unwrap_or(IMPORT_SOURCE);
    let options = ImportOptions {
        format: match input.format {
            ImportFormat::Auto => Format::Auto,
            ImportFormat::Jsonl => Format::Plain,
            ImportFormat::Gzip => Format::Gzip,
            ImportFormat::Zstd => Format::Zstd,
        },
        source: source.to_owned(),
        limits: settings.limits,
        reject_samples: REJECTS,
        detect_exports: true,
        redaction: settings.redaction.clone(),
        ..ImportOptions::default()
    };
    let mut progress = |at: &ImportCheckpoint| {
        let phase = format!("import, line {}, {} stored", at.lines, at.stored);
        job.progress(&phase, at.offset, 0, "bytes");
        if !at.sha256.is_empty() {
            job.checkpoint(told(at));
        }
        if job.stopped().is_some() { Control::Stop } else { Control::Continue }
    };
    let mut import = |from| import_file(&settings.store, &opened.file, &options, from, &mut progress);
    let ended = phases.time("import", || match import(resume) {
        // Another file by now: from its beginning. What was stored of the other one stays.
        Err(TransferError::Changed) => import(None),
        ended => ended,
    });
    let Imported { end, rejects, .. } =
        ended.map_err(|error| of_transfer(error, &opened.name, settings.store.path()))?;
    let rejects = phases.time("rejects", || keep(settings, &rejects))?;
    Ok(ImportEventsOutput {
        lines: end.stored + end.duplicates + end.rejected,
        stored: end.stored,
        duplicates: end.duplicates,
        rejected: end.rejected,
        rejects,
        bytes: end.offset,
        phases: phases.into_millis(),
    })
}

/// What a heartbeat says: of rejected lines what is wrong, and nothing of what stands in them.
fn told(at: &ImportCheckpoint) -> ImportCheckpoint {
    let rejects = at.rejects.iter().map(|reject| {
        let errors = reject.errors.iter().take(4).map(|error| error.chars().take(ERROR_CHARS).collect()).collect();
        Reject { line: reject.line, errors, sample: String::new() }
    });
    ImportCheckpoint { rejects: rejects.collect(), ..at.clone() }
}

/// A rejected line of the blob.
#[derive(Serialize)]
struct RejectedLine<'a> {
    line: u64,
    errors: &'a [String],
}

fn keep(settings: &Settings, rejects: &[Reject]) -> Result<Option<BlobRef>, WorkError> {
    if rejects.is_empty() {
        return Ok(None);
    }
    let mut lines = Vec::new();
    for reject in rejects {
        let line = RejectedLine { line: reject.line, errors: &reject.errors };
        serde_json::to_writer(&mut lines, &line).map_err(|error| {
            use contracts::errors::ErrorType;
            Failure::new(ErrorType::Internal, error.to_string(), format!("rejected line {}", reject.line), "report it")
        })?;
        lines.push(b'\n');
    }
    Ok(Some(settings.files.blobs.put(&lines)?))
}
