//! Answers that were given before.
//!
//! A client asks for the same big entry, the player's country above all, dozens of times in one briefing.

use std::sync::{Arc, Mutex, PoisonError};

use crate::Schema;

/// Bytes of answers that are kept.
const MAX_BYTES: usize = 8 << 20;
/// Texts below this are written anew faster than they are found.
const WORTH_KEEPING: usize = 16 << 10;

/// Where the value of an entry starts, in which shape it was written, and how.
type Kept = (usize, Schema, Arc<[u8]>);

/// The last answers, the newest at the end.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    kept: Mutex<Vec<Kept>>,
}

impl Answered {
    /// The answer for the value that starts at `start`, or what `write` writes.
    pub(crate) fn get_or_write<E>(
        &self,
        start: usize,
        text_bytes: usize,
        schema: Schema,
        out: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        if text_bytes < WORTH_KEEPING {
            return write(out);
        }
        if let Some(answer) = self.find(start, schema) {
            out.extend_from_slice(&answer);
            return Ok(());
        }
        let from = out.len();
        write(out)?;
        let answer = out.get(from..).unwrap_or_default();
        if answer.len() <= MAX_BYTES / 2 {
            self.keep((start, schema, answer.into()));
        }
        Ok(())
    }

    fn find(&self, start: usize, schema: Schema) -> Option<Arc<[u8]>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(at, shape, _)| *at == start && *shape == schema)?;
        let found = kept.remove(at);
        let answer = Arc::clone(&found.2);
        kept.push(found);
        Some(answer)
    }

    fn keep(&self, answer: Kept) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(answer);
        let mut bytes: usize = kept.iter().map(|(_, _, answer)| answer.len()).sum();
        while bytes > MAX_BYTES && !kept.is_empty() {
            bytes -= kept.remove(0).2.len();
        }
    }
}
