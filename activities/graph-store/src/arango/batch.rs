//! Documents on their way: a line for each, as many as suit a request.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Documents of one collection that travel together.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) collection: &'static str,
    /// A document in each line.
    pub(super) lines: Bytes,
    pub(super) documents: u64,
}

/// Fills batches.
pub(super) struct Batches {
    limit: usize,
    full: Vec<Batch>,
    filling: Vec<(&'static str, Vec<u8>, u64)>,
}

impl Batches {
    /// Batches of about `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.clamp(1 << 10, 64 << 20), full: Vec::new(), filling: Vec::new() }
    }

    /// Adds a document with `gantry`, what is remembered of it.
    pub(super) fn add(
        &mut self,
        collection: &'static str,
        document: &impl Serialize,
        gantry: &impl Serialize,
    ) -> serde_json::Result<()> {
        let at = match self.filling.iter().position(|(name, ..)| *name == collection) {
            Some(at) => at,
            None => {
                self.filling.push((collection, Vec::new(), 0));
                self.filling.len() - 1
            }
        };
        let Some((_, lines, documents)) = self.filling.get_mut(at) else { return Ok(()) };
        serde_json::to_writer(&mut *lines, document)?;
        // Behind the last field, in place of the brace.
        lines.pop();
        lines.extend_from_slice(b",\"gantry\":");
        serde_json::to_writer(&mut *lines, gantry)?;
        lines.extend_from_slice(b"}\n");
        *documents += 1;
        if lines.len() >= self.limit {
            let (collection, lines, documents) = self.filling.swap_remove(at);
            self.full.push(Batch { collection, lines: lines.into(), documents });
        }
        Ok(())
    }

    pub(super) fn into_batches(self) -> Vec<Batch> {
        let rest = self.filling.into_iter();
        let rest = rest.map(|(collection, lines, documents)| Batch { collection, lines: lines.into(), documents });
        self.full.into_iter().chain(rest).collect()
    }
}

/// An array of the documents in some lines.
pub(super) fn array_of(lines: &[&[u8]]) -> Bytes {
    let mut array = Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum::<usize>() + 1);
    for (n, line) in lines.iter().enumerate() {
        array.push(if n == 0 { b'[' } else { b',' });
        array.extend_from_slice(line);
    }
    array.push(b']');
    array.into()
}

/// The key of the document in a line.
pub(super) fn key_of(line: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Key {
        #[serde(rename = "_key")]
        key: String,
    }
    serde_json::from_slice(line).map_or_else(|_| "?".to_owned(), |Key { key }| key)
}
