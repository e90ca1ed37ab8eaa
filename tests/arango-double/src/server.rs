//! Connections, requests, and the order in which things happen to one.

use std::{
    io::{self, Read as _, Write as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hyper::{Response, body::Incoming, service::service_fn};
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
    request::{Request, read},
    response::{Body, respond},
    settings::Settings,
};

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
