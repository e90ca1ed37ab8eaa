//! Servers for measurements: they take everything and keep nothing.

use std::{
    fmt, io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use http_body_util::BodyExt;
use hyper::{
    Method, Request, Response,
    body::Incoming,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue},
};
use serde::{Deserialize, Deserializer, Serialize, de};
use session_receiver::{BodyEncoding, Limits, inflate};
use tokio::{sync::watch, task::JoinHandle};

use crate::connection::{Abandon, Body, Service, Socket, listen, serve, whole};

/// What a sink does with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkKind {
    /// Reads it and answers 200 at once.
    Drop,
    /// Inflates it and counts its events.
    Count,
}

/// What a sink has seen. `GET /counts` answers it as JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkCounts {
    /// Requests with a body.
    pub requests: u64,
    /// Bytes as they came.
    pub wire_bytes: u64,
    /// Bytes of the largest body as it came.
    pub largest_wire_bytes: u64,
    /// Bytes once inflated; only where events are counted.
    pub inflated_bytes: u64,
    /// Events; only where they are counted.
    pub events: u64,
    /// Bodies that could not be read; only where events are counted.
    pub unreadable: u64,
}

/// A server that takes everything. Ends when it is dropped.
#[derive(Debug)]
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Counting>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl Sink {
    /// Starts in the current runtime of tokio.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn start(address: SocketAddr, kind: SinkKind) -> io::Result<Self> {
        let (listener, address) = listen(address).await?;
        let shared = Arc::new(Counting { kind, ..Counting::default() });
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(serve(listener, Arc::clone(&shared), stopped));
        Ok(Self { address, shared, stop, server })
    }

    /// What came so far.
    #[must_use]
    pub fn counts(&self) -> SinkCounts {
        self.shared.counts()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.stop.send(true);
        self.server.abort();
    }
}

#[derive(Debug)]
struct Counting {
    kind: SinkKind,
    requests: AtomicU64,
    wire_bytes: AtomicU64,
    largest_wire_bytes: AtomicU64,
    inflated_bytes: AtomicU64,
    events: AtomicU64,
    unreadable: AtomicU64,
}

impl Default for Counting {
    fn default() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            kind: SinkKind::Drop,
            requests: zero(),
            wire_bytes: zero(),
            largest_wire_bytes: zero(),
            inflated_bytes: zero(),
            events: zero(),
            unreadable: zero(),
        }
    }
}

impl Counting {
    fn counts(&self) -> SinkCounts {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        SinkCounts {
            requests: of(&self.requests),
            wire_bytes: of(&self.wire_bytes),
            largest_wire_bytes: of(&self.largest_wire_bytes),
            inflated_bytes: of(&self.inflated_bytes),
            events: of(&self.events),
            unreadable: of(&self.unreadable),
        }
    }
}

impl Service for Counting {
    async fn answer(&self, request: Request<Incoming>, _: &Socket) -> Result<Response<Body>, Abandon> {
        if request.method() != Method::POST {
            let counts = serde_json::to_vec(&self.counts()).map_err(|_| Abandon)?;
            return Ok(json(counts));
        }
        let encoding = BodyEncoding::of_header(request.headers().get(CONTENT_ENCODING).map(HeaderValue::as_bytes));
        let mut body = request.into_body();
        let (mut wire_bytes, mut kept) = (0, Vec::new());
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame.map_err(|_| Abandon)?.into_data() {
                wire_bytes += data.len() as u64;
                if self.kind == SinkKind::Count {
                    kept.extend_from_slice(&data);
                }
            }
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.wire_bytes.fetch_add(wire_bytes, Ordering::Relaxed);
        self.largest_wire_bytes.fetch_max(wire_bytes, Ordering::Relaxed);
        if self.kind == SinkKind::Drop {
            return Ok(json(
                "{\"session_id\":\"00000000-0000-0000-0000-000000000000\",\"events_inserted\":0,\"events_skipped\":0,\"session_created\":false}",
            ));
        }
        let limits = Limits { inflated_bytes: 1 << 30, inflate_ratio: 10_000, ..Limits::default() };
        let read = encoding.and_then(|encoding| {
            let inflated = inflate(encoding, &kept, &limits)?;
            let head = serde_json::from_slice::<Counted>(&inflated);
            Ok((inflated.len() as u64, head))
        });
        match read {
            Ok((bytes, Ok(body))) => {
                self.inflated_bytes.fetch_add(bytes, Ordering::Relaxed);
                self.events.fetch_add(body.events.0, Ordering::Relaxed);
                Ok(json(format!(
                    "{{\"session_id\":\"{}\",\"events_inserted\":{},\"events_skipped\":0,\"session_created\":false}}",
                    body.id, body.events.0
                )))
            }
            _ => {
                self.unreadable.fetch_add(1, Ordering::Relaxed);
                Ok(json("{}"))
            }
        }
    }
}

fn json(body: impl Into<bytes::Bytes>) -> Response<Body> {
    let mut response = Response::new(whole(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static(BodyEncoding::ACCEPTED));
    response
}

#[derive(Deserialize)]
struct Counted {
    id: String,
    events: Length,
}

/// An array of which only the length is of interest.
struct Length(u64);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> de::Visitor<'de> for Visit {
            type Value = Length;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Length, A::Error> {
                let mut length = 0;
                while seq.next_element::<de::IgnoredAny>()?.is_some() {
                    length += 1;
                }
                Ok(Length(length))
            }
        }
        deserializer.deserialize_seq(Visit)
    }
}
