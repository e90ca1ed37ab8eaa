//! Clients of the stream that check what they get: each event once, in order.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::process::thread_time;

/// Clients of the stream, on a thread of their own.
pub(crate) struct Readers {
    frames: Arc<AtomicUsize>,
    disorder: Arc<AtomicUsize>,
    ready: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    clients: usize,
    thread: JoinHandle<Duration>,
}

/// What the clients got.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Read {
    pub(crate) frames: usize,
    /// Frames whose id was not the next.
    pub(crate) disorder: usize,
    /// Processor time of all clients together.
    pub(crate) spent: Duration,
}

impl Readers {
    /// Starts them, and waits until each is connected.
    pub(crate) fn start(address: SocketAddr, clients: usize) -> Self {
        let (frames, disorder, ready) =
            (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let stop = Arc::<AtomicBool>::default();
        let seen = Seen { frames: Arc::clone(&frames), disorder: Arc::clone(&disorder), ready: Arc::clone(&ready) };
        let until = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let began = thread_time();
                for _ in 0..clients {
                    tokio::spawn(listen(address, seen.clone()));
                }
                while !until.load(Ordering::Acquire) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                thread_time().saturating_sub(began)
            })
        });
        while ready.load(Ordering::Acquire) < clients && !thread.is_finished() {
            std::thread::sleep(Duration::from_millis(1));
        }
        Self { frames, disorder, ready, stop, clients, thread }
    }

    /// Waits until each has so many frames, at most that long.
    pub(crate) fn finish(self, events: usize, patience: Duration) -> Read {
        assert_eq!(self.ready.load(Ordering::Acquire), self.clients, "a client of the stream was not let in");
        let started = Instant::now();
        while self.frames.load(Ordering::Acquire) < events * self.clients && started.elapsed() < patience {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.stop.store(true, Ordering::Release);
        let spent = self.thread.join().unwrap();
        Read { frames: self.frames.load(Ordering::Acquire), disorder: self.disorder.load(Ordering::Acquire), spent }
    }
}

#[derive(Clone)]
struct Seen {
    frames: Arc<AtomicUsize>,
    disorder: Arc<AtomicUsize>,
    ready: Arc<AtomicUsize>,
}

async fn listen(address: SocketAddr, seen: Seen) {
    let Ok(mut link) = TcpStream::connect(address).await else { return };
    if link.write_all(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n").await.is_err() {
        return;
    }
    let mut buffer: Vec<u8> = Vec::with_capacity(512 * 1024);
    let mut last = None;
    loop {
        match link.read_buf(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if last.is_none() {
            // The first frame, and the id from which one would resume.
            let Some(at) = memchr::memmem::find(&buffer, b"\nretry: ") else { continue };
            let first = buffer.get(..at).unwrap_or_default();
            last = memchr::memmem::rfind(first, b"id: ").and_then(|at| number(first.get(at + 4..).unwrap_or_default()));
            if last.is_none() {
                return;
            }
            seen.ready.fetch_add(1, Ordering::AcqRel);
        }
        let used = take(&buffer, &mut last, &seen);
        buffer.drain(..used);
    }
}

/// Looks at the whole frames of the buffer; how much of it is done with.
fn take(buffer: &[u8], last: &mut Option<i64>, seen: &Seen) -> usize {
    // The end of an id, and the beginning of its data, so that the id from which one resumes is not taken for an event.
    const HEAD: &[u8] = b"\ndata: {\"type\":\"event\"";
    let (mut used, mut frames, mut disorder) = (0, 0, 0);
    for at in memchr::memmem::find_iter(buffer, HEAD) {
        let before = buffer.get(used..at).unwrap_or_default();
        let id = memchr::memmem::rfind(before, b"id: ").and_then(|at| number(before.get(at + 4..).unwrap_or_default()));
        frames += 1;
        disorder += usize::from(id.is_none() || id != last.map(|last| last + 1));
        *last = id.or(*last);
        used = at + HEAD.len();
    }
    seen.frames.fetch_add(frames, Ordering::AcqRel);
    seen.disorder.fetch_add(disorder, Ordering::AcqRel);
    // An id that is cut in two is looked at again with its rest.
    used.max(buffer.len().saturating_sub(64 * 1024))
}

fn number(text: &[u8]) -> Option<i64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(text.get(..digits)?).ok()?.parse().ok()
}
