//! Sending requests: connections, time-outs, further tries, answers that are whole.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bytes::{Bytes, BytesMut};
use reqwest::{
    StatusCode, Version,
    header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap},
    redirect,
};

use super::{
    access::{ArangoOptions, ArangoUrl, Credential, Protocol},
    error::{CallError, ServerError},
    requests::{self, Request},
    session::{Bearer, Session},
};
use crate::error::{StoreError, StoreResult};

const QUEUE_TIME: &str = "x-arango-queue-time-seconds";
/// The longest wait between two tries, and for a queue.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// A queue that takes longer than this is given time before more is written.
const SLOW_QUEUE: Duration = Duration::from_millis(500);
/// No answer to anything that is asked here comes near it.
const LARGEST_ANSWER: usize = 1 << 30;
/// Below it, compressing costs more than it saves.
const WORTH_COMPRESSING: usize = 1 << 10;

/// A server, and the way to talk to it.
pub(super) struct Client {
    http: reqwest::Client,
    url: ArangoUrl,
    options: ArangoOptions,
    session: Session,
    /// Milliseconds to wait before the next write.
    pause: AtomicU64,
    /// 10 times the version of HTTP that the last answer came with; 0 before the first one.
    spoken: AtomicU64,
}

/// One try.
enum Tried {
    Answered(Bytes),
    Refused(ServerError),
    /// No answer, half an answer, or none in time.
    Lost(String),
}

impl Client {
    pub(super) fn new(url: &ArangoUrl, options: ArangoOptions) -> StoreResult<Self> {
        // Fails if the process has one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .connect_timeout(options.connect_timeout)
            .timeout(options.answer_timeout)
            .pool_max_idle_per_host(options.concurrency)
            .tcp_nodelay(true)
            .redirect(redirect::Policy::none());
        let builder = match options.protocol {
            Protocol::Http1 => builder.http1_only(),
            Protocol::Http2 if url.endpoint.starts_with("https:") => builder,
            Protocol::Http2 => builder.http2_prior_knowledge(),
        };
        // Reading the system's certificates takes longer than all the rest of opening.
        let builder = if url.endpoint.starts_with("https:") { builder } else { builder.tls_certs_only([]) };
        let http = builder
            .build()
            .map_err(|e| StoreError::Unavailable { path: url.to_string(), reason: format!("no HTTP client: {e}") })?;
        Ok(Self {
            http,
            url: url.clone(),
            options,
            session: Session::default(),
            pause: AtomicU64::new(0),
            spoken: AtomicU64::new(0),
        })
    }

    /// The URL without credentials, which names the store in errors.
    pub(super) fn place(&self) -> String {
        self.url.to_string()
    }

    pub(super) fn database(&self) -> &str {
        &self.url.database
    }

    pub(super) fn options(&self) -> &ArangoOptions {
        &self.options
    }

