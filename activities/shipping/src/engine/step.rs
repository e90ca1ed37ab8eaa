//! One batch of one file: read, parsed, compressed, sent.

use std::fs::File;
use std::sync::Arc;

use super::deliver::Delivery;
use super::identity::{Fingerprint, Identity};
use super::opening::{Opened, Unread};
use super::run::{Cursor, Job, Numbers, Run, What};
use super::scratch::Scratch;
use crate::batch::{self, Built, Options, Source};
use crate::lines;
use crate::session::SessionMetadata;
use crate::state::{Fate, Origin, Part, Settled};

/// A range of lines whose fate is not known yet.
pub(super) struct Range<'a> {
    pub(super) job: &'a Job,
    pub(super) file: Arc<File>,
    pub(super) identity: Identity,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) before: SessionMetadata,
    pub(super) after: SessionMetadata,
    pub(super) unusable: Vec<(u64, u64, &'static str)>,
    pub(super) fingerprint: Option<Fingerprint>,
}

/// What was made of a range.
pub(super) struct Made {
    pub(super) end: u64,
    pub(super) built: Built,
}

/// Reads whole lines and makes the body of them, in `scratch.payload`. `None` where there is no whole line.
pub(super) fn make(
    job: &Job,
    file: &File,
    (start, end): (u64, Option<u64>),
    limit: u64,
    before: &SessionMetadata,
    options: &Options,
    scratch: &mut Scratch,
) -> std::io::Result<Option<Made>> {
    let behind = lines::read(file, start, end, limit, &mut scratch.source)?;
    if scratch.source.is_empty() {
        return Ok(None);
    }
    let source = Source { provider: job.provider, path: &job.path };
    let built = batch::build_lines(&source, start, &scratch.source, before, options, &mut scratch.payload);
    Ok(Some(Made { end: behind, built }))
}

