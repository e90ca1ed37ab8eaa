//! `POST /api/events/ndjson`: any number of events, one JSON object a line, in bounded memory.

use std::{collections::VecDeque, sync::Arc};

use axum::{
    body::Body,
    extract::{Extension, State},
    http::{HeaderMap, Response, StatusCode},
};
use serde::Serialize;

use super::{
    answer::{Problem, json},
    app::App,
    body::Pieces,
    front::{Caller, refuse},
    write::IdempotencyKey,
};
use crate::{
    event::{self, NewEvent},
    store::{Lane, Outcome},
};

/// Events that are stored together.
const GROUP_EVENTS: usize = 500;
/// And bytes of lines after which they are stored whatever their number.
const GROUP_BYTES: usize = 512 * 1024;
/// Refused lines that the answer tells of.
const SAMPLES: usize = 100;

/// The body of the answer.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LinesAnswer {
    /// Lines read, blank ones as well. When the request broke off, everything up to here has been dealt with.
    pub lines: u64,
    /// Events stored.
    pub received: u64,
    /// Events whose `event_id` was there.
    pub duplicates: u64,
    /// Lines that break the contract.
    pub rejected: u64,
    /// The first hundred of them.
    pub rejects: Vec<RejectedLine>,
    /// Why the request broke off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A line that breaks the contract.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RejectedLine {
    /// From 1.
    pub line: u64,
    /// `field: message`.
    pub errors: Vec<String>,
}

pub(super) async fn ndjson(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let pieces = match Pieces::new(&headers, body, u64::MAX, None).await {
        Ok(pieces) => pieces,
        Err(problem) => return refuse(&app, &problem),
    };
    let mut intake = Intake {
        app: &app,
        caller,
        key: IdempotencyKey::of(&headers),
        answer: LinesAnswer::default(),
        group: Vec::new(),
        group_bytes: 0,
        group_lines: 0,
    };
    match intake.take_all(pieces).await {
        Ok(()) => json(StatusCode::CREATED, &intake.answer),
        Err(problem) => {
            let refused = refuse(&app, &problem);
            if intake.answer.lines == 0 {
                return refused;
            }
            intake.answer.error = Some(format!("The request broke off: {}", problem.label()));
            let mut partly = json(refused.status(), &intake.answer);
            if let Some(wait) = refused.headers().get("retry-after") {
                partly.headers_mut().insert("retry-after", wait.clone());
            }
            partly
        }
    }
}

struct Intake<'a> {
    app: &'a Arc<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    answer: LinesAnswer,
    group: Vec<NewEvent>,
    group_bytes: usize,
    /// Lines read; those of the answer are dealt with.
    group_lines: u64,
}

