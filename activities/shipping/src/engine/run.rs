//! One call at work: threads that take batches from files, and what they share.
//!
//! A thread takes a file's cursor, reads and parses one batch, puts the cursor back for whoever comes next, and only then compresses
//! and sends. So one large file keeps all cores busy, while what is known of its session passes from batch to batch in order. There
//! are more threads than cores may be used: those that wait for the server hold nothing but a compressed body.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};

use super::bodies::Bodies;
use super::claims::Claim;
use super::opening::{Opened, Opening, Unread};
use super::scratch::Pool;
use super::{Control, Engine, Error, copies};
use crate::provider::{Layout, Provider};
use crate::session::SessionMetadata;
use crate::state::{Origin, Settled};

/// A file, or a range of one, that is to be shipped.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) key: String,
    pub(super) path: PathBuf,
    pub(super) provider: &'static dyn Provider,
    pub(super) origin: Origin,
    /// For a range: its start, and what was known of the session there.
    pub(super) start: u64,
    pub(super) metadata: Option<SessionMetadata>,
    /// Bytes that it is expected to have.
    pub(super) bytes: u64,
}

impl Job {
    pub(super) fn is_document(&self) -> bool {
        self.provider.layout() == Layout::Document
    }

    /// Where a range ends.
    pub(super) fn end(&self) -> Option<u64> {
        match self.origin {
            Origin::New => None,
            Origin::Spool { end, .. } => Some(end),
        }
    }

    pub(super) fn opening<'a>(&'a self, engine: &'a Engine) -> Opening<'a> {
        let copies = engine.config.keep_copies && self.origin != Origin::New;
        let copy = copies.then(|| copies::path_for(&engine.config.database, &self.key));
        Opening { provider: self.provider, path: &self.path, options: &engine.options, copy }
    }
}

/// Where a file is.
pub(super) struct Cursor {
    pub(super) job: usize,
    /// Number of the next batch of this job.
    pub(super) sequence: u64,
    /// `None` before the first batch.
    pub(super) opened: Option<Opened>,
}

/// What a batch was, in numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Numbers {
    pub(super) source_bytes: u64,
    pub(super) events: u64,
    pub(super) inserted: u64,
    pub(super) payload_bytes: u64,
    pub(super) compressed_bytes: u64,
    pub(super) unusable: u64,
}

/// What a thread tells the one that made the call.
pub(super) struct Outcome {
    pub(super) job: usize,
    pub(super) sequence: u64,
    pub(super) what: What,
}

/// What became of a step of a job.
pub(super) enum What {
    /// A batch, to be written once all before it are. `ends` when nothing of this job may be written after it.
    Batch { settled: Box<Settled>, numbers: Numbers, ends: bool },
    /// Nothing more is in it.
    Done,
    /// The rest of it was not settled and stays as it is.
    Unsettled,
    /// Another call is at work on it.
    Busy,
    /// It could not be read, or is not to be.
    Skipped { why: Option<String> },
}

#[derive(Default)]
struct Queue {
    ready: VecDeque<Cursor>,
    active: usize,
    taken: u64,
}

/// What the threads of one call share.
pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    pub(super) jobs: &'a [Job],
    pub(super) pool: Pool,
    control: &'a dyn Control,
    queue: Mutex<Queue>,
    wake: Condvar,
    max_bytes: u64,
    stopped: AtomicBool,
    cancelled: AtomicBool,
    pub(super) bodies: Arc<Bodies>,
    failed: Mutex<Option<Error>>,
    /// Claims of the jobs that were begun and are not done.
    claims: Mutex<HashMap<usize, Claim<'a>>>,
    /// Jobs of which nothing more will be written in this call.
    abandoned: Mutex<HashSet<usize>>,
}

impl<'a> Run<'a> {
    pub(super) fn new(engine: &'a Engine, jobs: &'a [Job], max_bytes: Option<u64>, control: &'a dyn Control) -> Self {
        let ready = (0..jobs.len()).map(|job| Cursor { job, sequence: 0, opened: None }).collect();
        Self {
            engine,
            jobs,
            pool: Pool::new(engine.config.workers, engine.config.batch_bytes),
            control,
            queue: Mutex::new(Queue { ready, ..Queue::default() }),
            wake: Condvar::new(),
            max_bytes: max_bytes.unwrap_or(u64::MAX),
            stopped: AtomicBool::new(false),
            cancelled: AtomicBool::new(false),
            bodies: Arc::default(),
            failed: Mutex::new(None),
            claims: Mutex::new(HashMap::new()),
            abandoned: Mutex::new(HashSet::new()),
        }
    }

