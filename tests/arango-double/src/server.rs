//! Connections, requests, and the order in which things happen to one.

use std::{
    collections::HashMap,
    io::{self, Read as _, Write as _},
    net::SocketAddr,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::{
    Response,
    body::{Frame, Incoming, SizeHint},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

use crate::{
    auth::Gate,
    cursor::Cursors,
    database::Databases,
    definition, document,
    envelope::{Answer, Error, Result},
    faults::Faults,
    import,
    log::{Log, Step},
};

/// The largest body, as the server has it.
const LARGEST: u64 = 1 << 30;

/// How a stand-in is started.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where its data is kept.
    pub data: PathBuf,
    /// The one user and the password; without, everybody may do everything.
    pub auth: Option<(String, String)>,
    /// Seconds for which a token is good.
    pub token_lifetime: u64,
}

impl Settings {
    /// Reads the arguments of a command line.
    ///
    /// # Errors
    /// When one is unknown, or wants a value.
    pub fn from_arguments(mut arguments: impl Iterator<Item = String>) -> io::Result<Self> {
        let mut settings = Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: PathBuf::new(),
            auth: None,
            token_lifetime: 3_600,
        };
        let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| wrong(&format!("{name} wants a value")))?;
            match name.as_str() {
                "--listen" => settings.listen = value.parse().map_err(|_| wrong("--listen wants host:port"))?,
                "--data" => settings.data = value.into(),
                "--auth" => {
                    let (user, password) = value.split_once(':').ok_or_else(|| wrong("--auth wants user:password"))?;
                    settings.auth = Some((user.to_owned(), password.to_owned()));
                }
                "--token-lifetime" => {
                    settings.token_lifetime = value.parse().map_err(|_| wrong("--token-lifetime wants seconds"))?;
                }
                _ => return Err(wrong(&format!("{name} is unknown"))),
            }
        }
        if settings.data.as_os_str().is_empty() {
            return Err(wrong("--data FILE is missing"));
        }
        Ok(settings)
    }
}

/// A request, taken apart.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) database: String,
    /// Without the database.
    pub(crate) path: String,
    parameters: HashMap<String, String>,
    headers: HashMap<String, String>,
    pub(crate) body: Bytes,
}

impl Request {
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// A yes or no in any of the spellings that the server takes.
    pub(crate) fn flag(&self, name: &str, otherwise: bool) -> bool {
        match self.parameter(name).map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "1" | "yes" | "on" | "y" | "") => true,
            Some(_) => false,
            None => otherwise,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

struct State {
    log: Log,
    databases: Databases,
    cursors: Cursors,
    faults: Faults,
    gate: Gate,
}

struct Server {
    state: Mutex<State>,
    /// Requests that wait for a release, and those who want to know of them.
    held: tokio::sync::watch::Sender<u64>,
    release: Notify,
}

/// Serves until standard input ends. Writes where it listens to standard output.
///
/// # Errors
/// When the data cannot be read, or the address is taken.
pub fn serve(settings: Settings) -> io::Result<()> {
    // Whoever started this has gone: so does this.
    std::thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let (log, databases) = Log::open(&settings.data)?;
    let gate = Gate::new(settings.auth, settings.token_lifetime);
    let state = State { log, databases, cursors: Cursors::default(), faults: Faults::default(), gate };
    let server =
        Arc::new(Server { state: Mutex::new(state), held: tokio::sync::watch::Sender::new(0), release: Notify::new() });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        writeln!(io::stdout(), "listening on {address}")?;
        io::stdout().flush()?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let server = Arc::clone(&server);
                    // Of its own: what is held goes on when the client has hung up.
                    async move {
                        match tokio::spawn(answer(server, request)).await {
                            Ok(answer) => answer,
                            Err(error) => Err(io::Error::other(error)),
                        }
                    }
                });
                let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

