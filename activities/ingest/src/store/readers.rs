//! Connections that read: a few, opened when they are needed, each used by one call at a time.

use std::{
    path::PathBuf,
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// Kibibytes of pages that one connection keeps.
const CACHE_KIB: i64 = 2000;

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    lock_timeout: Duration,
    most: usize,
    pool: Mutex<Pool>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Pool {
    free: Vec<Connection>,
    open: usize,
    closed: bool,
}

impl Readers {
    pub(super) fn new(path: PathBuf, lock_timeout: Duration, most: usize) -> Self {
        Self { path, lock_timeout, most: most.max(1), pool: Mutex::default(), freed: Condvar::new() }
    }

    /// Calls with a connection, in one transaction: what it reads belongs together.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let lent = self.lend()?;
        let Some(connection) = &lent.connection else { return Err(StoreError::Closed) };
        let transaction = connection.unchecked_transaction()?;
        read(&transaction)
    }

    pub(super) fn close(&self) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.closed = true;
        pool.free.clear();
        self.freed.notify_all();
    }

    fn lend(&self) -> Result<Lent<'_>, StoreError> {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if pool.closed {
                return Err(StoreError::Closed);
            }
            if let Some(connection) = pool.free.pop() {
                return Ok(Lent { readers: self, connection: Some(connection) });
            }
            if pool.open < self.most {
                pool.open += 1;
                drop(pool);
                // Counted again where it is dropped, also when opening fails.
                let mut lent = Lent { readers: self, connection: None };
                lent.connection = Some(self.open()?);
                return Ok(lent);
            }
            pool = self.freed.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn open(&self) -> Result<Connection, StoreError> {
        // Read-only would not do: a reader may have to make the index of the log.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(self.lock_timeout)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(16);
        Ok(connection)
    }
}

struct Lent<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut pool = self.readers.pool.lock().unwrap_or_else(PoisonError::into_inner);
        match self.connection.take() {
            Some(connection) if !pool.closed => pool.free.push(connection),
            _ => pool.open = pool.open.saturating_sub(1),
        }
        self.readers.freed.notify_one();
    }
}
