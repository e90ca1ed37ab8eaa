//! Everything but the sending and the remembering.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::excluded::Excluded;
use super::opening::{Opened, Opening, Unread};
use super::scratch::Scratch;
use super::sources::New;
use super::{Control, DryRunReport, Error, Lane, Progress, Scope, ScopeSources, options, sources};
use crate::batch::{self, Built, Options, Source};
use crate::config::{Config, EncodingChoice};
use crate::document::Document;
use crate::encoding::Encoding;
use crate::provider::Layout;
use crate::state::{FileRow, Memory, Reading};
use crate::{lines, session::SessionMetadata};

/// A file on its way through the threads.
struct Cursor<'a> {
    file: &'a New,
    opened: Option<Opened>,
}

#[derive(Default)]
struct Queue<'a> {
    ready: VecDeque<Cursor<'a>>,
    active: usize,
    taken: u64,
}

struct Dry<'a> {
    config: &'a Config,
    options: Options,
    excluded: Excluded,
    rows: &'a HashMap<String, FileRow>,
    reading: Option<Mutex<Reading>>,
    queue: Mutex<Queue<'a>>,
    wake: Condvar,
    report: Mutex<(DryRunReport, Progress)>,
    max_bytes: u64,
    stopped: AtomicBool,
}

pub(super) fn dry_run(config: &Config, scope: &Scope, control: &dyn Control) -> Result<DryRunReport, Error> {
    let began = Instant::now();
    let providers = sources::providers(config)?;
    let found = sources::find(config, &providers, scope)?;
    let reading = Reading::open(&config.database)?;
    let rows = reading.as_ref().map_or(Ok(HashMap::new()), Reading::files)?;
    let excluded = Excluded::new(&config.excluded_projects)?;
    let paths: Vec<_> = found.files.iter().map(|file| sources::key(&file.path)).collect();
    let (new, discovery) = sources::new(found, &rows, &excluded, Lane::Backfill);
    let progress = Progress {
        files_total: u64::try_from(new.len()).unwrap_or(u64::MAX),
        bytes_total: discovery.new_bytes,
        ..Progress::default()
    };
    let report = DryRunReport { warnings: discovery.warnings, ..DryRunReport::default() };
    let dry = Dry {
        config,
        options: options(config),
        excluded,
        rows: &rows,
        reading: reading.map(Mutex::new),
        queue: Mutex::new(Queue {
            ready: new.iter().map(|file| Cursor { file, opened: None }).collect(),
            ..Queue::default()
        }),
        wake: Condvar::new(),
        report: Mutex::new((report, progress)),
        max_bytes: scope.max_bytes.unwrap_or(u64::MAX),
        stopped: AtomicBool::new(false),
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..config.workers.max(1)).map(|_| scope.spawn(|| dry.work())).collect();
        // The caller's own thread asks and tells; a control need not bear being called from others.
        while !threads.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            let queue = dry.queue.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = dry.wake.wait_timeout(queue, Duration::from_millis(5)).unwrap_or_else(PoisonError::into_inner);
            drop(waited);
            let progress = dry.report.lock().unwrap_or_else(PoisonError::into_inner).1;
            control.progress(&progress);
            if !control.proceed() {
                dry.stopped.store(true, Ordering::Relaxed);
                dry.wake.notify_all();
            }
        }
    });
    let (mut report, _) = dry.report.into_inner().unwrap_or_else(PoisonError::into_inner);
    report.cancelled = dry.stopped.into_inner();
    let single = matches!(&scope.sources, ScopeSources::Paths(paths) if paths.len() == 1) && discovery.files == 1;
    report.last_offset = match paths.as_slice() {
        // Nothing is new in it: the next read starts where the last one ended.
        [path] if single => report.last_offset.or_else(|| rows.get(path).map(FileRow::position)),
        _ => None,
    };
    report.duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(report)
}

impl<'a> Dry<'a> {
    fn work(&self) {
        let mut scratch = Scratch::new(self.config.batch_bytes);
        while let Some(mut cursor) = self.next() {
            let file = cursor.file;
            if let Err(error) = self.step(&mut cursor, &mut scratch) {
                let words = match error {
                    Unread::File(error) => error.to_string(),
                    Unread::State(error) => error.to_string(),
                };
                let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
                report.0.warnings.push(format!("{}: {words}", file.path.display()));
            }
            scratch.shrink(self.config.batch_bytes);
            self.queue.lock().unwrap_or_else(PoisonError::into_inner).active -= 1;
            self.wake.notify_all();
        }
    }

