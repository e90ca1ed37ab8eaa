//! Frames of the stream as bytes, encoded once and shared by every client.

use std::{fmt::Write, sync::Arc};

use bytes::Bytes;

/// A block is closed at this many bytes, so that one large commit does not become one huge write.
const BLOCK_BYTES: usize = 128 * 1024;

/// Which event frames a client wants: exact names, both of which must hold; none takes every frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The `agent_type` of the event.
    pub agent_type: Option<String>,
    /// The `event_type` of the event.
    pub event_type: Option<String>,
}

impl Filter {
    /// Whether every frame passes. Notices (`stats`, `session_update`) pass no other filter: their payloads have neither key.
    pub fn takes_all(&self) -> bool {
        self.agent_type.is_none() && self.event_type.is_none()
    }

    fn takes(&self, mark: &Mark) -> bool {
        self.agent_type.as_deref().is_none_or(|wanted| wanted == &*mark.agent_type)
            && self.event_type.as_deref().is_none_or(|wanted| wanted == &*mark.event_type)
    }
}

/// Where an event's frame ends in its block, and what filters and resuming ask about it.
#[derive(Debug, Clone)]
struct Mark {
    end: usize,
    id: i64,
    agent_type: Arc<str>,
    event_type: Arc<str>,
}

/// Frames in the order of their ids, or one notice.
#[derive(Debug, Clone)]
pub struct Block {
    bytes: Bytes,
    /// Shared like the bytes: each client takes the block.
    marks: Arc<[Mark]>,
}

impl Block {
    /// One frame without an id: `data: {json}`.
    pub fn notice(json: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(json.len() + 8);
        bytes.extend_from_slice(b"data: ");
        bytes.extend_from_slice(json);
        bytes.extend_from_slice(b"\n\n");
        Self { bytes: bytes.into(), marks: Arc::default() }
    }

    /// Size in bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many event frames there are; none in a notice.
    pub fn events(&self) -> usize {
        self.marks.len()
    }

    /// The id of the last event.
    pub fn last_id(&self) -> Option<i64> {
        self.marks.last().map(|mark| mark.id)
    }

    /// The frames that `filter` takes and whose id is above `after`. The whole block costs nothing; a part of it is
    /// copied only when what is taken is not one run.
    pub fn select(&self, filter: &Filter, after: i64) -> Bytes {
        if self.marks.is_empty() {
            return if filter.takes_all() { self.bytes.clone() } else { Bytes::new() };
        }
        if filter.takes_all() && self.marks.first().is_some_and(|first| first.id > after) {
            return self.bytes.clone();
        }
        let mut runs: Vec<(usize, usize)> = Vec::new();
        let mut start = 0;
        for mark in self.marks.iter() {
            if mark.id > after && filter.takes(mark) {
                match runs.last_mut() {
                    Some(run) if run.1 == start => run.1 = mark.end,
                    _ => runs.push((start, mark.end)),
                }
            }
            start = mark.end;
        }
        match runs.as_slice() {
            [] => Bytes::new(),
            [(start, end)] => self.bytes.slice(*start..*end),
            many => {
                let mut taken = Vec::with_capacity(many.iter().map(|(start, end)| end - start).sum());
                for (start, end) in many {
                    taken.extend_from_slice(self.bytes.get(*start..*end).unwrap_or_default());
                }
                taken.into()
            }
        }
    }
}

/// Writes event frames, `id: N` and `data: {json}`, into blocks.
#[derive(Debug, Default)]
pub struct BlockWriter {
    done: Vec<Block>,
    bytes: String,
    marks: Vec<Mark>,
}

impl BlockWriter {
    /// Adds the frame of an event whose JSON `write` appends.
    pub fn event(&mut self, id: i64, agent_type: &str, event_type: &str, write: impl FnOnce(&mut String)) {
        if self.bytes.len() >= BLOCK_BYTES {
            self.close();
        }
        // Into a text, which does not fail.
        let _ = write!(self.bytes, "id: {id}\ndata: ");
        write(&mut self.bytes);
        self.bytes.push_str("\n\n");
        let last = self.marks.last();
        let shared = |name: &str, of: fn(&Mark) -> &Arc<str>| match last.map(of) {
            Some(same) if &**same == name => Arc::clone(same),
            _ => Arc::from(name),
        };
        let mark = Mark {
            end: self.bytes.len(),
            id,
            agent_type: shared(agent_type, |mark| &mark.agent_type),
            event_type: shared(event_type, |mark| &mark.event_type),
        };
        self.marks.push(mark);
    }

    /// The blocks written so far, in order.
    pub fn finish(mut self) -> Vec<Block> {
        self.close();
        self.done
    }

    fn close(&mut self) {
        if !self.marks.is_empty() {
            let (mut bytes, marks) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.marks));
            // The ring keeps thousands of blocks, and counts what is in them.
            bytes.shrink_to_fit();
            let block = Block { bytes: bytes.into_bytes().into(), marks: marks.into() };
            self.done.push(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(events: &[(i64, &str, &str)]) -> Block {
        let mut writer = BlockWriter::default();
        for (id, agent, kind) in events {
            writer.event(*id, agent, kind, |json| json.push_str("{}"));
        }
        let mut blocks = writer.finish();
        assert_eq!(blocks.len(), 1);
        blocks.remove(0)
    }

    #[test]
    fn a_client_gets_only_what_it_asked_for_and_has_not_seen() {
        let block = block(&[(1, "a", "error"), (2, "b", "error"), (3, "a", "error"), (4, "a", "response")]);
        let text = |filter: &Filter, after| String::from_utf8(block.select(filter, after).to_vec()).unwrap();
        let all = Filter::default();
        assert_eq!(text(&all, 2), "id: 3\ndata: {}\n\nid: 4\ndata: {}\n\n");
        assert_eq!(text(&all, 4), "");
        let agent = Filter { agent_type: Some("a".into()), event_type: None };
        assert_eq!(text(&agent, 0), "id: 1\ndata: {}\n\nid: 3\ndata: {}\n\nid: 4\ndata: {}\n\n");
        let both = Filter { agent_type: Some("a".into()), event_type: Some("error".into()) };
        assert_eq!(text(&both, 1), "id: 3\ndata: {}\n\n");
    }

    #[test]
    fn a_notice_reaches_only_clients_without_a_filter() {
        let notice = Block::notice(b"{\"type\":\"stats\"}");
        assert_eq!(&*notice.select(&Filter::default(), i64::MAX), b"data: {\"type\":\"stats\"}\n\n");
        let filter = Filter { agent_type: Some("a".into()), event_type: None };
        assert!(notice.select(&filter, 0).is_empty());
    }

    #[test]
    fn a_large_commit_becomes_several_blocks() {
        let mut writer = BlockWriter::default();
        for id in 1..=100 {
            writer.event(id, "a", "error", |json| json.push_str(&"1".repeat(10_000)));
        }
        let blocks = writer.finish();
        assert!(blocks.len() > 2, "{}", blocks.len());
        assert_eq!(blocks.iter().map(Block::events).sum::<usize>(), 100);
        assert_eq!(blocks.last().unwrap().last_id(), Some(100));
    }
}
