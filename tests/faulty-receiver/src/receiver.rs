//! The receiver behind its faults.

use std::{io, net::SocketAddr, path::Path, sync::Arc};

use axum::Router;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_LENGTH, RETRY_AFTER},
    service::Service as _,
};
use hyper_util::service::TowerToHyperService;
use session_receiver::{Access, Limits, Receiver, Store, TokenReference, router};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    connection::{Abandon, Body, Service, Socket, listen, serve, torn, whole},
    faults::{Fault, FaultCounts, FaultSettings, Faults},
};

/// A receiver of sessions that fails on purpose. Ends when it is dropped.
#[derive(Debug)]
pub struct FaultyReceiver {
    /// Where it listens.
    pub address: SocketAddr,
    store: Store,
    shared: Arc<Faulty>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl FaultyReceiver {
    /// Starts in the current runtime of tokio.
    ///
    /// # Errors
    /// When the address is taken, or the database cannot be opened.
    pub async fn start(
        address: SocketAddr,
        database: &Path,
        token: Option<TokenReference>,
        faults: FaultSettings,
    ) -> io::Result<Self> {
        let store = Store::open(database).map_err(io::Error::other)?;
        let (listener, address) = listen(address).await?;
        let receiver = Receiver::new(store.clone(), Access::new(address, token), Limits::default(), None);
        let shared = Arc::new(Faulty { faults: Faults::new(faults), router: router(receiver) });
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(serve(listener, Arc::clone(&shared), stopped));
        Ok(Self { address, store, shared, stop, server })
    }

    /// What came.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// From now on nothing goes wrong.
    pub fn quiet(&self) {
        self.shared.faults.quiet();
    }

    /// How often each thing happened.
    #[must_use]
    pub fn counts(&self) -> FaultCounts {
        self.shared.faults.counts()
    }
}

impl Drop for FaultyReceiver {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.stop.send(true);
        self.server.abort();
    }
}

#[derive(Debug)]
struct Faulty {
    faults: Faults,
    router: Router,
}

impl Service for Faulty {
    async fn answer(&self, request: Request<Incoming>, socket: &Socket) -> Result<Response<Body>, Abandon> {
        // A health check says how it is; faults are for what must not be lost.
        let fault = if request.method() == Method::POST { self.faults.draw() } else { Fault::None };
        if fault == Fault::ResetBeforeReading {
            socket.reset_at_the_end();
            return Err(Abandon);
        }
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Abandon)?.to_bytes();
        match &fault {
            Fault::Status(status) => {
                let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                return Ok(answer(status, "<html><body>upstream is away</body></html>"));
            }
            Fault::Throttled(retry_after) => {
                let mut response = answer(StatusCode::TOO_MANY_REQUESTS, "{\"error\":\"rate_limited\"}");
                if let Ok(value) = retry_after.parse() {
                    response.headers_mut().insert(RETRY_AFTER, value);
                }
                return Ok(response);
            }
            Fault::TooLargeAbove(most) if body.len() as u64 > *most => {
                return Ok(answer(StatusCode::PAYLOAD_TOO_LARGE, "<html>413 Request Entity Too Large</html>"));
            }
            Fault::Stall(silence) => {
                tokio::time::sleep(*silence).await;
                return Err(Abandon);
            }
            _ => {}
        }
        let stored = self.store(Request::from_parts(head, body)).await?;
        match fault {
            Fault::ResetAfterStoring => {
                socket.reset_at_the_end();
                Err(Abandon)
            }
            Fault::TruncatedAnswer => {
                let (mut head, bytes) = stored.into_parts();
                head.headers.insert(CONTENT_LENGTH, bytes.len().into());
                Ok(Response::from_parts(head, torn(&bytes)))
            }
            Fault::Garbage => Ok(answer(StatusCode::OK, "<html><body>Welcome to the guest network</body></html>")),
            Fault::Slow(while_) => {
                tokio::time::sleep(while_).await;
                Ok(stored.map(whole))
            }
            _ => Ok(stored.map(whole)),
        }
    }
}

impl Faulty {
    async fn store(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Abandon> {
        let service = TowerToHyperService::new(self.router.clone());
        let response = match service.call(request.map(Full::new)).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.map_err(|_| Abandon)?.to_bytes();
        Ok(Response::from_parts(head, bytes))
    }
}

fn answer(status: StatusCode, body: &'static str) -> Response<Body> {
    let mut response = Response::new(whole(body));
    *response.status_mut() = status;
    response
}