    /// The version of HTTP that was negotiated.
    pub(super) fn spoken(&self) -> Option<&'static str> {
        match self.spoken.load(Ordering::Relaxed) {
            0 => None,
            20 => Some("HTTP/2"),
            _ => Some("HTTP/1.1"),
        }
    }

    /// Sends a request until it is answered, refused for good, or patience ends. Every request of this store may be sent
    /// twice: what is written is a replacement, or names the revision that it replaces.
    pub(super) async fn send(&self, request: &Request) -> Result<Bytes, CallError> {
        let begin = Instant::now();
        let mut tries = 0;
        let mut renewed = false;
        loop {
            if request.writes {
                let pause = Duration::from_millis(self.pause.swap(0, Ordering::Relaxed));
                tokio::time::sleep(pause).await;
            }
            let bearer = match &self.options.credential {
                Some(credential) => Some(self.bearer(credential, begin).await?),
                None => None,
            };
            let trouble = match self.try_once(request, bearer.as_deref()).await {
                Tried::Answered(body) => return Ok(body),
                Tried::Refused(error) if error.status == 401 => {
                    let Some(bearer) = bearer.filter(|_| !renewed && self.can_renew()) else {
                        return Err(CallError::Server(error));
                    };
                    renewed = true;
                    self.session.refused(&bearer).await;
                    continue;
                }
                Tried::Refused(error) if !error.is_transient() => return Err(CallError::Server(error)),
                Tried::Refused(error) => error.to_string(),
                Tried::Lost(reason) => reason,
            };
            tries += 1;
            self.wait(begin, tries, &trouble).await?;
        }
    }

    /// What to send now. One task at a time logs in; the others wait for that.
    async fn bearer(&self, credential: &Credential, begin: Instant) -> Result<Arc<Bearer>, CallError> {
        let mut current = self.session.lock().await;
        if let Some(bearer) = current.as_ref().filter(|bearer| bearer.is_good()) {
            return Ok(Arc::clone(bearer));
        }
        let fresh = Arc::new(self.login(credential, begin).await?);
        *current = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    fn can_renew(&self) -> bool {
        matches!(self.options.credential, Some(Credential::Password { .. }))
    }

    /// Exchanges the credential for a JWT.
    async fn login(&self, credential: &Credential, begin: Instant) -> Result<Bearer, CallError> {
        let unusable =
            |reason: &str| CallError::Store(StoreError::AuthRejected { path: self.place(), reason: reason.to_owned() });
        let (user, password) = match credential {
            Credential::Password { user, password } => (user, password),
            Credential::Token(token) => {
                return Bearer::fixed(token).ok_or_else(|| unusable("the token cannot be put into a header"));
            }
        };
        let request = requests::login(user, password);
        let mut tries = 0;
        loop {
            let trouble = match self.try_once(&request, None).await {
                Tried::Answered(body) => {
                    return Bearer::granted(&body).ok_or_else(|| unusable("the login was answered without a token"));
                }
                // There is nobody to log in to when authentication is switched off.
                Tried::Refused(error) if error.status == 404 => return Ok(Bearer::nobody()),
                Tried::Refused(error) if !error.is_transient() => return Err(CallError::Server(error)),
                Tried::Refused(error) => error.to_string(),
                Tried::Lost(reason) => reason,
            };
            tries += 1;
            self.wait(begin, tries, &trouble).await?;
        }
    }

    /// Waits before a further try, longer each time; fails when patience is at its end.
    pub(super) async fn wait(&self, begin: Instant, tries: u32, trouble: &str) -> Result<(), StoreError> {
        let doubled = self.options.first_wait.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(LONGEST_WAIT);
        // Between half and all of it, so that several clients do not come back at one moment.
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
        let wait = doubled / 2 + doubled.mul_f64(f64::from(nanos % 1_000) / 2_000.0);
        if begin.elapsed() + wait > self.options.patience {
            return Err(StoreError::Unavailable {
                path: self.place(),
                reason: format!("{trouble}; gave up after {tries} tries in {:.1?}", begin.elapsed()),
            });
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    async fn try_once(&self, request: &Request, bearer: Option<&Bearer>) -> Tried {
        let mut url = self.url.endpoint.clone();
        if let Some(database) = &request.database {
            url.push_str("/_db/");
            url.push_str(database);
        }
        url.push_str(&request.path);
        let mut call = self
            .http
            .request(request.method.clone(), url)
            .header(CONTENT_TYPE, "application/json")
            .header(QUEUE_TIME, self.options.answer_timeout.as_secs().max(1));
        if let Some(header) = bearer.and_then(|b| b.header.clone()) {
            call = call.header(AUTHORIZATION, header);
        }
        call = match self.compressed(&request.body) {
            Some(body) => call.header(CONTENT_ENCODING, "gzip").body(body),
            None => call.body(request.body.clone()),
        };
        let mut response = match call.send().await {
            Ok(response) => response,
            Err(error) => return Tried::Lost(reason(&error)),
        };
        let status = response.status();
        let version = if response.version() == Version::HTTP_2 { 20 } else { 11 };
        self.spoken.store(version, Ordering::Relaxed);
        self.heed_queue(response.headers());
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(Some(part)) if body.len() + part.len() > LARGEST_ANSWER => {
                    return Tried::Lost("an answer of more than 1 GiB".to_owned());
                }
                Ok(Some(part)) => body.extend_from_slice(&part),
                Ok(None) => break,
                Err(error) => return Tried::Lost(format!("the answer broke off: {}", reason(&error))),
            }
        }
        if status.is_success() {
            Tried::Answered(body.freeze())
        } else if status == StatusCode::PRECONDITION_FAILED && body.is_empty() {
            Tried::Refused(ServerError { status: 412, number: 21004, message: String::new() })
        } else {
            Tried::Refused(ServerError::read(status.as_u16(), &body))
        }
    }

    fn heed_queue(&self, headers: &HeaderMap) {
        let seconds = headers.get(QUEUE_TIME).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<f64>().ok());
        let Some(queue) = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok()) else { return };
        if queue > SLOW_QUEUE {
            let pause = u64::try_from(queue.min(LONGEST_WAIT).as_millis()).unwrap_or_default();
            self.pause.store(pause, Ordering::Relaxed);
        }
    }

    fn compressed(&self, body: &Bytes) -> Option<Vec<u8>> {
        use std::io::Write as _;
        if !self.options.gzip || body.len() < WORTH_COMPRESSING {
            return None;
        }
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(body).ok()?;
        encoder.finish().ok()
    }
}

/// What went wrong, with the causes, which reqwest keeps to itself; without the URL.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return if error.is_connect() { "no connection in time".into() } else { "no answer in time".into() };
    }
    let mut text = String::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        cause = error.source();
    }
    if text.is_empty() { "the request failed".into() } else { text }
}