impl Run<'_> {
    /// The next batch of a cursor.
    pub(super) fn step(&self, cursor: Cursor) -> Result<What, Unread> {
        let Some(job) = self.jobs.get(cursor.job) else { return Ok(What::Done) };
        let opened = match cursor.opened {
            Some(_) if self.is_released(cursor.job) => return Ok(What::Unsettled),
            Some(opened) => opened,
            None if !self.claim(cursor.job) => return Ok(What::Busy),
            None => match self.open(job)? {
                Ok(opened) => opened,
                Err(what) => return Ok(what),
            },
        };
        if opened.excluded && self.engine.excluded.covers(&opened.before) {
            self.engine.database.exclude(
                &job.key,
                job.provider.name(),
                &opened.identity,
                &opened.before,
                self.engine.excluded.mark(),
                self.now(),
            )?;
            return Ok(What::Skipped { why: None });
        }
        // What an excluded file left behind is no state to go on from.
        let before = match opened.excluded {
            true => SessionMetadata { first_seen: opened.before.first_seen, ..SessionMetadata::default() },
            false => opened.before.clone(),
        };
        if job.is_document() {
            return self.document(job, &opened, &before);
        }
        let mut lease = self.pool.take();
        let options = &self.engine.options;
        let bounds = (opened.position, job.end());
        let limit = self.engine.limit.bytes();
        let Some(made) = make(job, &opened.file, bounds, limit, &before, options, &mut lease.scratch)? else {
            drop(lease);
            return self.end_of(job, &opened, &before);
        };
        if self.engine.excluded.covers(&made.built.after) && opened.position == 0 && job.origin == Origin::New {
            let provider = job.provider.name();
            self.engine.database.exclude(
                &job.key,
                provider,
                &opened.identity,
                &made.built.after,
                self.engine.excluded.mark(),
                self.now(),
            )?;
            return Ok(What::Skipped { why: None });
        }
        // In this order: a file that is written anew at any moment fails one of the two.
        let fingerprint = Fingerprint::of_read(&opened.file, made.end, &lease.scratch.source);
        let before_is_there =
            opened.fingerprint.as_ref().is_none_or(|print| print.is_in(&opened.file).unwrap_or(false));
        if fingerprint.is_none() || !before_is_there {
            return Ok(What::Unsettled);
        }
        let range = Range {
            fingerprint,
            job,
            file: opened.file.clone(),
            identity: opened.identity,
            start: opened.position,
            end: made.end,
            before,
            after: made.built.after.clone(),
            unusable: unusable(&made.built),
        };
        let next = Opened {
            fingerprint: range.fingerprint.clone(),
            position: made.end,
            before: made.built.after.clone(),
            excluded: false,
            ..opened
        };
        let taken = range.end - range.start;
        self.put_back(Cursor { job: cursor.job, sequence: cursor.sequence + 1, opened: Some(next) }, taken);

        let mut numbers = numbers(&made.built, taken, lease.scratch.payload.len());
        if made.built.events == 0 {
            return Ok(self.whole(range, Fate::Taken, numbers));
        }
        let encoding = self.engine.encoding();
        let body = self.encode(&mut lease.scratch, encoding)?;
        // Others may use the core while this thread waits for the server. While too much waits for it, they may not.
        let mut held = Some(lease);
        let delivery = self.deliver(&body, encoding, taken, &mut |run| {
            if run.bodies.have_room() {
                held = None;
            }
        });
        drop((held, body));
        match delivery {
            Delivery::Taken { inserted, sent } => {
                numbers.inserted = inserted;
                numbers.compressed_bytes = sent;
                Ok(self.whole(range, Fate::Taken, numbers))
            }
            Delivery::Later { error, counts } => Ok(self.whole(range, Fate::Spooled { error, counts }, numbers)),
            Delivery::Held => Ok(What::Unsettled),
            refusal => self.in_parts(range, &refusal, numbers),
        }
    }

    fn open(&self, job: &Job) -> Result<Result<Opened, What>, Unread> {
        let opening = job.opening(self.engine);
        let Origin::Spool { id, end } = job.origin else {
            return opening.of_new(&self.engine.database, self.now()).map(Ok);
        };
        let why = match opening.of_range(&self.engine.database, (job.start, end), job.metadata.clone()) {
            Ok(Ok(opened)) => return Ok(Ok(opened)),
            Ok(Err(why)) => why.to_owned(),
            Err(Unread::File(error)) if error.kind() == std::io::ErrorKind::NotFound => "its source is gone".to_owned(),
            Err(other) => return Err(other),
        };
        tracing::warn!(path = %job.path.display(), start = job.start, end, why, "a spooled range is given up");
        self.engine.database.give_up(self.now(), id, &why)?;
        Ok(Err(What::Skipped { why: Some(format!("{}: {why}", job.path.display())) }))
    }

    /// A file without another whole line.
    fn end_of(&self, job: &Job, opened: &Opened, before: &SessionMetadata) -> Result<What, Unread> {
        match job.origin {
            // Looked at up to its end: not to be opened again before it changes. A line that is being written changes it.
            Origin::New => {
                let what = What::Done;
                if opened.position == opened.identity.bytes || opened.file.metadata()?.len() == opened.identity.bytes {
                    return Ok(What::Batch {
                        settled: Box::new(self.examined(job, opened, before)),
                        numbers: Numbers::default(),
                        ends: true,
                    });
                }
                Ok(what)
            }
            // A range that ends within a line: what of it was whole is settled, and the line's own range is read from its start.
            Origin::Spool { end, .. } => {
                let part = Part { start: opened.position, end, fate: Fate::Taken, before: None };
                if opened.position >= end {
                    return Ok(What::Done);
                }
                let settled = Settled { parts: vec![part], ..self.examined(job, opened, before) };
                Ok(What::Batch { settled: Box::new(settled), numbers: Numbers::default(), ends: true })
            }
        }
    }

    /// A settled batch without anything in it, by which the state learns how far a file was looked at.
    fn examined(&self, job: &Job, opened: &Opened, before: &SessionMetadata) -> Settled {
        Settled {
            path: job.key.clone(),
            provider: job.provider.name(),
            document: job.is_document(),
            origin: job.origin,
            parts: vec![Part { start: opened.position, end: opened.position, fate: Fate::Taken, before: None }],
            after: before.clone(),
            identity: opened.identity,
            fingerprint: None,
            unusable: Vec::new(),
        }
    }

    /// A range with one fate.
    pub(super) fn whole(&self, range: Range<'_>, fate: Fate, numbers: Numbers) -> What {
        let part = Part { start: range.start, end: range.end, fate, before: Some(range.before.clone()) };
        self.settled(range, vec![part], numbers, false)
    }

    /// A range with the fates of its parts.
    pub(super) fn settled(&self, range: Range<'_>, parts: Vec<Part>, numbers: Numbers, ends: bool) -> What {
        let Some(end) = parts.last().map(|part| part.end) else { return What::Unsettled };
        // Of a part it is read now, which counts only where the file is still what the whole batch was read from.
        let fingerprint = match &range.fingerprint {
            Some(print) if print.offset == end => Some(print.clone()),
            Some(print) => Fingerprint::of(&range.file, end).ok().filter(|_| print.is_in(&range.file).unwrap_or(false)),
            None => None,
        };
        let settled = Settled {
            path: range.job.key.clone(),
            provider: range.job.provider.name(),
            document: false,
            origin: range.job.origin,
            parts,
            after: range.after,
            // Of a file it is known up to the end of the batch; what is behind it was not looked at.
            identity: Identity { bytes: end, ..range.identity },
            fingerprint,
            unusable: range.unusable,
        };
        What::Batch { settled: Box::new(settled), numbers, ends }
    }

    pub(super) fn now(&self) -> crate::timestamp::Timestamp {
        self.engine.clock.now()
    }
}

/// Lines that give nothing, with their ends.
pub(super) fn unusable(built: &Built) -> Vec<(u64, u64, &'static str)> {
    built.unusable.iter().map(|line| (line.offset, line.offset + line.bytes, line.reason.message())).collect()
}

pub(super) fn numbers(built: &Built, source_bytes: u64, payload: usize) -> Numbers {
    Numbers {
        source_bytes,
        events: built.events,
        payload_bytes: u64::try_from(payload).unwrap_or(u64::MAX),
        unusable: built.unusable_count,
        ..Numbers::default()
    }
}