    /// Claims the file of a job that begins. Rows of the spool are claimed by their call.
    pub(super) fn claim(&self, job: usize) -> bool {
        let Some(Job { key, origin: Origin::New, .. }) = self.jobs.get(job) else { return true };
        let Some(claim) = self.engine.claims.take(key) else { return false };
        self.claims.lock().unwrap_or_else(PoisonError::into_inner).insert(job, claim);
        true
    }

    /// Nothing more of a job will be written: others may have its file, and its next batch need not be made.
    pub(super) fn release(&self, job: usize) {
        self.abandoned.lock().unwrap_or_else(PoisonError::into_inner).insert(job);
        self.claims.lock().unwrap_or_else(PoisonError::into_inner).remove(&job);
    }

    pub(super) fn is_released(&self, job: usize) -> bool {
        self.abandoned.lock().unwrap_or_else(PoisonError::into_inner).contains(&job)
    }

    /// Whether the caller wants to go on.
    pub(super) fn proceed(&self) -> bool {
        if self.cancelled.load(Ordering::Relaxed) {
            return false;
        }
        let proceed = self.control.proceed();
        if !proceed {
            self.cancelled.store(true, Ordering::Relaxed);
            self.stop();
        }
        proceed
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// No further batch is begun.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.wake.notify_all();
    }

    pub(super) fn fail(&self, error: Error) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.stop();
    }

    pub(super) fn failure(&self) -> Option<Error> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for something to do. The answer counts as work under way until the [`Turn`] goes.
    fn next(&self) -> Option<(Cursor, Turn<'_, 'a>)> {
        let mut queue = self.queue();
        loop {
            if self.stopped.load(Ordering::Relaxed) || queue.taken >= self.max_bytes {
                return None;
            }
            if let Some(cursor) = queue.ready.pop_front() {
                queue.active += 1;
                return Some((cursor, Turn { run: self }));
            }
            if queue.active == 0 {
                return None;
            }
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next batch of a file may be taken by another thread.
    pub(super) fn put_back(&self, cursor: Cursor, taken: u64) {
        let mut queue = self.queue();
        queue.taken = queue.taken.saturating_add(taken);
        queue.ready.push_front(cursor);
        self.wake.notify_all();
    }

    /// How many threads are of use.
    pub(super) fn threads(&self) -> usize {
        let config = &self.engine.config;
        let bytes: u64 = self.jobs.iter().fold(0, |sum, job| sum.saturating_add(job.bytes));
        let batches = usize::try_from(bytes / config.batch_bytes.max(1)).unwrap_or(usize::MAX);
        config.workers.max(1).saturating_add(config.uploads.max(1)).min(batches.saturating_add(self.jobs.len())).max(1)
    }

    /// A thread's work until there is none.
    pub(super) fn work(&self, outcomes: &mpsc::Sender<Outcome>) {
        while let Some((cursor, turn)) = self.next() {
            let (job, sequence) = (cursor.job, cursor.sequence);
            let tell = |what| {
                // Nobody listens any more when the call has failed.
                let _ = outcomes.send(Outcome { job, sequence, what });
            };
            match self.step(cursor) {
                Ok(what) => tell(what),
                Err(Unread::File(error)) => {
                    let path = self.jobs.get(job).map(|job| job.path.display().to_string()).unwrap_or_default();
                    tell(What::Skipped { why: Some(format!("{path}: {error}")) });
                }
                Err(Unread::State(error)) => {
                    self.fail(error);
                    tell(What::Unsettled);
                }
            }
            drop(turn);
        }
    }
}

/// A thread at work. Others wait for it in case it puts something back.
struct Turn<'r, 'a> {
    run: &'r Run<'a>,
}

impl Drop for Turn<'_, '_> {
    fn drop(&mut self) {
        self.run.queue().active -= 1;
        self.run.wake.notify_all();
    }
}
