//! The log into the file, beside the writer: both syncs and the copying of pages happen on a thread and a connection of
//! their own, and no commit waits for them. Only a log that grows under a load without a pause is put into the file by the
//! writer itself, when it is four times as long: it begins anew only at a moment when all of it is in the file.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

/// Pages of the log until it is put into the file: fewer write the same page too often.
const PAGES: i32 = 4_000;
/// Pages until the writer does it.
const MOST_PAGES: i32 = 16_000;
/// Pages at which the writer waits for the other thread to be done: a disk that is slower than the senders makes them wait.
const ALL_PAGES: i32 = 32_000;
/// Bytes that the log keeps on the disk when it is empty: as many as it grows to.
pub(super) const LOG_BYTES: i64 = 64 * 1024 * 1024;

/// The thread; ends when it is dropped.
#[derive(Debug)]
pub(super) struct Checkpoints {
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread and has `writer` tell it how long the log is. The hook that tells is taken back by
    /// [`Checkpoints::end`].
    pub(super) fn start(
        writer: &mut Connection,
        path: &Path,
        lock_timeout: Duration,
    ) -> rusqlite::Result<Option<Self>> {
        let (wake, woken) = sync_channel(1);
        let path = path.to_owned();
        let turn = Turn::default();
        let other = Arc::clone(&turn);
        let thread = thread::Builder::new()
            .name("ingest-log".to_owned())
            .spawn(move || put_into_file(&path, lock_timeout, &woken, &other));
        let Ok(thread) = thread else {
            // SQLite's own way, on the writer's thread.
            writer.pragma_update(None, "wal_autocheckpoint", PAGES)?;
            return Ok(None);
        };
        hook(writer, wake, turn)?;
        Ok(Some(Self { thread: Some(thread) }))
    }

    /// Waits for what the thread is at.
    pub(super) fn end(mut self, writer: &mut Connection) {
        // With the hook goes the sender, at whose end the thread ends.
        let unhooked = writer.wal_hook(None::<fn(&mut rusqlite::hooks::Wal, i32) -> rusqlite::Result<()>>);
        if let (Ok(()), Some(thread)) = (unhooked, self.thread.take()) {
            // One that panicked has said so on its own.
            let _ = thread.join();
        }
    }
}

/// Held while the thread is at work.
type Turn = Arc<Mutex<()>>;

fn hook(writer: &mut Connection, wake: SyncSender<()>, turn: Turn) -> rusqlite::Result<()> {
    let (mut asked, mut tried) = (0, 0);
    writer.wal_hook(Some(move |log: &mut rusqlite::hooks::Wal, pages: i32| {
        if pages < asked {
            (asked, tried) = (0, 0);
        }
        if pages < MOST_PAGES {
            if pages - asked >= PAGES {
                asked = pages;
                // It is awake, or it was told and has not yet come to it.
                let _ = wake.try_send(());
            }
        } else if pages - tried >= PAGES / 4 {
            // The other thread is told no more: while it is at work, this cannot be done. A reader in the middle of something
            // may hinder it too: tried again later, not at each commit.
            tried = pages;
            let _turn = (pages >= ALL_PAGES).then(|| turn.lock().unwrap_or_else(PoisonError::into_inner));
            if let Err(error) = log.checkpoint() {
                tracing::debug!(%error, pages, "the log is not put into the file now");
            }
        }
        Ok(())
    }))
}

fn put_into_file(path: &Path, lock_timeout: Duration, woken: &Receiver<()>, turn: &Turn) {
    let mut connection = None;
    while woken.recv().is_ok() {
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        // Opened at the first need: a small store has none.
        let done = match &connection {
            Some(connection) => checkpoint(connection),
            None => open(path, lock_timeout).and_then(|opened| checkpoint(connection.insert(opened))),
        };
        if let Err(error) = done {
            tracing::debug!(%error, "the log is not put into the file now");
        }
    }
}

fn open(path: &Path, lock_timeout: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(lock_timeout)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    // Waits for nobody: what a reader still needs stays in the log.
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}
