//! Services in processes of their own: this test program, started again.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    sync::Arc,
};

use ingest::{
    http::{HttpSettings, Service},
    store::{Settings, Store},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::http_stand::config;

const DATABASE: &str = "INGEST_TEST_DATABASE";

/// Started by the tests as a process of its own; nothing otherwise. Says its address or why there is none.
#[test]
fn stand_in_that_serves_until_it_is_killed() {
    let Ok(database) = env::var(DATABASE) else { return };
    let store = match Store::open(Path::new(&database), Settings::default()) {
        Ok(store) => Arc::new(store),
        Err(error) => {
            eprintln!("\nrefused {error}");
            return;
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let listening = Service::new(store, config(), HttpSettings::local()).listen().await.unwrap();
        eprintln!("\nserves {}", listening.address());
        listening.serve(std::future::pending()).await;
    });
}

/// A process that is killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Process {
    /// The program that stands in, as a process of its own; `change` may wrap it or set more.
    pub(crate) fn spawn(test: &str, database: &Path, change: impl FnOnce(&mut Command)) -> std::io::Result<Self> {
        Self::spawn_through(Command::new(env::current_exe().unwrap()), test, database, change)
    }

    /// The same, started by another program whose last arguments are a program and its arguments.
    pub(crate) fn spawn_through(
        mut command: Command,
        test: &str,
        database: &Path,
        change: impl FnOnce(&mut Command),
    ) -> std::io::Result<Self> {
        command.args(["--exact", test, "--nocapture"]);
        command.env(DATABASE, database).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        change(&mut command);
        let mut child = command.spawn()?;
        let said = BufReader::new(child.stderr.take().unwrap());
        Ok(Self { child, said })
    }

    /// The rest of the first line that begins with one of these words, and which it was; nothing when it ended without.
    pub(crate) fn word(&mut self, words: &[&str]) -> Option<(usize, String)> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.said.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            let found = words.iter().enumerate().find_map(|(at, word)| Some((at, line.strip_prefix(word)?)));
            if let Some((at, rest)) = found {
                return Some((at, rest.trim().to_owned()));
            }
        }
    }

    /// Waits for the address of one that serves.
    pub(crate) fn address(&mut self) -> SocketAddr {
        self.word(&["serves "]).expect("it serves").1.parse().unwrap()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended by itself, without a panic.
    pub(crate) fn ended(mut self) -> bool {
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        self.child.wait().unwrap().success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The name of the test that serves.
pub(crate) const SERVES: &str = "process::stand_in_that_serves_until_it_is_killed";

/// Sends a request that ends its connection, and reads to the end: status, head and body. `None` when there is no answer.
pub(crate) async fn exchange(address: SocketAddr, request: &[u8]) -> Option<(u16, String, String)> {
    let mut link = TcpStream::connect(address).await.ok()?;
    // What is refused early is not read to the end.
    let _ = link.write_all(request).await;
    let mut answer = Vec::new();
    let _ = link.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, head.to_ascii_lowercase(), body.to_owned()))
}

/// A request that ends its connection.
pub(crate) fn request(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let method = if body.is_empty() { "GET" } else { "POST" };
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        head += "Host: localhost\r\n";
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// Posts JSON.
pub(crate) async fn post(address: SocketAddr, path: &str, body: &str) -> Option<(u16, String, String)> {
    exchange(address, &request(path, &[("Content-Type", "application/json")], body.as_bytes())).await
}

/// An error says so in JSON.
pub(crate) fn said_why(body: &str) -> bool {
    let json: Option<serde_json::Value> = serde_json::from_str(body).ok();
    json.is_some_and(|json| json.get("error").is_some_and(|error| error.is_string()))
}
