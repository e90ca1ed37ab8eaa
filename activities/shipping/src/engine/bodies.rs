//! Bodies under way to the server.
//!
//! Their buffers are used again: an allocator that serves each thread from a place of its own would keep what every thread ever had,
//! which came to twice the memory of the rest of the engine.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// Bytes of bodies that may wait for the server before threads keep their core while they wait.
const MOST_IN_FLIGHT: u64 = 8 * 1024 * 1024;
/// A larger buffer is given back to the system.
const LARGEST: usize = 4 * 1024 * 1024;

/// Buffers that are free, and how much is under way.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    free: Mutex<Vec<Vec<u8>>>,
    in_flight: AtomicU64,
}

impl Bodies {
    /// A body with this content.
    pub(super) fn body(self: &Arc<Self>, content: &[u8]) -> Bytes {
        let mut buffer = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        buffer.extend_from_slice(content);
        self.in_flight.fetch_add(length(&buffer), Ordering::Relaxed);
        Bytes::from_owner(Body { buffer, bodies: self.clone() })
    }

    /// Whether another body may wait for the server.
    pub(super) fn have_room(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) < MOST_IN_FLIGHT
    }
}

/// The owner of a body's bytes; when the last who needs them is done, the buffer is free.
struct Body {
    buffer: Vec<u8>,
    bodies: Arc<Bodies>,
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let mut buffer = std::mem::take(&mut self.buffer);
        self.bodies.in_flight.fetch_sub(length(&buffer), Ordering::Relaxed);
        if buffer.capacity() <= LARGEST {
            buffer.clear();
            self.bodies.free.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        }
    }
}

fn length(buffer: &[u8]) -> u64 {
    u64::try_from(buffer.len()).unwrap_or(u64::MAX)
}
