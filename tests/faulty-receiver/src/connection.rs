//! Accepting connections, and ending them rudely.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    os::fd::{AsFd, OwnedFd},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use hyper::{
    Request, Response,
    body::{Frame, Incoming},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

/// Why a connection is ended without an answer.
#[derive(Debug)]
pub(crate) struct Abandon;

impl std::fmt::Display for Abandon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is abandoned")
    }
}

impl std::error::Error for Abandon {}

pub(crate) type Body = BoxBody<Bytes, Abandon>;

/// The socket under a request.
#[derive(Debug)]
pub(crate) struct Socket(Option<OwnedFd>);

impl Socket {
    /// The end of the connection will be a reset, and not a proper close.
    pub(crate) fn reset_at_the_end(&self) {
        if let Some(socket) = &self.0 {
            // Where it fails the connection is closed properly, which is a fault as well.
            let _ = rustix::net::sockopt::set_socket_linger(socket, Some(Duration::ZERO));
        }
    }
}

/// Answers requests, or gives them up.
pub(crate) trait Service: Send + Sync + 'static {
    fn answer(
        &self,
        request: Request<Incoming>,
        socket: &Socket,
    ) -> impl Future<Output = Result<Response<Body>, Abandon>> + Send;
}

/// Serves until `stop` says so; requests that are being answered then are dropped.
pub(crate) async fn serve(listener: TcpListener, service: Arc<impl Service>, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        // A peer that is gone before it is accepted is no reason to end.
        let Ok((stream, _)) = accepted else { continue };
        let socket = Arc::new(Socket(stream.as_fd().try_clone_to_owned().ok()));
        let service = Arc::clone(&service);
        connections.spawn(async move {
            let answer = service_fn(move |request| {
                let (service, socket) = (Arc::clone(&service), Arc::clone(&socket));
                async move { service.answer(request, &socket).await }
            });
            // Ends with an error whenever a fault was to end it.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Listens on an address, whose port may be 0.
pub(crate) async fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    http_body_util::Full::new(bytes.into()).map_err(|never: Infallible| match never {}).boxed()
}

/// Half of a body that announced all of it.
pub(crate) fn torn(bytes: &Bytes) -> Body {
    let half = bytes.slice(..bytes.len() / 2);
    let frames = [Ok(Frame::data(half)), Err(Abandon)];
    BodyExt::boxed(StreamBody::new(futures::stream::iter(frames)))
}
