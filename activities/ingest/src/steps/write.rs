//! `writeEvents`: a list of events, as the HTTP batch takes it.

use std::{io::Read, time::Duration};

use contracts::{
    errors::ErrorType,
    ingest::{RejectedEvent, WriteEventsInput, WriteEventsOutput},
    shared::BlobRef,
};
use kit::{Failure, Job, Phases, WorkResult};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Settings, failure::of_store};
use crate::{
    event::{self, Content, Invalid, NewEvent},
    transfer::{Format, unpack},
};

/// Events that are stored together.
const GROUP_EVENTS: usize = 500;
/// The text of a blob of events. What is larger is imported as a file.
const MOST_BYTES: u64 = 64 << 20;
/// How long to wait for the store before asking whether to go on.
const PATIENCE: Duration = Duration::from_millis(250);

/// How far an attempt came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    /// Events that are dealt with, those that cannot be stored not counted.
    pub done: u64,
    /// Of them: stored.
    pub received: u64,
    /// Of them: there before.
    pub duplicates: u64,
}

/// Writes events. `call` names the call, the same at each attempt: an event without an id gets one of it and of its place, so
/// that two attempts store it once.
///
/// # Errors
/// `InvalidInput` and what a blob says; `RateLimited` when the queue of the store is full; the store's errors; an interruption.
pub fn write_events(
    job: &Job<Written>,
    settings: &Settings,
    input: WriteEventsInput,
    resume: Option<Written>,
    call: &str,
) -> WorkResult<WriteEventsOutput> {
    let mut phases = Phases::default();
    job.progress("read", 0, 0, "events");
    let parsed = phases.time("read", || parse(settings, input))?;
    let (mut events, mut rejected) = (Vec::with_capacity(parsed.len()), Vec::new());
    for (index, parsed) in (0_u64..).zip(parsed) {
        match parsed {
            Ok(mut event) => {
                if event.event_id.is_none() {
                    event.event_id = Some(id(call, index));
                }
                if !settings.redaction.is_empty() {
                    event.metadata.map_json(|json| settings.redaction.json(json));
                }
                events.push(event);
            }
            Err(invalid) => {
                let errors = invalid.details.iter().map(ToString::to_string).collect();
                rejected.push(RejectedEvent { index, errors });
            }
        }
    }
    let written = phases.time("write", || write(job, settings, events, resume.unwrap_or_default()))?;
    Ok(WriteEventsOutput {
        received: written.received,
        duplicates: written.duplicates,
        rejected,
        phases: phases.into_millis(),
    })
}

fn write(job: &Job<Written>, settings: &Settings, events: Vec<NewEvent>, from: Written) -> WorkResult<Written> {
    let total = count(events.len());
    let failed = |error| of_store(&error, settings.store.path());
    let mut written = from;
    let mut events = events.into_iter().skip(usize::try_from(from.done).unwrap_or(usize::MAX)).peekable();
    while events.peek().is_some() {
        job.proceed()?;
        let group: Vec<NewEvent> = events.by_ref().take(GROUP_EVENTS).collect();
        let mut ticket = settings.store.write(group).map_err(failed)?;
        let outcomes = loop {
            match ticket.wait_for(PATIENCE) {
                Some(answer) => break answer.map_err(failed)?,
                None => job.proceed()?,
            }
        };
        let stored = count(outcomes.iter().filter(|outcome| outcome.stored().is_some()).count());
        written.received += stored;
        written.duplicates += count(outcomes.len()) - stored;
        written.done += count(outcomes.len());
        job.checkpoint(written);
        job.progress("write", written.done, total, "events");
    }
    Ok(written)
}

type Parsed = Vec<Result<NewEvent, Invalid>>;

fn parse(settings: &Settings, input: WriteEventsInput) -> Result<Parsed, Failure> {
    let Some(blob) = input.blob else {
        let each = |event| event::parse_text(&serde_json::Value::Object(event).to_string(), &settings.limits);
        return Ok(input.events.into_iter().map(each).collect());
    };
    if !input.events.is_empty() {
        let what = "there are events in the input and a blob of events";
        return Err(Failure::new(ErrorType::InvalidInput, what, "events", "give one of the two"));
    }
    let text = text_of(settings, &blob)?;
    let trimmed = text.trim_start_matches('\u{feff}').trim_start();
    if trimmed.starts_with('[') {
        let batch = format!("{{\"events\":{trimmed}}}");
        return event::parse_batch(batch.as_bytes(), Content::Utf8, &settings.limits).map_err(|_| {
            Failure::new(
                ErrorType::ParseError,
                "the blob is no JSON array",
                blob.uri,
                "write one array, or an object a line",
            )
        });
    }
    let lines = trimmed.lines().filter(|line| !line.trim().is_empty());
    Ok(lines.map(|line| event::parse_text(line, &settings.limits)).collect())
}

fn text_of(settings: &Settings, blob: &BlobRef) -> Result<String, Failure> {
    let fetched = settings.files.blobs.fetch(blob, MOST_BYTES)?;
    let damaged = |error: std::io::Error| match error.raw_os_error() {
        Some(_) => Failure::io("reading the blob", blob.uri.as_ref(), &error),
        None => Failure::new(
            ErrorType::ParseError,
            format!("the packed blob is damaged: {error}"),
            &blob.uri,
            "make it anew",
        ),
    };
    let mut bytes = Vec::new();
    let unpacked = unpack(&fetched.file, fetched.bytes, Format::Auto).map_err(damaged)?;
    unpacked.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(damaged)?;
    if count(bytes.len()) > MOST_BYTES {
        return Err(Failure::new(
            ErrorType::LimitExceeded,
            format!("the blob has more than {MOST_BYTES} bytes of text"),
            &blob.uri,
            "import it as a file with importEvents",
        ));
    }
    Ok(Content::Utf8.text(&bytes).into_owned())
}

fn id(call: &str, index: u64) -> String {
    let hash = Sha256::digest(call);
    format!("call:{}:{index}", hex::encode(hash.get(..16).unwrap_or_default()))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
