//! A service in this process, and a client that is nothing but a socket.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use ingest::{
    config::Config,
    http::{HttpSettings, Service},
    store::{Settings, Store},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
};

pub(crate) struct Stand {
    pub(crate) address: SocketAddr,
    pub(crate) store: Arc<Store>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
    _folder: Option<tempfile::TempDir>,
}

pub(crate) fn config() -> Config {
    Config { port: 0, stats_interval: Duration::from_secs(3_600), ..Config::from_lookup(|_| None) }
}

impl Stand {
    pub(crate) async fn start() -> Self {
        Self::with(config(), HttpSettings::local(), |service| service).await
    }

    pub(crate) async fn with(config: Config, settings: HttpSettings, more: impl FnOnce(Service) -> Service) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut stand = Self::at(folder.path(), config, settings, more).await;
        stand._folder = Some(folder);
        stand
    }

    pub(crate) async fn at(
        folder: &Path,
        config: Config,
        settings: HttpSettings,
        more: impl FnOnce(Service) -> Service,
    ) -> Self {
        let store = Store::open(&folder.join("events.db"), Settings::default()).unwrap();
        Self::over(store, config, settings, more).await
    }

    pub(crate) async fn over(
        store: Store,
        config: Config,
        settings: HttpSettings,
        more: impl FnOnce(Service) -> Service,
    ) -> Self {
        let store = Arc::new(store);
        let service = more(Service::new(Arc::clone(&store), config, settings));
        let listening = service.listen().await.unwrap();
        let address = listening.address();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(listening.serve(async move {
            let _ = stopped.await;
        }));
        Self { address, store, stop: Some(stop), served, _folder: folder_of_none() }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// One request on a connection of its own: the status and the body.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, String) {
        let mut link = self.connect().await;
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("Content-Length: {}\r\n\r\n", body.len());
        link.write_all(request.as_bytes()).await.unwrap();
        link.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        link.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> (u16, String) {
        self.ask("POST", path, &[("Content-Type", "application/json")], body.as_bytes()).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        self.ask("GET", path, &[], b"").await
    }

    /// A figure of `/metrics`.
    pub(crate) async fn figure(&self, name: &str) -> u64 {
        let (_, text) = self.get("/metrics").await;
        let start = format!("gantry_ingest_{name} ");
        text.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or("0").parse().unwrap()
    }

    pub(crate) async fn listen(&self, query: &str) -> Stream {
        let mut link = self.connect().await;
        link.write_all(format!("GET /api/stream{query} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await.unwrap();
        let mut stream = Stream(BufReader::new(link));
        while stream.line().await.is_some_and(|line| !line.contains("\"connected\"")) {}
        stream
    }

    pub(crate) fn begin_to_stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    pub(crate) async fn stop(mut self) {
        if self.stop.is_some() {
            self.begin_to_stop();
        }
        (&mut self.served).await.unwrap();
        self.store.close();
    }
}

fn folder_of_none() -> Option<tempfile::TempDir> {
    None
}

pub(crate) struct Stream(pub(crate) BufReader<TcpStream>);

impl Stream {
    pub(crate) async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.0.read_line(&mut line).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line),
        }
    }

    /// The id of the next event's frame.
    pub(crate) async fn id(&mut self) -> Option<i64> {
        loop {
            let line = self.line().await?;
            if line == "0\r\n" {
                // The last chunk: the connection may stay for another request.
                return None;
            }
            if let Some(id) = line.strip_prefix("id: ") {
                let id = id.trim().parse().unwrap();
                if self.line().await?.starts_with("data: ") {
                    return Some(id);
                }
            }
        }
    }
}

pub(crate) fn event(session: &str) -> String {
    format!(r#"{{"session_id":"{session}","agent_type":"test","event_type":"tool_use"}}"#)
}

pub(crate) fn batch(session: &str, count: usize) -> String {
    format!(r#"{{"events":[{}]}}"#, vec![event(session); count].join(","))
}
