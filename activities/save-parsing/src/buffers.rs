//! Big buffers that are used again.
//!
//! The first touch of fresh memory costs more than the parsing of what is put there, so the text of a save that is
//! dropped serves the next one.

use std::sync::{Arc, Mutex, PoisonError};

/// A pool of buffers, shared by its clones; empty until the first save is dropped.
#[derive(Debug, Clone)]
pub struct BufferPool {
    kept: Arc<Mutex<Vec<Vec<u8>>>>,
    max_bytes: usize,
}

impl BufferPool {
    /// A pool that keeps at most `max_bytes` of memory nobody uses.
    pub fn new(max_bytes: usize) -> Self {
        Self { kept: Arc::default(), max_bytes }
    }

    /// A buffer of exactly `len` bytes, their content of no meaning.
    pub(crate) fn take(&self, len: usize) -> Vec<u8> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = kept.iter().enumerate().filter(|(_, buffer)| buffer.capacity() >= len);
        let found = fitting.min_by_key(|(_, buffer)| buffer.capacity()).map(|(at, _)| at);
        let taken = found.map(|at| kept.swap_remove(at));
        drop(kept);
        match taken {
            Some(mut buffer) => {
                buffer.resize(len, 0);
                buffer
            }
            // Zeroed by the operating system at the first touch, not here.
            None => vec![0; len],
        }
    }

    pub(crate) fn give_back(&self, buffer: Vec<u8>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let used: usize = kept.iter().map(Vec::capacity).sum();
        if buffer.capacity() > 0 && used.saturating_add(buffer.capacity()) <= self.max_bytes {
            kept.push(buffer);
        }
    }
}

impl Default for BufferPool {
    /// Keeps 256 MiB: the texts of a few saves.
    fn default() -> Self {
        Self::new(256 << 20)
    }
}

/// A buffer that goes back to its pool.
#[derive(Debug)]
pub(crate) struct Pooled {
    bytes: Vec<u8>,
    pool: BufferPool,
}

impl Pooled {
    pub(crate) fn new(bytes: Vec<u8>, pool: BufferPool) -> Self {
        Self { bytes, pool }
    }
}

impl std::ops::Deref for Pooled {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        self.pool.give_back(std::mem::take(&mut self.bytes));
    }
}
