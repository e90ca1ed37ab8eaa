//! Connections that post one request after the other and wait for each answer.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::process::thread_time;

/// A connection, and what it has read beyond the last answer.
pub(crate) struct Link {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Link {
    pub(crate) async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and reads the answer: its status and its body.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> std::io::Result<(u16, Vec<u8>)> {
        let broken = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(broken());
            }
            let Some(head) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") else { continue };
            let (head, rest) = self.buffer.split_at(head + 4);
            let text = String::from_utf8_lossy(head).to_ascii_lowercase();
            let length: usize = text
                .split_once("content-length: ")
                .and_then(|(_, rest)| rest.split("\r\n").next()?.trim().parse().ok())
                .unwrap_or_default();
            let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
            let mut body = rest.to_vec();
            while body.len() < length {
                if self.stream.read_buf(&mut body).await? == 0 {
                    return Err(broken());
                }
            }
            return Ok((status, body));
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> std::io::Result<(u16, Vec<u8>)> {
        self.ask(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await
    }
}

/// What a load came to.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) wall: Duration,
    /// Of each request, sorted.
    pub(crate) latencies: Vec<Duration>,
    /// Processor time of the generator.
    pub(crate) spent: Duration,
}

impl Loaded {
    /// Milliseconds below which this part of the requests was answered.
    pub(crate) fn percentile(&self, part: f64) -> f64 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index far below 2^52")]
        let at = (self.latencies.len() as f64 * part) as usize;
        self.latencies.get(at).or(self.latencies.last()).copied().unwrap_or_default().as_secs_f64() * 1e3
    }
}

/// Posts the requests over so many connections, each waiting for its answer, from one thread.
///
/// # Panics
/// When an answer is not 201.
pub(crate) fn post_all(address: SocketAddr, requests: Vec<Vec<u8>>, connections: usize) -> Loaded {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let requests = Arc::new(requests);
        let next = Arc::new(AtomicUsize::new(0));
        let mut links = Vec::new();
        for _ in 0..connections {
            links.push(Link::open(address).await.unwrap());
        }
        let (began, started) = (thread_time(), Instant::now());
        let mut posting = Vec::new();
        for mut link in links {
            let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
            posting.push(tokio::spawn(async move {
                let mut latencies = Vec::new();
                while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let sent = Instant::now();
                    let (status, body) = link.ask(request).await.unwrap();
                    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
                    latencies.push(sent.elapsed());
                }
                latencies
            }));
        }
        let mut latencies = Vec::new();
        for posted in posting {
            latencies.extend(posted.await.unwrap());
        }
        let (wall, spent) = (started.elapsed(), thread_time().saturating_sub(began));
        latencies.sort_unstable();
        Loaded { wall, latencies, spent }
    })
}
