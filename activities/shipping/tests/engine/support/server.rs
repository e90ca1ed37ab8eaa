//! A server of one address. What it answers is a function of the test; what it answered with a yes is what it has.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// A request as it came, its body unpacked.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) number: usize,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
    pub(crate) sent_bytes: usize,
}

impl Request {
    /// The first words of its events.
    pub(crate) fn texts(&self) -> Vec<String> {
        let events = self.body["events"].as_array().cloned().unwrap_or_default();
        events
            .iter()
            .map(|event| event["content_text"].as_str().unwrap_or("").trim_end_matches('.').to_owned())
            .collect()
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        self.texts().iter().any(|found| found == text)
    }

    pub(crate) fn has_raw(&self) -> bool {
        self.body["events"].as_array().is_some_and(|events| events.iter().any(|event| !event["raw_json"].is_null()))
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Status(u16, Vec<(&'static str, String)>, String),
    /// The body was read; the connection is cut instead of an answer.
    Cut,
    /// Taken, and the connection is cut all the same.
    TakenAndCut,
}

impl Reply {
    pub(crate) fn ok() -> Self {
        Self::status(200)
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Status(status, Vec::new(), "{}".to_owned())
    }

    pub(crate) fn with(self, name: &'static str, value: &str) -> Self {
        match self {
            Self::Status(status, mut headers, body) => {
                headers.push((name, value.to_owned()));
                Self::Status(status, headers, body)
            }
            other => other,
        }
    }

    pub(crate) fn saying(self, text: &str) -> Self {
        match self {
            Self::Status(status, headers, _) => Self::Status(status, headers, text.to_owned()),
            other => other,
        }
    }
}

type Script = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

#[derive(Default)]
struct Log {
    requests: Vec<Request>,
    taken: Vec<Request>,
}

/// It ends with the test.
pub(crate) struct Server {
    address: std::net::SocketAddr,
    script: Arc<Mutex<Script>>,
    log: Arc<Mutex<Log>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Arc::new(|_: &Request| Reply::ok())));
        let log = Arc::new(Mutex::new(Log::default()));
        let numbers = Arc::new(AtomicUsize::new(0));
        let shared = (script.clone(), log.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (script, log, numbers) = (shared.0.clone(), shared.1.clone(), numbers.clone());
                std::thread::spawn(move || while serve(&stream, &script, &log, &numbers).is_some() {});
            }
        });
        Self { address, script, log }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn answer(&self, script: impl Fn(&Request) -> Reply + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Arc::new(script);
    }

    /// All requests, in the order in which they came.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().requests.clone()
    }

    pub(crate) fn posts(&self) -> usize {
        self.requests().iter().filter(|request| request.path == "/api/agents/ingest").count()
    }

    /// The first words of all events that were taken, as often as they came.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut texts: Vec<_> = self.log.lock().unwrap().taken.iter().flat_map(Request::texts).collect();
        texts.sort();
        texts
    }

    /// The same, each event once by what servers tell events apart by.
    pub(crate) fn distinct(&self) -> Vec<String> {
        let mut events = BTreeMap::new();
        for request in &self.log.lock().unwrap().taken {
            for event in request.body["events"].as_array().into_iter().flatten() {
                let key = format!(
                    "{} {} {} {} {}",
                    request.body["id"],
                    event["source_path"],
                    event["source_offset"],
                    event["timestamp"],
                    event["content_text"]
                );
                events.insert(key, event["content_text"].as_str().unwrap_or("").trim_end_matches('.').to_owned());
            }
        }
        let mut texts: Vec<_> = events.into_values().collect();
        texts.sort();
        texts
    }

    pub(crate) fn taken(&self) -> Vec<Request> {
        self.log.lock().unwrap().taken.clone()
    }

    pub(crate) fn forget(&self) {
        *self.log.lock().unwrap() = Log::default();
    }
}

fn serve(stream: &TcpStream, script: &Mutex<Script>, log: &Mutex<Log>, numbers: &AtomicUsize) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let plain = unpacked(&body, headers.get("content-encoding").map(String::as_str));
    let number = numbers.fetch_add(1, Ordering::SeqCst);
    let request =
        Request { number, path, headers, body: serde_json::from_slice(&plain).unwrap_or_default(), sent_bytes: length };
    let script = script.lock().unwrap().clone();
    let reply = script(&request);
    let mut log = log.lock().unwrap();
    log.requests.push(request.clone());
    let taken = match &reply {
        Reply::Status(status, ..) => (200..300).contains(status),
        Reply::Cut => false,
        Reply::TakenAndCut => true,
    };
    let posted = request.path == "/api/agents/ingest";
    if taken && posted {
        log.taken.push(request.clone());
    }
    drop(log);
    let Reply::Status(status, headers, text) = reply else {
        let _ = stream.shutdown(Shutdown::Both);
        return None;
    };
    let mut answer = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n", text.len());
    for (name, value) in headers {
        answer.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = stream;
    stream.write_all(format!("{answer}\r\n{text}").as_bytes()).ok()
}

fn unpacked(body: &[u8], encoding: Option<&str>) -> Vec<u8> {
    match encoding {
        Some("gzip") => {
            let mut plain = vec![0; body.len() * 50 + 100_000];
            let length = libdeflater::Decompressor::new().gzip_decompress(body, &mut plain).unwrap();
            plain.truncate(length);
            plain
        }
        Some("zstd") => zstd::decode_all(body).unwrap(),
        _ => body.to_vec(),
    }
}
