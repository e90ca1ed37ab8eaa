//! Loads a running service and tells what it does: `http_load HOST:PORT [events] [batch] [connections] [stream clients]`.
//! A batch of 1 posts to /api/events. Run it against a release build on a fresh database.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a tool for measuring"
)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

fn request(batch: usize, session: usize) -> Vec<u8> {
    let event = format!(
        r#"{{"session_id":"load-{}","agent_type":"load","event_type":"tool_use","tool_name":"Bash","status":"success","tokens_in":120,"tokens_out":48,"duration_ms":35,"project":"load","branch":"main","metadata":{{"command":"cargo test --workspace","file_path":"src/lib.rs","lines_added":3,"lines_removed":1,"note":"{}"}},"source":"hook"}}"#,
        session % 100,
        "x".repeat(40)
    );
    let (path, body) = match batch {
        1 => ("/api/events", event),
        _ => ("/api/events/batch", format!(r#"{{"events":[{}]}}"#, vec![event; batch].join(","))),
    };
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

async fn answer(link: &mut BufReader<TcpStream>) {
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        link.read_line(&mut line).await.unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        assert!(!line.starts_with("HTTP/1.1") || line.contains(" 201 "), "{line}");
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    link.read_exact(&mut body).await.unwrap();
}

async fn listen(address: String, frames: Arc<AtomicUsize>) {
    let mut link = TcpStream::connect(&address).await.unwrap();
    link.write_all(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut buffer = vec![0; 256 * 1024];
    // "\nid: " starts every frame of an event, and may be cut in two.
    let mut tail = Vec::new();
    while let Ok(read @ 1..) = link.read(&mut buffer).await {
        tail.extend_from_slice(buffer.get(..read).unwrap());
        let found = memchr::memmem::find_iter(&tail, b"\ndata: {\"type\":\"event\"").count();
        frames.fetch_add(found, Ordering::Relaxed);
        tail.drain(..tail.len().saturating_sub(21));
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap();
    let mut number = |default| arguments.next().map_or(default, |text| text.parse::<usize>().unwrap());
    let (events, batch, connections, clients) = (number(20_000), number(50), number(40), number(0));
    let frames = Arc::new(AtomicUsize::new(0));
    for _ in 0..clients {
        tokio::spawn(listen(address.clone(), Arc::clone(&frames)));
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let left = Arc::new(AtomicUsize::new(events / batch));
    let start = Instant::now();
    let mut posting = Vec::new();
    for session in 0..connections {
        let (left, address) = (Arc::clone(&left), address.clone());
        posting.push(tokio::spawn(async move {
            let mut link = BufReader::new(TcpStream::connect(&address).await.unwrap());
            link.get_ref().set_nodelay(true).unwrap();
            let request = request(batch, session);
            let mut times = Vec::new();
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                let sent = Instant::now();
                link.write_all(&request).await.unwrap();
                answer(&mut link).await;
                times.push(sent.elapsed());
            }
            times
        }));
    }
    let mut times = Vec::new();
    for posted in posting {
        times.extend(posted.await.unwrap());
    }
    let took = start.elapsed();
    times.sort_unstable();
    let at =
        |part: f64| times.get((times.len() as f64 * part) as usize).copied().unwrap_or_default().as_secs_f64() * 1e3;
    println!(
        "{:.0} events/s, p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
        events as f64 / took.as_secs_f64(),
        at(0.5),
        at(0.95),
        at(0.99)
    );
    let expected = events / batch * batch * clients;
    let patience = Instant::now();
    while frames.load(Ordering::Relaxed) < expected && patience.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    println!(
        "{} of {expected} frames, the last after {:.0} ms",
        frames.load(Ordering::Relaxed),
        patience.elapsed().as_secs_f64() * 1e3
    );
}
