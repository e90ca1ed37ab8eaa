//! Bodies of requests: read under limits of size, ratio and time.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, header},
};
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::{
    answer::Problem,
    inflate::{Encoding, InflateError, Inflater, MAX_RATIO},
};

/// Bytes of a refused body that are read and thrown away, so that the client, which is still sending, sees the answer
/// and not a broken connection.
const DRAIN_BYTES: u64 = 8 * 1024 * 1024;
/// And the time for it.
const DRAIN_TIME: Duration = Duration::from_secs(2);

impl From<InflateError> for Problem {
    fn from(error: InflateError) -> Self {
        match error {
            InflateError::TooLarge(limit) => Self::TooLarge(limit),
            InflateError::Ratio => Self::Ratio(MAX_RATIO),
            InflateError::Damaged => Self::Damaged,
        }
    }
}

/// A body whose pieces must not be too long apart.
pub(super) struct TimedBody {
    inner: Body,
    idle: Duration,
    deadline: Option<Pin<Box<Sleep>>>,
}

/// No piece came in time.
#[derive(Debug, thiserror::Error)]
#[error("the body did not arrive in time")]
pub(super) struct TooSlow;

impl TimedBody {
    /// Watches over `inner`.
    pub(super) fn new(inner: Body, idle: Duration) -> Self {
        Self { inner, idle, deadline: None }
    }
}

impl HttpBody for TimedBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            self.deadline = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let idle = self.idle;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
        deadline.as_mut().poll(cx).map(|()| Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Takes a body piece by piece, inflated.
pub(super) struct Pieces {
    body: Body,
    inflater: Option<Inflater>,
    /// Compressed bytes that may still come.
    room: u64,
    limit: u64,
    deadline: Option<Instant>,
}

impl std::fmt::Debug for Pieces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pieces").field("room", &self.room).finish_non_exhaustive()
    }
}

impl Pieces {
    /// A body that may have `limit` bytes, before and after inflating, and take until `time` has passed.
    ///
    /// # Errors
    /// Its encoding is not read, or it says itself that it is too large.
    pub(super) async fn new(
        headers: &HeaderMap,
        body: Body,
        limit: u64,
        time: Option<Duration>,
    ) -> Result<Self, Problem> {
        let encoding = headers
            .get(header::CONTENT_ENCODING)
            .map_or(Some(Encoding::Identity), |value| Encoding::of_header(value.to_str().unwrap_or("?")));
        let Some(encoding) = encoding else {
            drain(headers, body).await;
            return Err(Problem::Encoding);
        };
        if body.size_hint().lower() > limit {
            drain(headers, body).await;
            return Err(Problem::TooLarge(limit));
        }
        let inflater = Inflater::new(encoding, limit)?;
        let deadline = time.map(|time| Instant::now() + time);
        Ok(Self { body, inflater: Some(inflater), room: limit, limit, deadline })
    }

    /// The next inflated bytes, perhaps none; nothing at the end.
    ///
    /// # Errors
    /// Limits, damage, or a client that is gone or too slow.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let Some(inflater) = &mut self.inflater else { return Ok(None) };
        let next = std::future::poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx));
        let frame = match self.deadline {
            Some(deadline) => tokio::time::timeout_at(deadline, next).await.map_err(|_| Problem::TooSlow)?,
            None => next.await,
        };
        match frame {
            Some(Ok(frame)) => {
                // Trailers say nothing that we ask for.
                let Ok(bytes) = frame.into_data() else { return Ok(Some(Vec::new())) };
                self.room = self.room.checked_sub(bytes.len() as u64).ok_or(Problem::TooLarge(self.limit))?;
                inflater.push(&bytes)?;
                Ok(Some(inflater.take()))
            }
            Some(Err(error)) => Err(if is_too_slow(&error) { Problem::TooSlow } else { Problem::Incomplete }),
            None => match self.inflater.take() {
                Some(inflater) => Ok(Some(inflater.finish()?)),
                None => Ok(None),
            },
        }
    }

    /// The rest of the body is not wanted.
    pub(super) async fn give_up(self, headers: &HeaderMap) {
        drain(headers, self.body).await;
    }
}

/// A whole body, inflated.
///
/// # Errors
/// See [`Pieces`].
pub(super) async fn whole(headers: &HeaderMap, body: Body, limit: usize, time: Duration) -> Result<Vec<u8>, Problem> {
    let mut pieces = Pieces::new(headers, body, limit as u64, Some(time)).await?;
    let mut bytes: Vec<u8> = Vec::new();
    loop {
        match pieces.next().await {
            Ok(Some(mut piece)) if bytes.is_empty() => std::mem::swap(&mut bytes, &mut piece),
            Ok(Some(piece)) => bytes.extend_from_slice(&piece),
            Ok(None) => return Ok(bytes),
            Err(problem) => {
                if !matches!(problem, Problem::TooSlow | Problem::Incomplete) {
                    pieces.give_up(headers).await;
                }
                return Err(problem);
            }
        }
    }
}

/// Reads on for a while. A client that waits for leave to send (`Expect: 100-continue`) is not given it.
pub(super) async fn drain(headers: &HeaderMap, mut body: Body) {
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let read = async {
        let mut room = DRAIN_BYTES;
        while let Some(Ok(frame)) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let bytes = frame.data_ref().map_or(0, |bytes| bytes.len() as u64);
            match room.checked_sub(bytes) {
                Some(rest) => room = rest,
                None => return,
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIME, read).await;
}

fn is_too_slow(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut error = Some(error);
    while let Some(current) = error {
        if current.is::<TooSlow>() {
            return true;
        }
        error = current.source();
    }
    false
}
