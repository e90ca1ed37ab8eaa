//! What parsing, redaction and each compression take of one core, in MB of source a second.
#![allow(clippy::print_stdout, reason = "a table is what it is for")]
#![allow(clippy::unwrap_used, reason = "a measurement of something broken may end")]

use std::{
    fs::{self, File},
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use sample_sessions::{Plan, Shape, write_home};
use shipping::{
    batch::{Options, Source, build_lines},
    config::Homes,
    discovery::discover,
    encoding::{Encoder, Encoding},
    lines, provider,
    redaction::Redactor,
    session::SessionMetadata,
    timestamp::Timestamp,
};

/// Bytes of source that are measured, and of one batch.
const SOURCE: u64 = 64_000_000;
const BATCH: usize = 5 * 1024 * 1024;

/// All lines of Claude in a generated home.
fn session() -> Vec<u8> {
    let home = tempfile::tempdir().unwrap();
    write_home(home.path(), &Plan { seed: 1, shape: Shape::Bytes(SOURCE) }, &mut |_| Ok(())).unwrap();
    let found = discover(&Homes::under(home.path()), &[provider::by_name("claude").unwrap()]);
    let (mut bytes, mut lines) = (Vec::new(), Vec::new());
    for file in found.files {
        lines::read(&File::open(file.path).unwrap(), 0, None, u64::MAX, &mut lines).unwrap();
        bytes.extend_from_slice(&lines);
    }
    bytes
}

/// Seconds that this thread has run, where the system tells; what else the machine does shows less in it than in a clock.
fn seconds(since: Instant) -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos).as_secs_f64()
}

/// Best of some runs, in MB of source a second.
fn rate(source: usize, mut run: impl FnMut()) -> f64 {
    let best = (0..5)
        .map(|_| {
            let since = Instant::now();
            let start = seconds(since);
            run();
            seconds(since) - start
        })
        .fold(f64::MAX, f64::min);
    #[expect(clippy::cast_precision_loss, reason = "a size is far below 2^52")]
    let source = source as f64;
    source / best / 1e6
}

fn batches(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut batches, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let end = memchr::memrchr(b'\n', &rest[..BATCH.min(rest.len())]).unwrap() + 1;
        let (batch, behind) = rest.split_at(end);
        batches.push(batch);
        rest = behind;
    }
    batches
}

fn main() {
    let bytes = session();
    let path = Path::new("/home/ada/.claude/projects/-home-ada-engine/11111111-2222-4333-8444-555555555555.jsonl");
    let source = Source { provider: provider::by_name("claude").unwrap(), path };
    let before = SessionMetadata::starting(Timestamp(0));
    let options = |redactor: Redactor, cut_media: bool| Options {
        device_id: "bench".into(),
        redactor,
        cut_media,
        omit_raw: false,
    };
    let batches = batches(&bytes);
    let mut payload = Vec::new();
    let mut build = |options: &Options| {
        rate(bytes.len(), || {
            for batch in &batches {
                black_box(build_lines(&source, 0, batch, &before, options, &mut payload));
            }
        })
    };
    let plain = build(&options(Redactor::off(), false));
    let media = build(&options(Redactor::off(), true));
    let redacted = build(&options(Redactor::new(&[], &[]).unwrap(), true));
    let own = build(&options(Redactor::new(&[], &["internal-[0-9]{6}".into()]).unwrap(), true));

    let options = options(Redactor::new(&[], &[]).unwrap(), true);
    let mut payloads = Vec::new();
    let mut events = 0;
    for batch in &batches {
        events += build_lines(&source, 0, batch, &before, &options, &mut payload).events;
        payloads.push(payload.clone());
    }
    let payload_bytes: usize = payloads.iter().map(Vec::len).sum();
    #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
    let share = |part: usize| part as f64 / bytes.len() as f64;
    println!(
        "{} MB in {} batches, {events} events, payload {:.2} of it",
        bytes.len() / 1_000_000,
        batches.len(),
        share(payload_bytes)
    );
    println!("{:<34}{:>8} MB/s", "parse and payload", plain.round());
    println!("{:<34}{:>8} MB/s", "the same, media cut", media.round());
    println!(
        "{:<34}{:>8} MB/s, {:.1} % slower",
        "the same, and secrets",
        redacted.round(),
        (plain / redacted - 1.0) * 100.0
    );
    println!("{:<34}{:>8} MB/s", "the same, and an own pattern", own.round());
    let mut encoder = Encoder::new();
    let mut out = Vec::new();
    for encoding in [Encoding::Gzip(1), Encoding::Gzip(3), Encoding::Gzip(6), Encoding::Zstd(1), Encoding::Zstd(3)] {
        let mut size = 0;
        let rate = rate(bytes.len(), || {
            size = 0;
            for payload in &payloads {
                encoder.encode(encoding, payload, &mut out).unwrap();
                size += out.len();
            }
        });
        println!("{:<34}{:>8} MB/s, output {:.3} of the source", format!("{encoding:?}"), rate.round(), share(size));
    }
}
