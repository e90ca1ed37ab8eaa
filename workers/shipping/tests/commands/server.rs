//! A server of sessions that does as a test needs: takes, refuses, or takes a request and never answers.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

/// Instead of a status: no answer at all.
pub(crate) const STALL: u16 = 0;
/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request as it came.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) token: Option<String>,
    pub(crate) encoding: Option<String>,
    pub(crate) bytes: usize,
}

pub(crate) struct Server {
    pub(crate) url: String,
    status: Arc<AtomicU16>,
    requests: Receiver<Request>,
}

impl Server {
    /// Answers each POST with this status. The threads end with the test.
    pub(crate) fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, requests) = channel();
        let status = Arc::new(AtomicU16::new(status));
        let shared = Arc::clone(&status);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (tell, status) = (tell.clone(), Arc::clone(&shared));
                thread::spawn(move || serve(stream.unwrap(), &status, &tell));
            }
        });
        Self { url, status, requests }
    }

    pub(crate) fn answer_with(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    pub(crate) fn next(&self) -> Request {
        self.requests.recv_timeout(PATIENCE).unwrap()
    }

    /// Requests that came and were not asked for yet.
    pub(crate) fn rest(&self) -> usize {
        self.requests.try_iter().count()
    }
}

fn serve(stream: TcpStream, status: &AtomicU16, tell: &Sender<Request>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            head.push(line);
        }
        let value = |name: &str| {
            let found = head.iter().filter_map(|line| line.split_once(':')).find(|(n, _)| n.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.trim().to_owned())
        };
        let mut body = vec![0; value("content-length").map_or(0, |length| length.parse().unwrap())];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let is_ingest = head.first().is_some_and(|line| line.starts_with("POST /api/agents/ingest"));
        let code = status.load(Ordering::SeqCst);
        if is_ingest {
            let request =
                Request { token: value("x-agents-token"), encoding: value("content-encoding"), bytes: body.len() };
            // A test that has ended listens no more.
            let _ = tell.send(request);
        }
        if code == STALL {
            // Until the other side gives up.
            let _ = reader.read(&mut [0; 1]);
            return;
        }
        let answer = r#"{"session_id":"0b5c1a52-5f0e-4c0e-9a53-5d6b8f9c1a77","events_inserted":1,"events_skipped":0,"session_created":true}"#;
        let length = answer.len();
        let text =
            format!("HTTP/1.1 {code} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{answer}");
        if reader.get_mut().write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}
