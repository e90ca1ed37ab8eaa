//! What threads report, written in the order of each file.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::run::{Numbers, Outcome, Run, What};
use super::{Control, Error, Progress};
use crate::state::{Fate, Origin, Sent, Settled};
use crate::timestamp::Timestamp;

/// How often the caller is asked while nothing happens.
const LOOK: Duration = Duration::from_millis(100);
/// So many batches are written in one transaction at most.
const GROUP: usize = 256;

/// The totals of a call.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) files: u64,
    pub(super) skipped: u64,
    pub(super) batches: u64,
    pub(super) acknowledged: u64,
    pub(super) spooled: u64,
    pub(super) quarantined: u64,
    /// Spooled ranges that are done.
    pub(super) replayed: u64,
    pub(super) numbers: Numbers,
    pub(super) remaining: u64,
    pub(super) warnings: Vec<String>,
    pub(super) last_error: Option<String>,
}

/// A job as far as it is written.
#[derive(Default)]
struct Line {
    next: u64,
    waiting: BTreeMap<u64, What>,
    /// Nothing more of it is written.
    closed: bool,
    /// It came to its end by itself.
    done: bool,
    begun: bool,
    settled: u64,
}

/// The side of the thread that made the call.
pub(super) struct Apply<'r, 'a> {
    run: &'r Run<'a>,
    control: &'a dyn Control,
    lines: Vec<Line>,
    totals: Totals,
    progress: Progress,
    since: Timestamp,
    /// Jobs that came to their end since the last transaction.
    closed: Vec<usize>,
}

/// So many warnings of single files are named.
const WARNINGS: usize = 20;

