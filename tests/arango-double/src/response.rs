//! Answers on their way out, also those that are to break off.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::{
    Response,
    body::{Frame, SizeHint},
};

use crate::envelope::Answer;

/// The body of an answer; `breaks` when it is to end before it should.
pub(crate) struct Body {
    bytes: Option<Bytes>,
    breaks: bool,
    length: u64,
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.bytes.take() {
            Some(bytes) if !bytes.is_empty() => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            _ if self.breaks => Poll::Ready(Some(Err(io::Error::other("asked to break off")))),
            _ => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

/// Makes a response; `harm` is `truncate`, `cut` or nothing of the kind.
pub(crate) fn respond(answer: Answer, harm: Option<&str>) -> io::Result<Response<Body>> {
    let bytes = if answer.without_body { Bytes::new() } else { Bytes::from(answer.body.to_string()) };
    let half = bytes.slice(..bytes.len() / 2);
    let length = u64::try_from(bytes.len()).unwrap_or_default();
    let body = match harm {
        Some("truncate") => Body { bytes: Some(half), breaks: true, length },
        Some("cut") => {
            let length = u64::try_from(half.len()).unwrap_or_default();
            Body { bytes: Some(half), breaks: false, length }
        }
        _ => Body { bytes: Some(bytes), breaks: false, length },
    };
    let mut response = Response::builder()
        .status(answer.status)
        .header("content-type", "application/json; charset=utf-8")
        .header("server", "ArangoDB");
    if answer.headers.iter().all(|(name, _)| *name != "x-arango-queue-time-seconds") {
        response = response.header("x-arango-queue-time-seconds", "0.000000");
    }
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(body).map_err(io::Error::other)
}
