//! Documents on their way: a line for each, as many as suit a request.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::books::{FACTS, FactsBook, file_key};
use crate::document::{EdgeDocument, EntityDocument, FileGraph};

/// Documents of one collection that travel together.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) collection: &'static str,
    /// A document in each line.
    pub(super) lines: Bytes,
    pub(super) documents: u64,
}

impl Batch {
    /// One document.
    pub(super) fn of(collection: &'static str, document: &impl Serialize) -> serde_json::Result<Self> {
        let mut lines = serde_json::to_vec(document)?;
        lines.push(b'\n');
        Ok(Self { collection, lines: lines.into(), documents: 1 })
    }
}

/// A document before it is written down.
#[derive(Clone, Copy)]
enum Source<'a> {
    Entity(&'a EntityDocument),
    Edge(&'a EdgeDocument),
    Facts(&'a FileGraph),
}

/// Documents by collection, each with the text of its owner ([`super::books::Owner::text`]).
#[derive(Default)]
pub(super) struct Outgoing<'a> {
    by_collection: BTreeMap<&'static str, Vec<(Source<'a>, &'a str)>>,
}

impl<'a> Outgoing<'a> {
    pub(super) fn entity(&mut self, entity: &'a EntityDocument, owner: &'a str) {
        self.add(entity.kind.collection(), Source::Entity(entity), owner);
    }

    pub(super) fn edge(&mut self, edge: &'a EdgeDocument, owner: &'a str) {
        self.add(edge.kind.collection(), Source::Edge(edge), owner);
    }

    /// What the indexer remembers of the file.
    pub(super) fn facts(&mut self, file: &'a FileGraph, owner: &'a str) {
        self.add(FACTS, Source::Facts(file), owner);
    }

    fn add(&mut self, collection: &'static str, source: Source<'a>, owner: &'a str) {
        self.by_collection.entry(collection).or_default().push((source, owner));
    }

    /// Batches of about `limit` bytes. Each is made when it is asked for: the one before is on its way by then.
    pub(super) fn into_batches(self, repo_id: &'a str, limit: usize) -> Batches<'a> {
        let limit = limit.clamp(1 << 10, 64 << 20);
        let mut collections = self.by_collection.into_iter().collect::<Vec<_>>().into_iter();
        let current = collections.next().map(|(name, sources)| (name, sources.into_iter()));
        Batches { collections, current, limit, repo_id }
    }
}

type Sources<'a> = Vec<(Source<'a>, &'a str)>;

/// See [`Outgoing::into_batches`].
pub(super) struct Batches<'a> {
    collections: std::vec::IntoIter<(&'static str, Sources<'a>)>,
    current: Option<(&'static str, std::vec::IntoIter<(Source<'a>, &'a str)>)>,
    limit: usize,
    repo_id: &'a str,
}

impl Iterator for Batches<'_> {
    type Item = serde_json::Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        let (collection, sources) = self.current.as_mut()?;
        let mut lines = Vec::with_capacity(self.limit + self.limit / 8);
        let mut documents = 0;
        let mut is_last = true;
        for (source, owner) in sources {
            if let Err(error) = write_line(&mut lines, source, owner, self.repo_id) {
                return Some(Err(error));
            }
            documents += 1;
            if lines.len() >= self.limit {
                is_last = false;
                break;
            }
        }
        let batch = Batch { collection, lines: lines.into(), documents };
        if is_last {
            self.current = self.collections.next().map(|(name, sources)| (name, sources.into_iter()));
            if documents == 0 {
                return self.next();
            }
        }
        Some(Ok(batch))
    }
}

/// Writes a document with `gantry` behind its last field.
fn write_line(lines: &mut Vec<u8>, source: Source<'_>, owner: &str, repo_id: &str) -> serde_json::Result<()> {
    match source {
        Source::Entity(entity) => serde_json::to_writer(&mut *lines, entity)?,
        Source::Edge(edge) => serde_json::to_writer(&mut *lines, edge)?,
        Source::Facts(file) => {
            let key = file_key(repo_id, &file.path);
            let facts = FactsBook { key, path: file.path.clone(), facts: STANDARD.encode(&file.facts) };
            serde_json::to_writer(&mut *lines, &facts)?;
        }
    }
    // In place of the brace.
    lines.pop();
    lines.extend_from_slice(b",\"gantry\":{");
    lines.extend_from_slice(owner.as_bytes());
    if let Source::Entity(entity) = source {
        lines.extend_from_slice(b",\"name\":\"");
        lines.extend_from_slice(hex::encode(entity.name.to_ascii_lowercase()).as_bytes());
        lines.push(b'"');
    }
    lines.extend_from_slice(b"}}\n");
    Ok(())
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
