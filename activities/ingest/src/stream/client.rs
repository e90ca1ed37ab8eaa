//! One client of the stream: a task that takes frames from the hub or from the store, and a body that hands them on.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::{
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval_at},
};

use super::{
    block::{Block, Filter},
    hub::{Cursor, Next, Place},
};

/// Reads committed events from the store, as frames.
pub trait Pages: Send + Sync + 'static {
    /// At most `limit` events above `after`, in the order of their ids, and the id of the last of them; none when there
    /// is no more.
    ///
    /// # Errors
    /// The store cannot be read; the text is for the log.
    fn after(&self, after: i64, limit: usize) -> Result<Option<(Vec<Block>, i64)>, String>;
}

/// How patient the stream is.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Time between two heartbeat comments.
    pub heartbeat: Duration,
    /// A client that takes nothing for this long while there is something for it is closed.
    pub stalled_after: Duration,
    /// Events that are replayed to one client at most; one that is further behind starts anew or is closed.
    pub replay_events: i64,
    /// What browsers are told to wait before they connect again.
    pub retry: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(30),
            stalled_after: Duration::from_secs(60),
            replay_events: 100_000,
            retry: Duration::from_secs(2),
        }
    }
}

/// Time between two writes to a client that is not behind. Under load a commit comes each millisecond, and what a write
/// costs is mostly the same for one frame as for fifty; the first frame after a rest is not held back.
const GATHER: Duration = Duration::from_millis(10);
/// Events of a page; small, because each may carry 10 KiB of metadata and many clients may be behind at once.
const PAGE_EVENTS: usize = 250;

/// Starts to serve a client, and gives the body of the response. `seen` is the event that it has seen last, if it
/// resumes, and `newest` the newest of the store, which may not be published yet; `connected` is the first frame's JSON.
pub fn follow(
    place: Place,
    pages: Arc<dyn Pages>,
    pace: Pace,
    filter: Filter,
    seen: Option<i64>,
    newest: i64,
    connected: &str,
) -> StreamBody {
    let (frames, body) = mpsc::channel(1);
    let mut cursor = place.hub().cursor(seen);
    let head_id = place.hub().head_id().max(newest);
    let lost = seen.filter(|seen| *seen > head_id || head_id - *seen > pace.replay_events);
    if lost.is_some() {
        cursor = place.hub().cursor(None);
    }
    // The id goes with the second block, so that the first frame is what clients without resuming have always seen; one
    // that sees no event at all can still resume from here.
    let mut first = format!("data: {connected}\n\nid: {}\nretry: {}\n\n", cursor.last_id, pace.retry.as_millis());
    if let Some(seen) = lost {
        first += &format!(
            "data: {{\"type\":\"reset\",\"payload\":{{\"last_event_id\":{seen},\"resumed_at\":{}}}}}\n\n",
            cursor.last_id
        );
    }
    let client = Client { place, pages, pace, filter, cursor, frames };
    tokio::spawn(client.run(first.into()));
    StreamBody(body)
}

struct Client {
    place: Place,
    pages: Arc<dyn Pages>,
    pace: Pace,
    filter: Filter,
    cursor: Cursor,
    frames: mpsc::Sender<Bytes>,
}

/// Why a client's stream ends.
enum End {
    Left,
    Slow,
    Closed,
    /// The store cannot be read.
    Failed,
}

impl Client {
    async fn run(mut self, first: Bytes) {
        let counts = &Arc::clone(self.place.hub()).counts;
        match self.serve(first).await {
            Err(End::Left) => counts.left.fetch_add(1, Ordering::Relaxed),
            Err(End::Slow) => counts.closed_slow.fetch_add(1, Ordering::Relaxed),
            Err(End::Closed | End::Failed) | Ok(()) => 0,
        };
    }

