//! Sessions and their events in a SQLite file.
//!
//! One thread writes. All bodies that wait go into one transaction, each in a savepoint of its own, and are answered after
//! the commit: a hundred small bodies cost one flush to the disk. What does not fit into the queue is refused at once.

mod read;
mod replay;
mod schema;
mod write;
mod writer;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use self::writer::{Job, Writer};
pub use self::{
    read::{Counts, StoredEvent, StoredSession},
    replay::Replayed,
};
use crate::{batch::Batch, refusal::Refusal};

/// Why the store does not open or answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file or its folder.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite.
    #[error("{path}: {source}")]
    Sqlite {
        /// Which file.
        path: String,
        /// Why.
        source: rusqlite::Error,
    },
    /// Another program's database.
    #[error("{path} is the database of another program; give another path")]
    Foreign {
        /// Which file.
        path: String,
    },
    /// Written by a later version.
    #[error("{path} has schema {found} and this version knows {known}; run the version that wrote it, or a later one")]
    NewerSchema {
        /// Which file.
        path: String,
        /// What it has.
        found: i64,
        /// What is known.
        known: i64,
    },
    /// The thread that writes is gone.
    #[error("{path}: the writer has ended")]
    Ended {
        /// Which file.
        path: String,
    },
}

/// What became of a body: the answer's JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingested {
    /// UUID of the session.
    pub session_id: String,
    /// Events that were new.
    pub events_inserted: u64,
    /// Events that were there already.
    pub events_skipped: u64,
    /// Whether the session was new.
    pub session_created: bool,
}

/// What a deletion took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Events of the session.
    pub events: u64,
}

/// The store. Clones share it; the thread that writes ends with the last of them, after what is queued.
#[derive(Debug, Clone)]
pub struct Store(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    reader: Mutex<Connection>,
    writer: Writer,
}

impl Store {
    /// How many bodies may wait, by default.
    pub const QUEUE: usize = 256;

    /// Opens the file and creates it with its folder when it is not there. An older schema is brought forward.
    ///
    /// # Errors
    /// When it cannot be opened, belongs to another program, or was written by a later version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with_queue(path, Self::QUEUE)
    }

    /// As [`Self::open`], with room for so many bodies that wait; at least one.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with_queue(path: &Path, queue: usize) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)
                .map_err(|source| StoreError::Io { path: folder.display().to_string(), source })?;
        }
        let writer = connect(path)?;
        let reader = connect(path)?;
        let writer = Writer::start(writer, queue.max(1))
            .map_err(|source| StoreError::Io { path: path.display().to_string(), source })?;
        Ok(Self(Arc::new(Shared { path: path.to_owned(), reader: Mutex::new(reader), writer })))
    }

    /// Queues a body. What comes out of the channel comes after the commit.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when the queue is full.
    pub fn ingest(
        &self,
        batch: impl Into<Arc<Batch>>,
    ) -> Result<oneshot::Receiver<Result<Ingested, Refusal>>, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.0.writer.send(Job::Ingest(batch.into(), answer))?;
        Ok(answered)
    }

    /// Queues the deletion of a session; [`Refusal::NotFound`] comes out when there is none.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when the queue is full.
    pub fn remove_session(&self, id: &str) -> Result<oneshot::Receiver<Result<Removed, Refusal>>, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.0.writer.send(Job::Remove(id.to_owned(), answer))?;
        Ok(answered)
    }

    /// How much there is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.read(read::counts)
    }

    /// At most `limit` sessions in the order of their ids, from after `after` on; "" is before all.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sessions(&self, after: &str, limit: u64) -> Result<Vec<StoredSession>, StoreError> {
        self.read(|connection| read::sessions(connection, after, limit))
    }

    /// At most `limit` events of a session in the order in which they came, from after number `after` on; 0 is before all. Nothing
    /// when there is no such session.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn events(&self, session: &str, after: i64, limit: u64) -> Result<Option<Vec<StoredEvent>>, StoreError> {
        self.read(|connection| read::events(connection, session, after, limit))
    }

    /// What is stored behind number `after`, in the order in which it came, as bodies again: some hundred events at a time. 0 is
    /// before all; nothing is left where no batch comes back. Without the lines themselves.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn replay(&self, after: i64) -> Result<Replayed, StoreError> {
        self.read(|connection| replay::page(connection, after))
    }

    /// The number of the last event; 0 when there is none.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last_number(&self) -> Result<i64, StoreError> {
        self.read(replay::last_number)
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        // Who panicked while reading has left nothing behind.
        let reader = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner);
        read(&reader).map_err(|source| sqlite_error(&self.0.path, source))
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let wrap = |source| sqlite_error(path, source);
    let mut connection = Connection::open(path).map_err(wrap)?;
    schema::configure(&connection).map_err(wrap)?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(wrap)?;
    let owner: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(wrap)?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0)).map_err(wrap)?;
    if owner != schema::APPLICATION_ID && (owner != 0 || tables > 0) {
        return Err(StoreError::Foreign { path: path.display().to_string() });
    }
    if found > schema::VERSION {
        return Err(StoreError::NewerSchema { path: path.display().to_string(), found, known: schema::VERSION });
    }
    if found < schema::VERSION {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrap)?;
        // Another process may have done it meanwhile.
        let found = tx.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(wrap)?;
        schema::migrate(&tx, found).map_err(wrap)?;
        tx.commit().map_err(wrap)?;
    }
    Ok(connection)
}

fn sqlite_error(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.display().to_string();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::Foreign { path },
        _ => StoreError::Sqlite { path, source },
    }
}
