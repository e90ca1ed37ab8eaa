//! What has lately been said on the stream, kept for the clients to take at their own pace.
//!
//! A client is a cursor into one ring of shared blocks. Nobody is pushed to, so a client that is slow costs nothing; one
//! that the ring has moved past reads on from the store until it meets the ring again ([`super::client`]).

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use tokio::sync::watch;

use super::block::{Block, BlockWriter};

/// The ring forgets its oldest block above this many bytes. At 500 bytes a frame it holds about 8,000 events.
const RING_BYTES: usize = 4 * 1024 * 1024;
/// And above this many blocks, which many small commits reach first.
const RING_BLOCKS: usize = 8_192;

/// What a client takes at once; together with what waits in its connection this bounds what a stalled one keeps alive.
const TAKE_BYTES: usize = 128 * 1024;

/// Figures of the stream since the start.
#[derive(Debug, Default)]
pub struct StreamCounts {
    /// Times that a client was behind the ring and read a page from the store.
    pub pages_replayed: AtomicU64,
    /// Clients that were closed because they took nothing for too long or fell too far behind.
    pub closed_slow: AtomicU64,
    /// Clients that left by themselves.
    pub left: AtomicU64,
    /// Clients refused because the limit was reached.
    pub refused: AtomicU64,
    /// Frames of events encoded.
    pub frames: AtomicU64,
}

/// The ring, and who listens to it.
#[derive(Debug)]
pub struct Hub {
    ring: Mutex<Ring>,
    /// The position of the next block; clients wait for it to change.
    next: watch::Sender<u64>,
    closed: watch::Sender<bool>,
    clients: AtomicUsize,
    max_clients: usize,
    /// What happened since the start.
    pub counts: StreamCounts,
}

#[derive(Debug)]
struct Ring {
    blocks: VecDeque<Block>,
    bytes: usize,
    /// Position of the first block.
    start: u64,
    /// Every published event above this id is in the ring.
    floor_id: i64,
    /// The id of the last published event.
    head_id: i64,
}

impl Ring {
    fn next(&self) -> u64 {
        self.start + self.blocks.len() as u64
    }

    fn push(&mut self, block: Block) {
        self.head_id = block.last_id().unwrap_or(self.head_id).max(self.head_id);
        self.bytes += block.len();
        self.blocks.push_back(block);
        while self.bytes > RING_BYTES || self.blocks.len() > RING_BLOCKS {
            let Some(oldest) = self.blocks.pop_front() else { break };
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, block: &Block) {
        self.bytes -= block.len();
        self.start += 1;
        self.floor_id = block.last_id().unwrap_or(self.floor_id).max(self.floor_id);
    }

    fn clear(&mut self) {
        while let Some(oldest) = self.blocks.pop_front() {
            self.forget(&oldest);
        }
        self.blocks.shrink_to(64);
    }
}

/// A client's place in the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The last event that was delivered or skipped by the filter.
    pub(super) last_id: i64,
    /// The next block, when the client has met the ring.
    position: Option<u64>,
    /// Notices before this position are old news to the client.
    notices_from: u64,
}

/// What a cursor finds.
pub(super) enum Next {
    /// Blocks that it has not seen.
    Blocks(Vec<Block>),
    /// Nothing new.
    Wait,
    /// The ring has moved past: read the store from `Cursor::last_id` on, as far as this id.
    Behind { floor_id: i64, head_id: i64 },
}

/// Counts a client for as long as it lives.
#[derive(Debug)]
pub struct Place(Arc<Hub>);

impl Drop for Place {
    fn drop(&mut self) {
        if self.0.clients.fetch_sub(1, Ordering::AcqRel) == 1 {
            // Nobody is left whom the ring could serve, and the next client starts at the head.
            self.0.ring().clear();
        }
    }
}

impl Place {
    pub(super) fn hub(&self) -> &Arc<Hub> {
        &self.0
    }
}

impl Hub {
    /// A hub for at most `max_clients`; `head_id` is the id of the newest event of the store.
    pub fn new(max_clients: usize, head_id: i64) -> Arc<Self> {
        let ring = Ring { blocks: VecDeque::new(), bytes: 0, start: 0, floor_id: head_id, head_id };
        Arc::new(Self {
            ring: Mutex::new(ring),
            next: watch::Sender::new(0),
            closed: watch::Sender::new(false),
            clients: AtomicUsize::new(0),
            max_clients,
            counts: StreamCounts::default(),
        })
    }

