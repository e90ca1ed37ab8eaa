//! The process: what it serves, what it needs, how it ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong here is a failed test")]

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    thread,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const SESSION: &str = "0f6b1c1e-7a1d-4c55-9d0e-5a3f7f0c2b11";

fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gantry-ingest"));
    command
        .args(arguments)
        .args(["--port", "0"])
        .env_clear()
        .env("GANTRY_HOME", home)
        // Nobody answers there.
        .env("TEMPORAL_ADDRESS", "127.0.0.1:1")
        .env("GANTRY_ADMIN_LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start(home: &Path, arguments: &[&str]) -> Self {
        let mut child = command(home, arguments).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self { child, address }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        ask(&self.address, method, path, body).unwrap()
    }

    fn tell(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// The exit code; nothing when a signal ended it.
    fn ended(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

/// Status and body of the answer; an error where the process is gone before all of it came.
fn ask(address: &str, method: &str, path: &str, body: &str) -> io::Result<(u16, Value)> {
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let mut link = TcpStream::connect(address)?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    link.write_all(request.as_bytes())?;
    let mut answer = String::new();
    link.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(cut)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
    Ok((status, serde_json::from_str(body)?))
}

impl Drop for Process {
    fn drop(&mut self) {
        // Of a test that failed; else it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn shipped() -> String {
    json!({"id": SESSION, "provider": "codex", "started_at": "2026-03-04T05:06:07Z", "events": [
        {"role": "user", "content_text": "hello", "timestamp": "2026-03-04T05:06:07Z", "source_path": "/s", "source_offset": 0}
    ]})
    .to_string()
}

#[test]
fn both_ways_serve_without_temporal_and_keep_what_came_over_a_restart() {
    let home = tempfile::tempdir().unwrap();
    for (arguments, inserted) in [(&["--print-address"][..], 1), (&["serve", "--print-address"][..], 0)] {
        let process = Process::start(home.path(), arguments);
        assert_eq!(process.ask("GET", "/ready", ""), (200, json!({"ready": true, "reasons": []})));
        let (status, answer) = process.ask("POST", "/api/agents/ingest", &shipped());
        assert_eq!((status, answer["events_inserted"].as_u64()), (200, Some(inserted)), "{answer}");
        let (_, listed) = process.ask("GET", "/api/events", "");
        assert_eq!((&listed["total"], &listed["events"][0]["agent_type"]), (&json!(1), &json!("codex")));
        process.tell(Signal::TERM);
        assert_eq!(process.ended(), Some(0), "{arguments:?}");
    }
    let mut made: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    made.sort();
    assert!(made.contains(&"ingest.db".into()) && made.contains(&"sessions.db".into()), "{made:?}");
    assert!(!made.iter().any(|name| name.to_string_lossy().ends_with("-wal")), "closed in peace: {made:?}");
}

const EVENTS: u64 = 40;

fn body(number: u64) -> (String, String) {
    let session = format!("0f6b1c1e-7a1d-4c55-9d0e-{number:012}");
    let events: Vec<Value> = (0..EVENTS)
        .map(|n| {
            json!({"role": "user", "content_text": format!("text {n}"), "timestamp": "2026-03-04T05:06:07Z",
                "source_path": "/s", "source_offset": n * 10})
        })
        .collect();
    let body = json!({"id": session, "provider": "claude", "started_at": "2026-03-04T05:06:07Z", "events": events});
    (session, body.to_string())
}

#[test]
fn what_was_acknowledged_is_in_both_stores_after_kill_9_and_what_comes_again_is_there_once() {
    let home = tempfile::tempdir().unwrap();
    let (mut next, mut acknowledged) = (0, Vec::new());
    for round in 0..4 {
        let process = Process::start(home.path(), &["serve", "--print-address"]);
        for session in &acknowledged {
            let (_, shown) = process.ask("GET", &format!("/api/sessions/{session}"), "");
            assert_eq!(shown["session"]["event_count"], EVENTS, "round {round}");
        }
        let (told, tells) = mpsc::channel();
        let address = process.address.clone();
        let sending = thread::spawn(move || {
            let mut number = next;
            loop {
                let (session, body) = body(number);
                number += 1;
                match ask(&address, "POST", "/api/agents/ingest", &body) {
                    Ok((200, _)) => told.send(session).unwrap(),
                    Ok((status, answer)) => panic!("{status} {answer}"),
                    Err(_) => return number,
                }
            }
        });
        acknowledged.extend(tells.iter().take(5 + round));
        process.tell(Signal::KILL);
        next = sending.join().unwrap();
        acknowledged.extend(tells.try_iter());
        assert_eq!(process.ended(), None);
    }
    let process = Process::start(home.path(), &["serve", "--print-address"]);
    for number in 0..next {
        assert_eq!(process.ask("POST", "/api/agents/ingest", &body(number).1).0, 200);
    }
    assert_eq!(process.ask("GET", "/api/stats", "").1["total_events"], next * EVENTS);
    let (_, kept) = process.ask("GET", "/api/agents/sessions?limit=1000", "");
    let kept: Vec<u64> =
        kept["sessions"].as_array().unwrap().iter().map(|session| session["events"].as_u64().unwrap()).collect();
    assert_eq!((kept.len() as u64, kept.iter().sum::<u64>()), (next, next * EVENTS));
    process.tell(Signal::TERM);
    assert_eq!(process.ended(), Some(0));
}

#[test]
fn a_database_that_another_process_has_is_refused_with_its_pid() {
    let home = tempfile::tempdir().unwrap();
    let first = Process::start(home.path(), &["serve", "--print-address"]);
    for arguments in [&[][..], &["serve"][..]] {
        let second = command(home.path(), arguments).output().unwrap();
        assert_eq!(second.status.code(), Some(3), "{}", text(&second));
        assert!(text(&second).contains(&format!("in use by the process {}", first.child.id())), "{}", text(&second));
    }
    first.tell(Signal::INT);
    assert_eq!(first.ended(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let home = tempfile::tempdir().unwrap();
    let process = Process::start(home.path(), &["serve", "--print-address"]);
    // A request that never ends is waited for.
    let mut slow = TcpStream::connect(&process.address).unwrap();
    slow.write_all(
        b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n",
    )
    .unwrap();
    let mut begun = [0; 12];
    slow.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 100");
    process.tell(Signal::TERM);
    while TcpStream::connect(&process.address).is_ok() {
        thread::yield_now();
    }
    process.tell(Signal::TERM);
    assert_eq!(process.ended(), Some(143));
}

#[test]
fn mistakes_are_told_with_their_exit_code() {
    let home = tempfile::tempdir().unwrap();
    let open = command(home.path(), &["serve", "--host", "0.0.0.0"]).output().unwrap();
    assert_eq!(open.status.code(), Some(1));
    assert!(text(&open).contains("GANTRY_INGEST_TOKEN"), "{}", text(&open));
    let mut literal = command(home.path(), &["serve"]);
    let literal = literal.env("GANTRY_INGEST_AGENTS_TOKEN", "hunter2").output().unwrap();
    assert_eq!(literal.status.code(), Some(1));
    assert!(text(&literal).contains("env:NAME") && !text(&literal).contains("hunter2"), "{}", text(&literal));
    let foreign = home.path().join("sessions.db");
    std::fs::write(&foreign, "this is no database at all, and it is long enough to be seen as none").unwrap();
    let damaged = command(home.path(), &["serve"]).output().unwrap();
    assert_eq!(damaged.status.code(), Some(3), "{}", text(&damaged));
    assert!(text(&damaged).contains("sessions.db"), "{}", text(&damaged));
}

#[test]
fn the_health_of_a_worker_that_is_not_there_is_bad() {
    let home = tempfile::tempdir().unwrap();
    let mut asked = command(home.path(), &["--check-health"]);
    let asked = asked.env("GANTRY_ADMIN_LISTEN", "127.0.0.1:1").output().unwrap();
    assert_eq!(asked.status.code(), Some(1));
    assert!(text(&asked).contains("127.0.0.1:1"), "{}", text(&asked));
}