impl<'r, 'a> Apply<'r, 'a> {
    pub(super) fn new(run: &'r Run<'a>, control: &'a dyn Control) -> Self {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let progress = Progress {
            files_total: count(run.jobs.len()),
            bytes_total: run.jobs.iter().fold(0, |sum, job| sum.saturating_add(job.bytes)),
            ..Progress::default()
        };
        let lines = run.jobs.iter().map(|_| Line::default()).collect();
        Self {
            run,
            control,
            lines,
            totals: Totals::default(),
            progress,
            since: run.engine.clock.now(),
            closed: Vec::new(),
        }
    }

    /// Until no thread has anything to report.
    pub(super) fn until_done(mut self, outcomes: &Receiver<Outcome>) -> Result<Totals, Error> {
        let result = self.receive(outcomes);
        if let Err(error) = result {
            self.run.fail(error.clone());
            // The threads end by themselves; what they report is not written any more.
            while outcomes.recv().is_ok() {}
            return Err(error);
        }
        for (line, job) in self.lines.iter().zip(self.run.jobs) {
            self.totals.files += u64::from(line.begun);
            if !line.done {
                self.totals.remaining += job.bytes.saturating_sub(line.settled);
            }
        }
        self.run.failure().map_or(Ok(self.totals), Err)
    }

    fn receive(&mut self, outcomes: &Receiver<Outcome>) -> Result<(), Error> {
        loop {
            let first = match outcomes.recv_timeout(LOOK) {
                Ok(outcome) => outcome,
                Err(RecvTimeoutError::Timeout) => {
                    self.run.proceed();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            self.run.proceed();
            let mut ready = Vec::new();
            self.sort(first, &mut ready);
            while ready.len() < GROUP
                && let Ok(outcome) = outcomes.try_recv()
            {
                self.sort(outcome, &mut ready);
            }
            self.write(ready)?;
            for job in self.closed.drain(..) {
                self.run.release(job);
            }
            self.control.progress(&self.progress);
        }
    }

    /// Puts an outcome where it belongs and takes out what is now in order.
    fn sort(&mut self, outcome: Outcome, ready: &mut Vec<(usize, Box<Settled>, Numbers)>) {
        let Some(line) = self.lines.get_mut(outcome.job) else { return };
        let was_closed = line.closed;
        line.waiting.insert(outcome.sequence, outcome.what);
        while let Some(what) = line.waiting.remove(&line.next) {
            line.next += 1;
            if line.closed {
                continue;
            }
            match what {
                What::Batch { settled, numbers, ends } => {
                    line.begun |= numbers.source_bytes > 0;
                    line.done |= ends && numbers.source_bytes == 0 || settled.document;
                    // Of a spooled row nothing is written behind a part that waits on: the row would end there.
                    let waits = settled.parts.iter().any(|part| matches!(part.fate, Fate::Spooled { .. }));
                    line.closed |= ends || waits && settled.origin != Origin::New;
                    ready.push((outcome.job, settled, numbers));
                }
                What::Done => (line.done, line.closed) = (true, true),
                What::Unsettled => line.closed = true,
                What::Busy => {
                    (line.done, line.closed) = (true, true);
                    self.totals.skipped += 1;
                }
                What::Skipped { why } => {
                    (line.done, line.closed) = (true, true);
                    self.totals.skipped += u64::from(why.is_some());
                    if let Some(why) = why.filter(|_| self.totals.warnings.len() < WARNINGS) {
                        self.totals.warnings.push(why);
                    }
                }
            }
            self.progress.files += u64::from(line.done);
        }
        if line.closed && !was_closed {
            self.closed.push(outcome.job);
        }
    }

    fn write(&mut self, ready: Vec<(usize, Box<Settled>, Numbers)>) -> Result<(), Error> {
        if ready.is_empty() {
            return Ok(());
        }
        let now = self.run.engine.clock.now();
        let mut sent = Sent::default();
        let mut group = Vec::with_capacity(ready.len());
        let mut rest = Vec::with_capacity(ready.len());
        for (job, settled, numbers) in ready {
            if settled.parts.iter().any(|part| part.fate == Fate::Taken) {
                sent.events += numbers.events;
                sent.source_bytes += numbers.source_bytes;
                sent.compressed_bytes += numbers.compressed_bytes;
            }
            group.push(*settled);
            rest.push((job, numbers));
        }
        sent.busy_ms = milliseconds(self.since, now);
        self.since = now;
        let written = self.run.engine.database.settle(now, &group, sent)?;
        for (((job, numbers), settled), written) in rest.into_iter().zip(&group).zip(written) {
            self.count(job, &numbers, settled, written);
        }
        if let Some(error) = self.totals.last_error.take() {
            self.run.engine.database.note_error(now, &error)?;
        }
        if let Some(hold) = self.run.engine.gate.changed() {
            self.run.engine.database.note_hold(hold.as_ref())?;
        }
        Ok(())
    }

    fn count(&mut self, job: usize, numbers: &Numbers, settled: &Settled, written: bool) {
        let Some(line) = self.lines.get_mut(job) else { return };
        if !written {
            (line.closed, line.done) = (true, false);
            self.closed.push(job);
            let warning = "the spool is full: ranges that the server does not take stay where they are".to_owned();
            if !self.totals.warnings.contains(&warning) {
                self.totals.warnings.push(warning);
            }
            return;
        }
        line.settled += numbers.source_bytes;
        self.progress.bytes += numbers.source_bytes;
        self.progress.events += numbers.events;
        if numbers.source_bytes == 0 && settled.parts.iter().all(|part| part.start == part.end) {
            return;
        }
        let totals = &mut self.totals;
        totals.batches += u64::from(numbers.source_bytes > 0);
        totals.quarantined += numbers.unusable;
        let mut taken = false;
        for part in &settled.parts {
            match &part.fate {
                Fate::Taken => {
                    taken = true;
                    self.progress.acknowledged +=
                        if settled.document { numbers.source_bytes } else { part.end.saturating_sub(part.start) };
                }
                Fate::Spooled { error, .. } => {
                    totals.spooled += 1;
                    totals.last_error = Some(format!("{}: {error}", settled.path));
                }
                Fate::Refused { reason, .. } => {
                    totals.quarantined += 1;
                    totals.last_error = Some(format!("{}: {reason}", settled.path));
                }
            }
        }
        totals.acknowledged += u64::from(taken && numbers.source_bytes > 0);
        let spooled = settled.parts.iter().any(|part| matches!(part.fate, Fate::Spooled { .. }));
        let last = settled.parts.last().map_or(0, |part| part.end);
        if let Origin::Spool { end, .. } = settled.origin
            && !spooled
            && (settled.document || last >= end)
        {
            totals.replayed += 1;
            (line.done, line.closed) = (true, true);
        }
        let all = &mut totals.numbers;
        all.source_bytes += numbers.source_bytes;
        all.events += numbers.events;
        all.inserted += numbers.inserted;
        all.payload_bytes += numbers.payload_bytes;
        all.compressed_bytes += numbers.compressed_bytes;
    }
}

pub(super) fn milliseconds(since: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.0.saturating_sub(since.0) / 1000).unwrap_or(0)
}
