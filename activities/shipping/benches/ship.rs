//! The whole engine over generated homes: `cargo bench -p shipping --bench ship -- [MEGABYTES]`. Prints, asserts nothing.
//!
//! First the compressors alone, on bodies made of the same sessions before the clock started: no pipeline is faster than they are.
//! Each further line is a process of its own, so that its peak of memory is its own; what receives is in the first process and throws away
//! what it reads. MB/s are of source; those of a core leave out what other programs took of the machine.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program that prints figures")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use sample_sessions::{Plan, Shape, write_home};
use shipping::batch::{Options, Source, build_lines};
use shipping::config::{BATCH_BYTES, Config, EncodingChoice, Homes, TokenSource};
use shipping::discovery::discover;
use shipping::encoding::{Encoder, Encoding};
use shipping::engine::{Engine, Lane, Scope, Unattended, dry_run};
use shipping::lines;
use shipping::provider::registry;
use shipping::redaction::Redactor;
use shipping::session::SessionMetadata;

/// The homes and what is done with each.
const STEPS: [(&str, &str); 10] = [
    ("home", "dry-gzip-1"),
    ("home", "dry-gzip-6"),
    ("home", "dry-zstd-1"),
    ("home", "live"),
    ("home", "live-count"),
    ("home", "again"),
    ("single", "dry-gzip-1"),
    ("single", "live"),
    ("many", "live"),
    ("many", "again"),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let [folder, home, step, url] = words.as_slice() {
        return one(Path::new(folder), home, step, url);
    }
    let megabytes = words.iter().find_map(|word| word.parse().ok()).unwrap_or(300_u64);
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    write_home(&home, &Plan { seed: 1, shape: Shape::Bytes(megabytes * 1_000_000) }, &mut |_| Ok(())).unwrap();
    single(&home, &folder.path().join("single/.claude/projects/-one"));
    many(&folder.path().join("many/.claude/projects/-many"));
    limits(&home);
    let (url, counted) = (sink(None), Arc::new(AtomicU64::new(0)));
    let counting_url = sink(Some(counted.clone()));
    for (home, step) in STEPS {
        let program = std::env::current_exe().unwrap();
        let url = if step == "live-count" { &counting_url } else { &url };
        Command::new(program).arg(folder.path()).args([home, step, url]).status().unwrap();
        if step == "live-count" {
            println!("{:18}the sink has counted {} events", "", counted.load(Ordering::Relaxed));
        }
    }
}

/// How fast two threads compress bodies that are there already, in source bytes.
fn limits(home: &Path) {
    let homes = Homes::under(home);
    let options =
        Options { device_id: "bench".to_owned(), redactor: Redactor::off(), cut_media: false, omit_raw: false };
    let (mut bodies, mut source, mut bytes) = (Vec::new(), 0, Vec::new());
    for file in discover(&homes, registry()).files.iter().filter(|file| file.provider.name() == "claude") {
        let (opened, mut known, mut at) =
            (fs::File::open(&file.path).unwrap(), SessionMetadata::starting(file.modified), 0);
        loop {
            let end = lines::read(&opened, at, None, BATCH_BYTES, &mut bytes).unwrap();
            if end == at || source > 150_000_000 {
                break;
            }
            let mut body = Vec::new();
            known = build_lines(
                &Source { provider: file.provider, path: &file.path },
                at,
                &bytes,
                &known,
                &options,
                &mut body,
            )
            .after;
            source += end - at;
            at = end;
            bodies.push(body);
        }
    }
    for (name, encoding) in
        [("gzip-1", Encoding::Gzip(1)), ("gzip-6", Encoding::Gzip(6)), ("zstd-1", Encoding::Zstd(1))]
    {
        let (began, cpu, next, sent) = (Instant::now(), cpu_seconds(), AtomicUsize::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let (mut encoder, mut out) = (Encoder::default(), Vec::new());
                    while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                        encoder.encode(encoding, body, &mut out).unwrap();
                        sent.fetch_add(out.len() as u64, Ordering::Relaxed);
                    }
                });
            }
        });
        let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        println!(
            "limit  {name:10} {:7.1} MB {:7.0} ms {:5.0} MB/s  cpu {cpu:5.2} s {:5.0} MB/s a core  sent {:.3}",
            thousands(source),
            seconds * 1000.0,
            thousands(source) / seconds,
            thousands(source) / cpu.max(0.01),
            thousands(sent.load(Ordering::Relaxed)) / thousands(source).max(0.001),
        );
    }
}

