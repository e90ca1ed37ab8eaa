//! The socket: connections in bounded number, each within its times, and an end that loses no answer.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, body::Body, http::header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    task::JoinSet,
};

use super::{app::App, front, socket::Socket};

/// What one gets whom there is no place for.
const NO_PLACE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 37\r\n\
retry-after: 1\r\nconnection: close\r\n\r\n{\"error\":\"Connection limit reached.\"}\n";

/// One connection, as the others see it.
#[derive(Debug, Default)]
struct Connection {
    /// Requests that are being answered.
    busy: AtomicUsize,
    /// It carries a stream, which is counted and ended elsewhere.
    streams: AtomicBool,
    /// Milliseconds from the start of the service to its last request.
    used: AtomicU64,
    evict: Notify,
}

#[derive(Debug)]
struct Connections {
    open: Mutex<(u64, HashMap<u64, Arc<Connection>>)>,
    started: Instant,
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, (u64, HashMap<u64, Arc<Connection>>)> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn len(&self) -> usize {
        self.lock().1.len()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn add(&self) -> (u64, Arc<Connection>) {
        let connection = Arc::new(Connection { used: AtomicU64::new(self.now()), ..Connection::default() });
        let mut open = self.lock();
        open.0 += 1;
        let number = open.0;
        open.1.insert(number, Arc::clone(&connection));
        (number, connection)
    }

    /// Closes the connection that has been idle for the longest; whether there was one.
    fn evict_idle(&self) -> bool {
        let idle = |connection: &&Arc<Connection>| {
            connection.busy.load(Ordering::Acquire) == 0 && !connection.streams.load(Ordering::Acquire)
        };
        let mut open = self.lock();
        let oldest = open
            .1
            .iter()
            .filter(|(_, connection)| idle(connection))
            .min_by_key(|(_, connection)| connection.used.load(Ordering::Relaxed))
            .map(|(number, _)| *number);
        match oldest.and_then(|number| open.1.remove(&number)) {
            Some(connection) => {
                connection.evict.notify_one();
                true
            }
            None => false,
        }
    }
}

/// Serves until `shutdown`: then the listener is closed, the streams end, and what is being answered gets its time.
pub(super) async fn serve(app: Arc<App>, router: Router, listener: TcpListener, shutdown: impl Future<Output = ()>) {
    let connections = Arc::new(Connections { open: Mutex::default(), started: Instant::now() });
    let service = TowerToHyperService::new(router);
    let stop = watch::Sender::new(false);
    let mut tasks = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Mostly: no more file descriptors. Others may give some back.
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let full = connections.len() >= app.settings.limits.connections;
        if full && !connections.evict_idle() {
            let _ = stream.try_write(NO_PLACE);
            continue;
        }
        if full {
            app.metrics.evicted.inc();
        }
        prepare(&stream, &app);
        // Before its task runs: the next one that is accepted has to see it.
        let place = connections.add();
        app.connections.store(connections.len(), Ordering::Relaxed);
        let link = Link { stream, peer, place, connections: Arc::clone(&connections) };
        tasks.spawn(connection(Arc::clone(&app), service.clone(), link, stop.subscribe()));
    }
    drop(listener);
    app.draining.store(true, Ordering::Release);
    app.hub.close();
    stop.send_replace(true);
    let ended = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(app.settings.limits.grace, ended).await.is_err() {
        tracing::warn!(open = tasks.len(), "connections are broken off");
        tasks.shutdown().await;
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Answers at once, and notices when the other machine is gone without a word.
fn prepare(stream: &TcpStream, app: &App) {
    let _ = stream.set_nodelay(true);
    let _ = rustix::net::sockopt::set_socket_keepalive(stream, true);
    #[cfg(target_os = "linux")]
    {
        let stall = u32::try_from(app.settings.limits.write_stall.as_millis()).unwrap_or(u32::MAX);
        let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, stall);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = app;
}

/// An accepted connection, and its entry among the others.
struct Link {
    stream: TcpStream,
    peer: SocketAddr,
    place: (u64, Arc<Connection>),
    connections: Arc<Connections>,
}

async fn connection(app: Arc<App>, router: TowerToHyperService<Router>, link: Link, mut stop: watch::Receiver<bool>) {
    let Link { stream, peer, place: (number, place), connections } = link;
    let limits = &app.settings.limits;
    let answer = service_fn(|request: hyper::Request<Incoming>| {
        let (app, router) = (Arc::clone(&app), router.clone());
        let (place, connections) = (Arc::clone(&place), Arc::clone(&connections));
        async move {
            place.busy.fetch_add(1, Ordering::AcqRel);
            let response = front::answer(app, router, request.map(Body::new)).await;
            let stream = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
            place.streams.store(stream, Ordering::Release);
            place.used.store(connections.now(), Ordering::Relaxed);
            place.busy.fetch_sub(1, Ordering::AcqRel);
            Ok::<_, Infallible>(response)
        }
    });
    let socket = TokioIo::new(Socket::new(stream, limits.write_stall));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.head_bytes)
        .serve_connection(socket, answer);
    let mut served = pin!(served);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = served.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, %error, "a connection broke");
                }
                break;
            }
            () = place.evict.notified() => break,
            () = stopped(&mut stop), if !stopping => {
                stopping = true;
                served.as_mut().graceful_shutdown();
            }
        }
    }
    connections.lock().1.remove(&number);
    app.connections.store(connections.len(), Ordering::Relaxed);
}