    /// How many clients listen.
    pub fn clients(&self) -> usize {
        self.clients.load(Ordering::Acquire)
    }

    /// How many may.
    pub fn max_clients(&self) -> usize {
        self.max_clients
    }

    /// Bytes and blocks that the ring holds.
    pub fn held(&self) -> (usize, usize) {
        let ring = self.ring();
        (ring.bytes, ring.blocks.len())
    }

    /// Takes one of the places; none when all are taken or the hub is closed.
    pub fn enter(self: &Arc<Self>) -> Option<Place> {
        let free = |taken: usize| (taken < self.max_clients).then_some(taken + 1);
        if *self.closed.borrow() || self.clients.fetch_update(Ordering::AcqRel, Ordering::Acquire, free).is_err() {
            self.counts.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(Place(Arc::clone(self)))
    }

    /// Publishes events that are committed, in the order of their ids: `write` puts their frames and is not called when
    /// nobody listens. `last_id` is the id of the last of them.
    ///
    /// What is left to the store (nothing is written) may be told before blocks that are still being encoded: those come
    /// late, and clients that have read the store meanwhile pass over them by their ids.
    pub fn publish(&self, last_id: i64, write: impl FnOnce(&mut BlockWriter)) {
        let mut writer = BlockWriter::default();
        if self.clients() > 0 {
            write(&mut writer);
        }
        let blocks = writer.finish();
        let encoded: usize = blocks.iter().map(Block::events).sum();
        self.counts.frames.fetch_add(encoded as u64, Ordering::Relaxed);
        let mut ring = self.ring();
        if blocks.is_empty() {
            // A client may have come since: it finds the gap between the ring and its cursor, and reads the store.
            ring.clear();
            ring.head_id = ring.head_id.max(last_id);
            ring.floor_id = ring.head_id;
            ring.start += 1;
        }
        for block in blocks {
            ring.push(block);
        }
        let next = ring.next();
        drop(ring);
        self.next.send_replace(next);
    }

    /// Publishes a frame without an id, when somebody listens.
    pub fn notify(&self, json: &[u8]) {
        if self.clients() == 0 {
            return;
        }
        let block = Block::notice(json);
        let mut ring = self.ring();
        ring.push(block);
        let next = ring.next();
        drop(ring);
        self.next.send_replace(next);
    }

    /// Ends every client's stream, and lets nobody in.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Waits for [`Hub::close`].
    pub(super) fn closing(&self) -> watch::Receiver<bool> {
        self.closed.subscribe()
    }

    /// Tells of every block that is published from now on.
    pub(super) fn news(&self) -> watch::Receiver<u64> {
        self.next.subscribe()
    }

    /// The id of the last published event.
    pub fn head_id(&self) -> i64 {
        self.ring().head_id
    }

    /// A cursor at the head, or after the event that a client has seen last, also where that is committed and answered and
    /// not published yet.
    pub(super) fn cursor(&self, seen: Option<i64>) -> Cursor {
        let ring = self.ring();
        let next = ring.next();
        match seen {
            Some(seen) if seen < ring.head_id => Cursor { last_id: seen, position: None, notices_from: next },
            _ => {
                let last_id = seen.unwrap_or(ring.head_id);
                Cursor { last_id, position: Some(next), notices_from: next }
            }
        }
    }

    /// What there is for `cursor`, which moves on.
    pub(super) fn advance(&self, cursor: &mut Cursor) -> Next {
        let ring = self.ring();
        let from = match cursor.position {
            Some(position) if position >= ring.start => position,
            _ if cursor.last_id >= ring.floor_id => ring.start,
            _ => {
                cursor.position = None;
                return Next::Behind { floor_id: ring.floor_id, head_id: ring.head_id };
            }
        };
        let skip = usize::try_from(from - ring.start).unwrap_or(usize::MAX);
        let mut blocks = Vec::new();
        let mut bytes = 0;
        let mut position = from;
        for block in ring.blocks.iter().skip(skip) {
            if bytes > 0 && bytes + block.len() > TAKE_BYTES {
                break;
            }
            if block.events() > 0 || position >= cursor.notices_from {
                bytes += block.len();
                blocks.push(block.clone());
            }
            position += 1;
        }
        cursor.position = Some(position);
        cursor.notices_from = cursor.notices_from.max(position);
        if blocks.is_empty() { Next::Wait } else { Next::Blocks(blocks) }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