    async fn serve(&mut self, first: Bytes) -> Result<(), End> {
        let hub = Arc::clone(self.place.hub());
        let mut closing = hub.closing();
        let mut news = hub.news();
        let mut heartbeat = interval_at(tokio::time::Instant::now() + self.pace.heartbeat, self.pace.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.send(first).await?;
        let mut written = tokio::time::Instant::now();
        loop {
            // Before the look, so that what is published after it wakes the wait below.
            news.mark_unchanged();
            match hub.advance(&mut self.cursor) {
                Next::Blocks(blocks) => {
                    self.hand_on(&blocks).await?;
                    written = tokio::time::Instant::now();
                    continue;
                }
                Next::Behind { floor_id, head_id } => {
                    self.replay(floor_id, head_id).await?;
                    continue;
                }
                Next::Wait => {}
            }
            tokio::select! {
                changed = after_rest(&mut news, written) => if changed.is_err() { return Err(End::Closed) },
                _ = heartbeat.tick() => self.send(Bytes::from_static(b": heartbeat\n\n")).await?,
                () = self.frames.closed() => return Err(End::Left),
                () = closed(&mut closing) => return Err(End::Closed),
            }
        }
    }

    async fn hand_on(&mut self, blocks: &[Block]) -> Result<(), End> {
        let mut taken: Vec<Bytes> = Vec::with_capacity(blocks.len());
        for block in blocks {
            let frames = block.select(&self.filter, self.cursor.last_id);
            self.cursor.last_id = block.last_id().unwrap_or(self.cursor.last_id).max(self.cursor.last_id);
            if !frames.is_empty() {
                taken.push(frames);
            }
        }
        match taken.as_slice() {
            [] => Ok(()),
            [one] => self.send(one.clone()).await,
            // Many small commits: one write to the socket costs far more than the copy.
            many => self.send(many.concat().into()).await,
        }
    }

    /// One page from the store.
    async fn replay(&mut self, floor_id: i64, head_id: i64) -> Result<(), End> {
        let hub = self.place.hub();
        if head_id - self.cursor.last_id > self.pace.replay_events {
            return Err(End::Slow);
        }
        hub.counts.pages_replayed.fetch_add(1, Ordering::Relaxed);
        let (pages, after) = (Arc::clone(&self.pages), self.cursor.last_id);
        let page = tokio::task::spawn_blocking(move || pages.after(after, PAGE_EVENTS)).await;
        match page {
            Ok(Ok(Some((blocks, last_id)))) => {
                self.hand_on(&blocks).await?;
                self.cursor.last_id = self.cursor.last_id.max(last_id);
                Ok(())
            }
            // What was there is gone by retention.
            Ok(Ok(None)) => {
                self.cursor.last_id = self.cursor.last_id.max(floor_id);
                Ok(())
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "a client of the stream is closed, because the store cannot be read");
                Err(End::Failed)
            }
            Err(_) => Err(End::Failed),
        }
    }

    async fn send(&self, bytes: Bytes) -> Result<(), End> {
        let mut closing = self.place.hub().closing();
        tokio::select! {
            sent = tokio::time::timeout(self.pace.stalled_after, self.frames.send(bytes)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(End::Left),
                Err(_) => Err(End::Slow),
            },
            () = closed(&mut closing) => Err(End::Closed),
        }
    }
}

/// Waits for news, and until [`GATHER`] has passed since the last write.
async fn after_rest(
    news: &mut watch::Receiver<u64>,
    written: tokio::time::Instant,
) -> Result<(), watch::error::RecvError> {
    news.changed().await?;
    tokio::time::sleep_until(written + GATHER).await;
    Ok(())
}

async fn closed(closing: &mut watch::Receiver<bool>) {
    // Closed by itself or because the hub is gone.
    let _ = closing.wait_for(|closed| *closed).await;
}

/// The body of a stream's response.
#[derive(Debug)]
pub struct StreamBody(mpsc::Receiver<Bytes>);

impl Body for StreamBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}
