//! What payload encryption costs: payloads a second through encode and decode, on one thread.
//!
//! `cargo run --release -p runtime --example codec_bench`; without `--release` the figures are those of a debug build.
#![allow(clippy::print_stdout, reason = "a bench prints")]

use std::{
    collections::HashMap,
    hint::black_box,
    time::{Duration, Instant},
};

use runtime::PayloadEncryption;
use temporalio_common::protos::temporal::api::common::v1::Payload;

const LASTS: Duration = Duration::from_secs(2);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let keys = folder.path().join("keys");
    std::fs::write(&keys, runtime::generate_key(Some("k1"))?.as_bytes())?;
    let encryption = PayloadEncryption::new(Some(&format!("file:{}", keys.display())))?;
    println!("{}", if cfg!(debug_assertions) { "debug build" } else { "release build" });
    for bytes in [1_000, 100_000] {
        let text = format!("\"{}\"", "x".repeat(bytes - 2));
        let metadata = HashMap::from([("encoding".to_owned(), b"json/plain".to_vec())]);
        let payload = Payload { metadata, data: text.into_bytes(), external_payloads: Vec::new() };
        let sealed = encryption.encode(payload.clone())?;
        let encoded = rate(|| encryption.encode(black_box(payload.clone())))?;
        let decoded = rate(|| encryption.decode(black_box(sealed.clone())))?;
        println!("{bytes:>7} bytes: encode {encoded:>9.0}/s, decode {decoded:>9.0}/s");
    }
    Ok(())
}

/// How often a second something can be done.
#[expect(clippy::cast_precision_loss, reason = "a rate is shown without digits")]
fn rate<T, E>(mut act: impl FnMut() -> Result<T, E>) -> Result<f64, E> {
    let (begin, mut times) = (Instant::now(), 0_u64);
    while begin.elapsed() < LASTS {
        for _ in 0..100 {
            black_box(act()?);
        }
        times += 100;
    }
    Ok(times as f64 / begin.elapsed().as_secs_f64())
}
