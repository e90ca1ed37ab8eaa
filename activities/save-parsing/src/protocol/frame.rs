//! Lines of a session.

use std::{
    io,
    time::{Duration, Instant},
};

use super::Sink;
use crate::{SaveError, Schema, json};

/// Bytes after which a frame of several entries is sent, however many more it may hold.
const FULL: usize = 1 << 20;

/// Bytes of small frames that are sent together.
const TOGETHER: usize = 1 << 16;

/// How long a frame waits for others, as far as these take no longer to come.
const DELAY: Duration = Duration::from_millis(1);

pub(super) fn failure(error: &SaveError, schema: Schema) -> Vec<u8> {
    let mut frame = b"{\"ok\":false,".to_vec();
    error.write_members(error.code(), schema, &mut frame);
    frame.extend_from_slice(b"}\n");
    frame
}

pub(super) fn closed() -> Vec<u8> {
    b"{\"ok\":true,\"closed\":true}\n".to_vec()
}

/// What a stream is of: `"section":"country"` or `"path":"..."`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'r> {
    pub(super) op: &'static str,
    pub(super) member: &'static str,
    pub(super) text: &'r str,
}

impl Source<'_> {
    pub(super) fn header(self) -> Vec<u8> {
        self.marker("stream", false)
    }

    pub(super) fn done(self, truncated: bool) -> Vec<u8> {
        self.marker("done", truncated)
    }

    fn marker(self, word: &str, truncated: bool) -> Vec<u8> {
        let Self { op, member, text } = self;
        let mut frame = format!("{{\"ok\":true,\"{word}\":true,\"op\":\"{op}\",\"{member}\":").into_bytes();
        json::push_str(text, &mut frame);
        if truncated {
            frame.extend_from_slice(b",\"truncated\":true");
        }
        frame.extend_from_slice(b"}\n");
        frame
    }
}

/// Entries on their way into frames.
#[derive(Debug)]
pub(super) struct Entries {
    /// Whole frames, then the one that is being filled.
    out: Vec<u8>,
    /// Where that one begins.
    begin: usize,
    /// How many entries it holds.
    held: u64,
    batch: u64,
    sent: Instant,
}

impl Entries {
    /// Frames of `batch` entries at most; of 0 and 1, an entry is a frame.
    pub(super) fn new(batch: u64) -> Self {
        Self { out: Vec::new(), begin: 0, held: 0, batch: batch.max(1), sent: Instant::now() }
    }

    /// Writes an entry; `write` says whether there was one.
    pub(super) fn push<E>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<bool, E>) -> Result<bool, E> {
        let before = self.out.len();
        if self.held > 0 {
            self.out.push(b',');
        } else {
            self.begin = before;
            let opening: &[u8] =
                if self.batch == 1 { b"{\"ok\":true,\"entry\":" } else { b"{\"ok\":true,\"entries\":[" };
            self.out.extend_from_slice(opening);
        }
        let written = write(&mut self.out);
        if matches!(written, Ok(true)) {
            self.held += 1;
            if self.held >= self.batch || self.out.len() - self.begin >= FULL {
                self.close();
            }
        } else {
            self.out.truncate(before);
        }
        written
    }

    /// Ends the frame that is being filled.
    pub(super) fn close(&mut self) {
        if self.held > 0 {
            self.held = 0;
            self.out.extend_from_slice(if self.batch == 1 { b"}\n" } else { b"]}\n" });
        }
    }

    /// Sends the whole frames if they are many enough or have waited: a system call for each small one would take longer than
    /// all the rest.
    pub(super) fn send_if_due(&mut self, send: &mut Sink<'_>) -> io::Result<()> {
        let due = self.held == 0 && (self.out.len() >= TOGETHER || self.sent.elapsed() >= DELAY);
        if due { self.send(send) } else { Ok(()) }
    }

    /// Ends the frame that is being filled, and sends what there is.
    pub(super) fn send(&mut self, send: &mut Sink<'_>) -> io::Result<()> {
        self.close();
        let sent = if self.out.is_empty() { Ok(()) } else { send(&self.out) };
        self.out.clear();
        self.sent = Instant::now();
        sent
    }
}