    fn next(&self) -> Option<Cursor<'a>> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.stopped.load(Ordering::Relaxed) || queue.taken >= self.max_bytes {
                return None;
            }
            if let Some(cursor) = queue.ready.pop_front() {
                queue.active += 1;
                return Some(cursor);
            }
            if queue.active == 0 {
                return None;
            }
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn open(&self, file: &New) -> Result<Opened, Unread> {
        let row = self.rows.get(&file.key).cloned().unwrap_or_default();
        let memory = match &self.reading {
            Some(reading) => reading.lock().unwrap_or_else(PoisonError::into_inner).memory(&file.key)?,
            None => Memory::default(),
        };
        Opening { provider: file.provider, path: &file.path, options: &self.options, copy: None }
            .without_state(&row, memory)
    }

    fn step(&self, cursor: &mut Cursor<'a>, scratch: &mut Scratch) -> Result<(), Unread> {
        let file = cursor.file;
        let first = cursor.opened.is_none();
        let mut opened = match cursor.opened.take() {
            Some(opened) => opened,
            None => self.open(file)?,
        };
        if std::mem::take(&mut opened.excluded) {
            if self.excluded.covers(&opened.before) {
                return Ok(());
            }
            opened.before = SessionMetadata { first_seen: opened.before.first_seen, ..SessionMetadata::default() };
        }
        if file.provider.layout() == Layout::Document {
            return self.document(file, &opened, scratch);
        }
        let end = lines::read(&opened.file, opened.position, None, self.config.batch_bytes, &mut scratch.source)?;
        if scratch.source.is_empty() {
            let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
            report.0.last_offset = Some(opened.position);
            report.1.files += 1;
            return Ok(());
        }
        let source = Source { provider: file.provider, path: &file.path };
        let start = opened.position;
        let built =
            batch::build_lines(&source, start, &scratch.source, &opened.before, &self.options, &mut scratch.payload);
        if start == 0 && self.excluded.covers(&built.after) {
            return Ok(());
        }
        let next = Opened { position: end, before: built.after.clone(), ..opened };
        {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.taken = queue.taken.saturating_add(end - start);
            queue.ready.push_front(Cursor { file, opened: Some(next) });
            self.wake.notify_all();
        }
        self.count(&built, end - start, scratch, first)
    }

    fn document(&self, file: &New, opened: &Opened, scratch: &mut Scratch) -> Result<(), Unread> {
        let bytes = super::whole::read(&opened.file, opened.identity.bytes)?;
        let source = Source { provider: file.provider, path: &file.path };
        let document = Document::open(&source, &bytes, &opened.before, &self.options)
            .map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))?;
        let mut size = opened.identity.bytes;
        for messages in document.ranges(self.config.batch_bytes) {
            let built = document.build(messages, &mut scratch.payload);
            if self.excluded.covers(&built.after) {
                return Ok(());
            }
            self.count(&built, size, scratch, size > 0)?;
            size = 0;
        }
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        report.0.last_offset = u64::try_from(opened.identity.modified / 1_000_000_000).ok();
        report.1.files += 1;
        Ok(())
    }

    fn count(&self, built: &Built, source_bytes: u64, scratch: &mut Scratch, first: bool) -> Result<(), Unread> {
        let encoding = match self.config.encoding {
            EncodingChoice::Gzip(gzip) | EncodingChoice::Auto { gzip, .. } => Encoding::Gzip(gzip),
            EncodingChoice::Zstd(level) => Encoding::Zstd(level),
        };
        let mut sizes = (0, 0);
        if built.events > 0 {
            let encoded = scratch.encode(encoding)?.len();
            sizes = (scratch.payload.len(), encoded);
        }
        let size = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let mut held = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        let (report, progress) = &mut *held;
        report.files += u64::from(first);
        report.source_bytes += source_bytes;
        report.events += built.events;
        report.batches += 1;
        report.quarantined += built.unusable_count;
        report.payload_bytes += size(sizes.0);
        report.compressed_bytes += size(sizes.1);
        let roles =
            [("user", built.by_role.user), ("assistant", built.by_role.assistant), ("tool", built.by_role.tool)];
        for (role, events) in roles {
            *report.events_by_role.entry(role.to_owned()).or_default() += events;
        }
        progress.bytes += source_bytes;
        progress.events += built.events;
        Ok(())
    }
}
