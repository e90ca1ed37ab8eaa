//! Requests. The only part of the engine that is asynchronous inside; callers wait on their own threads.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{self, HeaderValue};
use reqwest::{Response, Url};
use tokio::runtime::{Builder, Runtime};

use super::answer::{self, Answer};
use crate::config::{Config, Secret, address};
use crate::engine::{Clock, Error, ErrorKind};

/// No more of an answer is read, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;
/// How often a thread that waits for an answer asks whether it still should.
const LOOK: Duration = Duration::from_millis(50);

const UNKNOWN: u8 = 0;
const NO: u8 = 1;
const YES: u8 = 2;
const REFUSED: u8 = 3;

/// Connections to one server.
#[derive(Debug)]
pub(crate) struct Client {
    /// Taken out when the client goes, since waiting for a runtime's end is not allowed everywhere.
    runtime: Option<Runtime>,
    requests: reqwest::Client,
    ingest: Url,
    health: Url,
    clock: Arc<dyn Clock>,
    zstd: Arc<AtomicU8>,
    asked: AtomicBool,
}

impl Client {
    /// Connects to nothing yet.
    pub(crate) fn new(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let place = config.url.clone();
        let failed = move |what: String| {
            Error::new(
                ErrorKind::InvalidInput,
                what,
                place.clone(),
                "check the address and the certificates of this machine",
            )
        };
        let at = |path: &str| {
            Url::parse(&format!("{}{path}", config.url))
                .map_err(|error| failed(format!("no address can be made of it: {error}")))
        };
        let (ingest, health) = (at("/api/agents/ingest")?, at("/api/health")?);
        // Another user of TLS in this process may have chosen already; ring it is in any case.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .timeout(config.timeout)
            .connect_timeout(config.connect_timeout)
            .pool_max_idle_per_host(config.uploads)
            .pool_idle_timeout(Duration::from_secs(60))
            .tcp_nodelay(true)
            // The token goes to the host that was named and to no other.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("gantry-shipping/", env!("CARGO_PKG_VERSION")));
        if ingest.scheme() == "http" {
            // Reading the machine's certificates takes longer than all else at the start.
            builder = builder.tls_certs_only([]);
        }
        if address::is_loopback(&ingest) {
            builder = builder.no_proxy();
        }
        let requests = builder.build().map_err(|error| failed(format!("no client can be made: {}", words(&error))))?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("shipping-http")
            .enable_io()
            .enable_time()
            .build()
            .map_err(|error| failed(format!("no thread can be made: {error}")))?;
        Ok(Self {
            runtime: Some(runtime),
            requests,
            ingest,
            health,
            clock,
            zstd: Arc::new(AtomicU8::new(UNKNOWN)),
            asked: AtomicBool::new(false),
        })
    }

    /// Whether the server says that it takes zstd; `None` while it has said nothing.
    pub(crate) fn takes_zstd(&self) -> Option<bool> {
        match self.zstd.load(Ordering::Relaxed) {
            YES => Some(true),
            NO | REFUSED => Some(false),
            _ => None,
        }
    }

    /// Whether it is worth asking what the server takes: it said nothing yet, and was not asked.
    pub(crate) fn should_ask(&self) -> bool {
        self.takes_zstd().is_none() && !self.asked.swap(true, Ordering::Relaxed)
    }

    /// Whether it has answered 415 to zstd.
    pub(crate) fn refused_zstd(&self) -> bool {
        self.zstd.load(Ordering::Relaxed) == REFUSED
    }

    /// The server answered 415 to zstd: no more of it, whatever it says elsewhere.
    pub(crate) fn refuse_zstd(&self) {
        self.zstd.store(REFUSED, Ordering::Relaxed);
    }

    /// Sends one body. `None` when `proceed` said no meanwhile: whether the server has it is not known then.
    pub(crate) fn post(
        &self,
        body: Bytes,
        encoding: &'static str,
        token: Option<&Secret>,
        proceed: &dyn Fn() -> bool,
    ) -> Option<Answer> {
        let mut request = self
            .requests
            .post(self.ingest.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_ENCODING, encoding)
            .body(body);
        if let Some(token) = token {
            let mut value = HeaderValue::from_str(token.expose()).unwrap_or(HeaderValue::from_static(""));
            value.set_sensitive(true);
            request = request.header("X-Agents-Token", value);
        }
        self.ask(request, proceed)
    }

    /// Whether anybody is there. Any answer is one.
    pub(crate) fn probe(&self, proceed: &dyn Fn() -> bool) -> Option<Answer> {
        self.ask(self.requests.get(self.health.clone()).timeout(Duration::from_secs(10)), proceed)
    }

    fn ask(&self, request: reqwest::RequestBuilder, proceed: &dyn Fn() -> bool) -> Option<Answer> {
        let (clock, zstd) = (self.clock.clone(), self.zstd.clone());
        self.wait(
            async move {
                match request.send().await {
                    Ok(response) => {
                        if let Some(takes) = answer::takes_zstd(response.headers()) {
                            // A 415 is what the server does, and weighs more than what it says.
                            let said = if takes { YES } else { NO };
                            let _ = zstd.compare_exchange(UNKNOWN, said, Ordering::Relaxed, Ordering::Relaxed);
                        }
                        read(response, &*clock).await
                    }
                    Err(error) => of_error(&error),
                }
            },
            proceed,
        )
    }

    fn wait(&self, work: impl Future<Output = Answer> + Send + 'static, proceed: &dyn Fn() -> bool) -> Option<Answer> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let task = self.runtime.as_ref()?.spawn(async move {
            // Nobody waits any more when this fails.
            let _ = sender.send(work.await);
        });
        loop {
            match receiver.recv_timeout(LOOK) {
                Ok(answer) => return Some(answer),
                Err(mpsc::RecvTimeoutError::Timeout) if proceed() => {}
                Err(_) => {
                    task.abort();
                    return None;
                }
            }
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn read(mut response: Response, clock: &dyn Clock) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = LONGEST_ANSWER.saturating_sub(body.len());
                body.extend_from_slice(chunk.get(..chunk.len().min(room)).unwrap_or_default());
                if body.len() >= LONGEST_ANSWER {
                    break;
                }
            }
            Ok(None) => break,
            // A yes that breaks off is none: the server drops what comes twice, and nobody brings back what never came.
            Err(error) => return of_error(&error),
        }
    }
    answer::meaning(status, &headers, &body, clock.now())
}

fn of_error(error: &reqwest::Error) -> Answer {
    let reason = words(error);
    if error.is_connect() {
        Answer::Unreachable { reason: format!("the server cannot be reached: {reason}"), slow: false }
    } else if error.is_timeout() {
        Answer::Unreachable { reason: "the server did not answer in time".to_owned(), slow: true }
    } else {
        Answer::Failed { reason: format!("the connection broke: {reason}"), status: None }
    }
}

/// The innermost cause, without the address: the caller says where.
fn words(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