fn one(folder: &Path, home: &str, step: &str, url: &str) {
    // Counted apart: a database of its own, or nothing would be new.
    let database = folder.join(if step == "live-count" { "counted.db".to_owned() } else { format!("{home}.db") });
    let mut config = Config::new(Homes::under(&folder.join(home)), url, TokenSource::None, database);
    config.workers = 2;
    config.encoding = match step {
        "dry-gzip-6" => EncodingChoice::Gzip(6),
        "dry-zstd-1" => EncodingChoice::Zstd(1),
        _ => EncodingChoice::Gzip(1),
    };
    let (began, cpu) = (Instant::now(), cpu_seconds());
    let (source, sent) = if step.starts_with("dry") {
        let report = dry_run(&config, &Scope::new(), &Unattended).unwrap();
        (report.source_bytes, report.compressed_bytes)
    } else {
        let engine = Engine::open(config).unwrap();
        let report = engine.ship(&Scope::new(), Lane::Backfill, &Unattended).unwrap();
        (report.source_bytes, report.compressed_bytes)
    };
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let (source, sent) = (thousands(source), thousands(sent));
    println!(
        "{home:6} {step:10} {source:7.1} MB {:7.0} ms {:5.0} MB/s  cpu {cpu:5.2} s {:5.0} MB/s a core  sent {:.3}  peak {} MB",
        seconds * 1000.0,
        source / seconds,
        source / cpu.max(0.01),
        sent / source.max(0.001),
        peak() / 1000
    );
}

/// In units of a million bytes.
fn thousands(bytes: u64) -> f64 {
    u32::try_from(bytes / 1000).map_or(0.0, f64::from) / 1000.0
}

/// Time of all threads, in the system and outside it.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind = stat.rsplit(')').next().unwrap_or("");
    let ticks: f64 = behind.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// The largest session again and again, 315 MB of it.
fn single(home: &Path, sessions: &Path) {
    fs::create_dir_all(sessions).unwrap();
    let text = fs::read(largest(home)).unwrap();
    let mut file = fs::File::create(sessions.join("00000000-0000-4000-8000-000000000001.jsonl")).unwrap();
    for _ in 0..(315_000_000 / text.len()).max(1) {
        file.write_all(&text).unwrap();
    }
}

/// Ten thousand files of one line.
fn many(sessions: &Path) {
    fs::create_dir_all(sessions).unwrap();
    for number in 0..10_000 {
        let line = format!("{{\"type\":\"user\",\"cwd\":\"/w\",\"message\":{{\"content\":\"{number}\"}}}}\n");
        fs::write(sessions.join(format!("00000000-0000-4000-8000-{number:012}.jsonl")), line).unwrap();
    }
}

/// Kilobytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn largest(folder: &Path) -> std::path::PathBuf {
    let mut waiting = vec![folder.join(".claude/projects")];
    let mut largest = (0, folder.to_owned());
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            match entry.metadata().unwrap() {
                found if found.is_dir() => waiting.push(entry.path()),
                found if found.len() > largest.0 => largest = (found.len(), entry.path()),
                _ => {}
            }
        }
    }
    largest.1
}

/// Throws away what it reads; or inflates it and counts its events.
fn sink(counted: Option<Arc<AtomicU64>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let counted = counted.clone();
            std::thread::spawn(move || while answer(&stream, counted.as_deref()).is_some() {});
        }
    });
    url
}

fn answer(stream: &TcpStream, counted: Option<&AtomicU64>) -> Option<()> {
    let mut reader = BufReader::with_capacity(64 * 1024, stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    if let Some(counted) = counted {
        let (mut body, mut plain) = (vec![0; length], Vec::new());
        reader.read_exact(&mut body).ok()?;
        flate2::read::GzDecoder::new(body.as_slice()).read_to_end(&mut plain).ok()?;
        // Within a string, as in a line's own text, the quotes are escaped.
        let events = memchr::memmem::find_iter(&plain, br#"{"role":""#).count();
        counted.fetch_add(events as u64, Ordering::Relaxed);
        length = 0;
    }
    let mut buffer = vec![0; 64 * 1024];
    while length > 0 {
        let part = buffer.len().min(length);
        length -= reader.read(buffer.get_mut(..part)?).ok().filter(|read| *read > 0)?;
    }
    let mut stream = stream;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").ok()
}
