//! Buffers of the threads that work, as many as there are to work at once: whoever has one may use a core.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::encoding::{Encoder, Encoding};

/// What one thread needs to make a body.
#[derive(Default)]
pub(super) struct Scratch {
    /// Lines of a source; when they have become a payload, the body of the request.
    pub(super) source: Vec<u8>,
    pub(super) payload: Vec<u8>,
    pub(super) encoder: Encoder,
}

/// Room for a batch and what becomes of it.
fn usual(batch_bytes: u64) -> usize {
    usize::try_from(batch_bytes.saturating_mul(5) / 4).unwrap_or(0).min(64 << 20)
}

impl Scratch {
    /// With room for a batch at once. It costs nothing before it is used, while a buffer that grows leaves holes behind.
    pub(super) fn new(batch_bytes: u64) -> Self {
        let buffer = || Vec::with_capacity(usual(batch_bytes));
        Self { source: buffer(), payload: buffer(), encoder: Encoder::default() }
    }

    /// Compresses the payload and answers the body. The lines are gone then: a buffer more for each thread would be a third more
    /// memory.
    ///
    /// # Errors
    ///
    /// What the library says.
    pub(super) fn encode(&mut self, encoding: Encoding) -> std::io::Result<&[u8]> {
        self.encoder.encode(encoding, &self.payload, &mut self.source)?;
        Ok(&self.source)
    }

    /// Gives back to the system what grew far beyond a batch for one long line.
    pub(super) fn shrink(&mut self, batch_bytes: u64) {
        let usual = usual(batch_bytes);
        for buffer in [&mut self.source, &mut self.payload] {
            if buffer.capacity() > usual.saturating_mul(2) {
                *buffer = Vec::with_capacity(usual);
            }
        }
    }
}

/// The buffers that are free.
pub(super) struct Pool {
    free: Mutex<Vec<Scratch>>,
    returned: Condvar,
    batch_bytes: u64,
}

impl Pool {
    pub(super) fn new(workers: usize, batch_bytes: u64) -> Self {
        let free = (0..workers.max(1)).map(|_| Scratch::new(batch_bytes)).collect();
        Self { free: Mutex::new(free), returned: Condvar::new(), batch_bytes }
    }

    /// Waits for free buffers.
    pub(super) fn take(&self) -> Lease<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(scratch) = free.pop() {
                return Lease { pool: self, scratch };
            }
            free = self.returned.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Buffers in use; they return when this goes.
pub(super) struct Lease<'a> {
    pool: &'a Pool,
    pub(super) scratch: Scratch,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.shrink(self.pool.batch_bytes);
        self.pool.free.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        self.pool.returned.notify_one();
    }
}