/// The body of an answer; `breaks` when it is to end before it should.
struct Body {
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

async fn answer(server: Arc<Server>, request: hyper::Request<Incoming>) -> io::Result<Response<Body>> {
    let whole = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let request = match read(request).await {
        Ok(request) => request,
        Err(error) => return respond(error.answer().with("connection", "close".into()), None),
    };
    if let Some(action) = request.path.strip_prefix("/_double/") {
        return respond(server.administer(action, &request).await, None);
    }
    let fault = server.lock().faults.of_request(&request.method, &whole);
    let is = |kind: &str| fault.as_ref().and_then(|f| f.get("kind")).and_then(Value::as_str) == Some(kind);
    let number = |field: &str| fault.as_ref().and_then(|f| f.get(field)).and_then(Value::as_u64);
    let after = fault.as_ref().and_then(|f| f.get("after")).and_then(Value::as_bool).unwrap_or_default();
    if is("refuse") {
        let status = number("status").and_then(|s| u16::try_from(s).ok()).unwrap_or(503);
        return respond(Error::new(status, number("number").unwrap_or(503), "asked to refuse").answer(), None);
    }
    if is("lose") {
        return Err(io::Error::other("asked to lose the request"));
    }
    if is("die") && !after {
        die();
    }
    if is("hold") {
        let released = server.release.notified();
        server.held.send_modify(|held| *held += 1);
        released.await;
    }
    let mut answer = server.lock().handle(&request).unwrap_or_else(|error| error.answer());
    if is("die") {
        die();
    }
    if is("drop") {
        return Err(io::Error::other("asked to drop the connection"));
    }
    if is("slow") {
        tokio::time::sleep(Duration::from_millis(number("milliseconds").unwrap_or(60_000))).await;
    }
    if is("queue") {
        let seconds = fault.as_ref().and_then(|f| f.get("seconds")).and_then(Value::as_f64).unwrap_or_default();
        answer = answer.with("x-arango-queue-time-seconds", format!("{seconds:.6}"));
    }
    respond(
        answer,
        Some(if is("truncate") {
            "truncate"
        } else if is("cut") {
            "cut"
        } else {
            ""
        }),
    )
}

fn respond(answer: Answer, harm: Option<&str>) -> io::Result<Response<Body>> {
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

async fn read(request: hyper::Request<Incoming>) -> Result<Request> {
    let (parts, body) = request.into_parts();
    if parts.headers.contains_key("transfer-encoding") {
        return Err(Error::new(411, 411, "length required"));
    }
    let text = |v: &hyper::header::HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned();
    let headers: HashMap<String, String> =
        parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let collected = body.collect().await.map_err(|_| Error::new(400, 400, "the body broke off"))?;
    let mut body = collected.to_bytes();
    if headers.get("content-encoding").is_some_and(|e| e == "gzip") {
        let mut plain = Vec::new();
        let mut decoder = flate2::read::MultiGzDecoder::new(&body[..]).take(LARGEST);
        decoder.read_to_end(&mut plain).map_err(|_| Error::new(400, 400, "the body is not what it is said to be"))?;
        body = plain.into();
    }
    let path = parts.uri.path();
    let (database, path) = match path.strip_prefix("/_db/") {
        Some(rest) => rest.split_once('/').map_or((rest, "/".to_owned()), |(db, path)| (db, format!("/{path}"))),
        None => ("_system", path.to_owned()),
    };
    let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let parameters = query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    Ok(Request { method: parts.method.to_string(), database: database.to_owned(), path, parameters, headers, body })
}

fn die() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
}

impl Server {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn administer(&self, action: &str, request: &Request) -> Answer {
        match action {
            "fault" => match serde_json::from_slice(&request.body) {
                Ok(order) => self.lock().faults.add(order),
                Err(_) => return Error::numbered(600).answer(),
            },
            "calm" => self.lock().faults.clear(),
            "expire" => self.lock().gate.expire(),
            "die" => die(),
            "release" => self.release.notify_waiters(),
            // Answered when as many requests were held as `count` says.
            "held" => {
                let wanted: u64 = request.parameter("count").and_then(|n| n.parse().ok()).unwrap_or(1);
                let _ = self.held.subscribe().wait_for(|held| *held >= wanted).await;
            }
            _ => return Error::new(404, 404, "unknown order").answer(),
        }
        Answer::new(200, json!({}))
    }
}

impl State {
    fn handle(&mut self, request: &Request) -> Result<Answer> {
        if request.path == "/_open/auth" {
            return self.gate.login(&request.body);
        }
        self.gate.admit(request.header("authorization"))?;
        self.databases.database(&request.database)?;
        let begins =
            |path: &str| request.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let (answer, steps): (Answer, Vec<Step>) = if begins("/_api/import") {
            import::handle(request, &mut self.databases, &mut self.faults)?
        } else if begins("/_api/document") {
            document::handle(request, &mut self.databases, &mut self.faults)?
        } else if begins("/_api/cursor") {
            (self.cursors.handle(request, &self.databases)?, Vec::new())
        } else if begins("/_api/collection") {
            definition::collections(request, &mut self.databases)?
        } else if begins("/_api/index") {
            definition::indexes(request, &self.databases)?
        } else if begins("/_api/database") {
            definition::databases(request, &self.databases)?
        } else if begins("/_api/version") {
            (definition::version(request), Vec::new())
        } else if begins("/_admin/status") {
            (definition::status(), Vec::new())
        } else {
            return Err(Error::new(404, 404, format!("unknown path '{}'", request.path)));
        };
        let committed = self.log.commit(steps, &mut self.databases);
        committed.map_err(|error| Error::new(500, 4, format!("the log cannot be written: {error}")))?;
        Ok(answer)
    }
}