impl Intake<'_> {
    async fn take_all(&mut self, mut pieces: Pieces) -> Result<(), Problem> {
        let mut lines = Lines::new(self.app.config.max_body_bytes);
        loop {
            // What came whole before the request broke off is stored all the same.
            let piece = match pieces.next().await {
                Ok(piece) => piece,
                Err(problem) => {
                    self.store().await?;
                    return Err(problem);
                }
            };
            match piece {
                Some(piece) => lines.push(&piece),
                None => {
                    lines.finish();
                    self.take(&mut lines).await?;
                    return self.store().await;
                }
            }
            self.take(&mut lines).await?;
        }
    }

    async fn take(&mut self, lines: &mut Lines) -> Result<(), Problem> {
        while let Some(line) = lines.next() {
            self.group_lines += 1;
            match line {
                Line::Blank => {}
                Line::TooLong => {
                    let limit = self.app.config.max_body_bytes;
                    self.reject(vec![format!("body: must not be longer than {limit} bytes")], b"");
                }
                Line::Text(bytes) => match event::parse_text(&String::from_utf8_lossy(&bytes), &self.app.limits) {
                    Ok(mut event) => {
                        if let Some(key) = &self.key {
                            key.name(&mut event, self.answer.lines + self.group_lines);
                        }
                        self.app.redact(&mut event);
                        self.group_bytes += bytes.len();
                        self.group.push(event);
                    }
                    Err(invalid) => {
                        self.reject(invalid.details.iter().map(ToString::to_string).collect(), &bytes);
                    }
                },
            }
            if self.group.len() >= GROUP_EVENTS || self.group_bytes >= GROUP_BYTES {
                self.store().await?;
            }
        }
        Ok(())
    }

    fn reject(&mut self, errors: Vec<String>, bytes: &[u8]) {
        self.answer.rejected += 1;
        // A file of something else must not fill the table of rejects.
        let noted: &[(Vec<String>, &[u8])] = &[(errors.clone(), bytes)];
        let noted = if self.answer.rejects.len() < SAMPLES { noted } else { &[] };
        self.app.note("/api/events/ndjson", noted, 1);
        if self.answer.rejects.len() < SAMPLES {
            let line = self.answer.lines + self.group_lines;
            self.answer.rejects.push(RejectedLine { line, errors });
        }
    }

    /// Stores what has been gathered. Behind live events, and with the sender waiting when it is too fast: what it sends
    /// meanwhile stays in its socket.
    async fn store(&mut self) -> Result<(), Problem> {
        let events = std::mem::take(&mut self.group);
        self.group_bytes = 0;
        if !events.is_empty() {
            while let Err(problem) = self.app.charge(self.caller, &events) {
                let Problem::TooMany(wait) = problem else { return Err(problem) };
                tokio::time::sleep(wait).await;
            }
            let ticket = self.app.blocking(move |store| store.write_on(Lane::Background, events)).await?;
            let outcomes: Vec<Outcome> = ticket.await?;
            self.app.count(&outcomes);
            let stored = outcomes.iter().filter(|outcome| outcome.stored().is_some()).count() as u64;
            self.answer.received += stored;
            self.answer.duplicates += outcomes.len() as u64 - stored;
        }
        self.answer.lines += std::mem::take(&mut self.group_lines);
        Ok(())
    }
}

/// A line of a body.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// Without its end.
    Text(Vec<u8>),
    /// Nothing but white space.
    Blank,
    /// Longer than the limit; its bytes were not kept.
    TooLong,
}

/// Cuts pieces of a body into lines.
#[derive(Debug)]
pub struct Lines {
    ready: VecDeque<Line>,
    open: Vec<u8>,
    /// The open line is longer than the limit.
    too_long: bool,
    limit: usize,
}

impl Lines {
    /// Lines of at most `limit` bytes; of a longer one nothing is kept.
    pub fn new(limit: usize) -> Self {
        Self { ready: VecDeque::new(), open: Vec::new(), too_long: false, limit }
    }

    /// Takes the next piece.
    pub fn push(&mut self, mut piece: &[u8]) {
        while let Some(end) = memchr::memchr(b'\n', piece) {
            self.extend(piece.get(..end).unwrap_or_default());
            self.close();
            piece = piece.get(end + 1..).unwrap_or_default();
        }
        self.extend(piece);
    }

    /// There are no more pieces: what is open is a line too.
    pub fn finish(&mut self) {
        if self.too_long || !self.open.is_empty() {
            self.close();
        }
    }

    /// The next whole line.
    #[allow(clippy::should_implement_trait, reason = "nothing now does not mean nothing later")]
    pub fn next(&mut self) -> Option<Line> {
        self.ready.pop_front()
    }

    fn extend(&mut self, bytes: &[u8]) {
        if self.open.len() + bytes.len() > self.limit {
            self.too_long = true;
            self.open = Vec::new();
        }
        if !self.too_long {
            self.open.extend_from_slice(bytes);
        }
    }

    fn close(&mut self) {
        let line = std::mem::take(&mut self.open);
        self.ready.push_back(if std::mem::take(&mut self.too_long) {
            Line::TooLong
        } else if line.iter().all(u8::is_ascii_whitespace) {
            Line::Blank
        } else {
            Line::Text(line)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_same_in_whatever_pieces_they_come() {
        let text = b"{\"a\":1}\r\n\n  \nabcdefghijkl\nlast";
        for size in 1..text.len() {
            let mut lines = Lines::new(10);
            text.chunks(size).for_each(|piece| lines.push(piece));
            lines.finish();
            let found: Vec<Line> = std::iter::from_fn(|| lines.next()).collect();
            let expected = [
                Line::Text(b"{\"a\":1}\r".to_vec()),
                Line::Blank,
                Line::Blank,
                Line::TooLong,
                Line::Text(b"last".to_vec()),
            ];
            assert_eq!(found, expected, "pieces of {size}");
        }
    }
}
