//! The one thread that writes.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tokio::sync::oneshot;

use super::{Ingested, Removed, write};
use crate::{batch::Batch, refusal::Refusal};

/// As many bodies go into one transaction.
const MOST_TOGETHER: usize = 64;
/// Bodies that wait take about so much memory at most, unless a single one takes more.
const MOST_QUEUED_BYTES: u64 = 256 << 20;
/// When to come again, in seconds, while the queue is full or the disk is.
const BUSY_SECONDS: u64 = 1;
const DISK_SECONDS: u64 = 60;

type Answer<T> = oneshot::Sender<Result<T, Refusal>>;

#[derive(Debug)]
pub(super) enum Job {
    Ingest(Arc<Batch>, Answer<Ingested>),
    Remove(String, Answer<Removed>),
}

/// Hands jobs to the thread; dropping it waits until all are done.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Mutex<Option<SyncSender<Job>>>,
    queued_bytes: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, queue: usize) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(queue);
        let queued_bytes = Arc::new(AtomicU64::new(0));
        let still_queued = Arc::clone(&queued_bytes);
        let thread = thread::Builder::new()
            .name("session-writer".to_owned())
            .spawn(move || run(connection, &waiting, &still_queued))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), queued_bytes, thread: Some(thread) })
    }

    pub(super) fn send(&self, job: Job) -> Result<(), Refusal> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let (bytes, queued) = (job.bytes(), self.queued_bytes.load(Ordering::SeqCst));
        if queued > 0 && queued.saturating_add(bytes) > MOST_QUEUED_BYTES {
            return Err(Refusal::Busy { seconds: BUSY_SECONDS });
        }
        // Before it is sent: the writer may be quick.
        self.queued_bytes.fetch_add(bytes, Ordering::SeqCst);
        let sent = match jobs.as_ref().map(|jobs| jobs.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(Refusal::Busy { seconds: BUSY_SECONDS }),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(Refusal::Store("the writer has ended".to_owned())),
        };
        if sent.is_err() {
            self.queued_bytes.fetch_sub(bytes, Ordering::SeqCst);
        }
        sent
    }
}

impl Job {
    fn bytes(&self) -> u64 {
        match self {
            Self::Ingest(batch, _) => batch.bytes(),
            Self::Remove(..) => 0,
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes sessions has panicked");
        }
    }
}

/// What is answered once the transaction is on the disk.
enum Done {
    Ingest(Answer<Ingested>, Result<Ingested, Refusal>),
    Remove(Answer<Removed>, Result<Removed, Refusal>),
}

fn run(mut connection: Connection, waiting: &Receiver<Job>, queued_bytes: &AtomicU64) {
    while let Ok(first) = waiting.recv() {
        let jobs: Vec<Job> = std::iter::once(first).chain(waiting.try_iter().take(MOST_TOGETHER - 1)).collect();
        let bytes = jobs.iter().map(Job::bytes).sum();
        commit_together(&mut connection, jobs);
        queued_bytes.fetch_sub(bytes, Ordering::SeqCst);
    }
    // A reader may still be there; the log is then cut at the next opening.
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::debug!(%error, "the log of the database was not cut");
    }
}

fn commit_together(connection: &mut Connection, jobs: Vec<Job>) {
    let mut done = Vec::with_capacity(jobs.len());
    let outcome = connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|mut tx| {
        for job in jobs {
            let point = tx.savepoint()?;
            let (finished, is_kept) = perform(&point, job);
            // A savepoint that is dropped is rolled back.
            if is_kept {
                point.commit()?;
            } else {
                drop(point);
            }
            done.push(finished);
        }
        tx.commit()
    });
    let failure = outcome.err().map(|error| refusal(&error));
    for finished in done {
        // Who asked may be gone; what is stored is stored.
        match finished {
            Done::Ingest(answer, result) => drop(answer.send(failure.clone().map_or(result, Err))),
            Done::Remove(answer, result) => drop(answer.send(failure.clone().map_or(result, Err))),
        }
    }
}

fn perform(connection: &Connection, job: Job) -> (Done, bool) {
    match job {
        Job::Ingest(batch, answer) => {
            let result = write::ingest(connection, &batch).map_err(|e| refusal(&e));
            let is_kept = result.is_ok();
            (Done::Ingest(answer, result), is_kept)
        }
        Job::Remove(id, answer) => {
            let result = match write::remove(connection, &id) {
                Ok(removed) => removed.ok_or_else(|| Refusal::NotFound(format!("there is no session {id}"))),
                Err(error) => Err(refusal(&error)),
            };
            let is_kept = result.is_ok();
            (Done::Remove(answer, result), is_kept)
        }
    }
}

/// A full disk or a long lock passes; the sender keeps what it has and comes again.
fn refusal(error: &rusqlite::Error) -> Refusal {
    tracing::error!(%error, "the store cannot write");
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Refusal::Busy { seconds: DISK_SECONDS },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Refusal::Busy { seconds: BUSY_SECONDS },
        _ => Refusal::Store(error.to_string()),
    }
}
