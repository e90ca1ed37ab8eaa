//! A receiver in this process, and bodies for it.

use std::{io::Write, net::SocketAddr, path::Path};

use flate2::{Compression, write::GzEncoder};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use session_receiver::{Access, Limits, Receiver, Store, TokenReference, router};
use tokio::net::TcpListener;

pub(crate) const SESSION: &str = "0f6b1c1e-7a1d-4c55-9d0e-5a3f7f0c2b11";

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    pub(crate) client: reqwest::Client,
    pub(crate) folder: tempfile::TempDir,
}

#[derive(Default)]
pub(crate) struct Setup {
    pub(crate) token: Option<TokenReference>,
    pub(crate) limits: Option<Limits>,
    pub(crate) events_per_minute: Option<u32>,
    /// Where the receiver believes that it listens.
    pub(crate) believed: Option<SocketAddr>,
    pub(crate) queue: Option<usize>,
}

impl Setup {
    pub(crate) async fn start(self) -> Server {
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_with_queue(&folder.path().join("s.db"), self.queue.unwrap_or(Store::QUEUE)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let access = Access::new(self.believed.unwrap_or(address), self.token);
        let receiver = Receiver::new(store.clone(), access, self.limits.unwrap_or_default(), self.events_per_minute);
        tokio::spawn(async move { axum::serve(listener, router(receiver)).await });
        Server { address, store, client: reqwest::Client::new(), folder }
    }
}

impl Server {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn post(&self, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.client.post(self.url("/api/agents/ingest")).header("content-type", "application/json").body(body)
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.client.get(self.url(path))).await
    }

    pub(crate) fn database(&self) -> std::path::PathBuf {
        Path::new(self.folder.path()).join("s.db")
    }
}

/// The status and the body, which is always JSON.
pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let body = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

pub(crate) fn event(offset: u64, text: &str) -> Value {
    json!({
        "role": "user", "content_text": text, "timestamp": "2026-03-04T05:06:07+00:00",
        "source_path": "/home/dev/.claude/projects/a/b.jsonl", "source_offset": offset, "item_index": 0,
        "raw_json": format!("{{\"text\":\"{text}\"}}"),
    })
}

pub(crate) fn batch(events: &[Value]) -> Value {
    json!({
        "id": SESSION, "provider": "claude", "environment": "production", "project": "orchard", "device_id": "shipper-a",
        "cwd": "/home/dev/orchard", "git_repo": null, "git_branch": "main", "started_at": "2026-03-04T05:06:07+00:00",
        "ended_at": "2026-03-04T06:06:07+00:00", "provider_session_id": SESSION, "events": events,
        "a_field_of_tomorrow": {"x": [1, 2]},
    })
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}
