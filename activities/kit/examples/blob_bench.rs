//! Throughput and peak memory of a blob store: `cargo run -p kit --example blob_bench [URL [MIB]]`.
//!
//! Without a URL it takes a folder that it removes again. Each step runs in a process of its own, so that its peak of
//! memory is its own.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a bench prints, and ends with what went wrong"
)]

use std::{
    env,
    fs::{self, File},
    io::{Read, Write},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use contracts::shared::BlobRef;
use kit::{BlobStore, peak_rss_bytes};

const STEPS: [&str; 6] = ["nothing", "put_file", "put_file again", "put_reader", "fetch", "get"];

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    if args.first().is_some_and(|first| first == "--step") {
        return step(&args[1], &args[2], Path::new(&args[3]));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let url = match args.first() {
        Some(url) => url.clone(),
        None => url::Url::from_file_path(folder.path().join("blobs")).expect("an absolute path").into(),
    };
    let mib: usize = args.get(1).map_or(100, |text| text.parse().expect("a number of MiB"));
    fill(&folder.path().join("put_file"), mib, 1);
    fill(&folder.path().join("put_reader"), mib, 2);
    println!("{mib} MiB, {url}, {} build", if cfg!(debug_assertions) { "debug" } else { "release" });
    for name in STEPS {
        let program = env::current_exe().expect("this program");
        let ended = Command::new(program).args(["--step", name, &url]).arg(folder.path()).status().expect("a process");
        assert!(ended.success(), "{name}");
    }
}

fn fill(path: &Path, mib: usize, seed: u8) {
    let mut file = File::create(path).expect("a file");
    let mut state = u64::from(seed);
    for _ in 0..mib {
        let mut chunk = Vec::with_capacity(1024 * 1024);
        while chunk.len() < 1024 * 1024 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            chunk.extend_from_slice(&state.to_le_bytes());
        }
        file.write_all(&chunk).expect("room");
    }
    file.sync_all().expect("a disk");
}

fn step(name: &str, url: &str, folder: &Path) {
    let blobs = BlobStore::open(&kit::blob_url(url).expect("a URL"), &[]).expect("a blob store");
    let blobs = blobs.with_scratch(folder.join("tmp"));
    let stored = folder.join("stored.json");
    let blob = || -> BlobRef { serde_json::from_slice(&fs::read(&stored).expect("a reference")).expect("a reference") };
    let (bytes, time) = match name {
        "nothing" => (0, Duration::ZERO),
        "put_file" | "put_file again" => {
            let begin = Instant::now();
            let blob = blobs.put_file(&folder.join("put_file")).expect("stored");
            let time = begin.elapsed();
            fs::write(&stored, serde_json::to_vec(&blob).expect("JSON")).expect("room");
            (blob.bytes, time)
        }
        "put_reader" => {
            let content = File::open(folder.join("put_reader")).expect("a file");
            let begin = Instant::now();
            (blobs.put_reader(content).expect("stored").bytes, begin.elapsed())
        }
        "fetch" => {
            let (blob, begin) = (blob(), Instant::now());
            let opened = blobs.fetch(&blob, u64::MAX).expect("fetched");
            let mut chunk = vec![0; 1024 * 1024];
            let mut file = opened.file;
            while file.read(&mut chunk).expect("read") > 0 {}
            (blob.bytes, begin.elapsed())
        }
        _ => {
            let (blob, begin) = (blob(), Instant::now());
            (blobs.get(&blob).expect("read").len() as u64, begin.elapsed())
        }
    };
    let (mib, peak) = (bytes / 1024 / 1024, peak_rss_bytes() / 1024 / 1024);
    let rate = mib as f64 / time.as_secs_f64().max(f64::EPSILON);
    println!(
        "{name:15} {:8.0} ms {:8.0} MiB/s   peak {peak:4} MiB",
        time.as_secs_f64() * 1000.0,
        if mib == 0 { 0.0 } else { rate }
    );
}
