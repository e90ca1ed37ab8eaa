//! Every parser of a route over seeds and thousands of mutations of them: the bodies of the fuzz targets, as an ordinary
//! test. The fuzzer itself goes further: `make fuzz TARGET=ingest_event`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what goes wrong here is a failed test")]

mod checks;
mod mutate;
mod seeds;

use mutate::mutations;

/// Mutations of the seeds of each check.
const ROUNDS: usize = 10_000;

fn over(seeds: &[Vec<u8>], check: fn(&[u8])) {
    for seed in seeds {
        check(seed);
    }
    for input in mutations(seeds, ROUNDS) {
        if std::panic::catch_unwind(|| check(&input)).is_err() {
            panic!("with {:?}", String::from_utf8_lossy(&input));
        }
    }
}

#[test]
fn bodies_of_one_event() {
    let prefixed = (0..16).flat_map(|first| seeds::events().map(move |event| [&[first], event.as_slice()].concat()));
    over(&prefixed.collect::<Vec<_>>(), checks::event);
}

#[test]
fn bodies_of_batches() {
    over(&seeds::batches(), checks::batch);
}

#[test]
fn bodies_of_lines() {
    let prefixed = seeds::lines().into_iter().map(|lines| [&[7, 3], lines.as_slice()].concat());
    over(&prefixed.collect::<Vec<_>>(), checks::lines);
    over(&seeds::lines(), checks::import_lines);
}

#[test]
fn bodies_in_every_encoding() {
    over(&seeds::encoded(), checks::encoded_body);
}

#[test]
fn bodies_of_logs_and_traces() {
    over(&seeds::otlp(), checks::otlp_logs);
}

#[test]
fn bodies_of_metrics() {
    over(&seeds::otlp(), checks::otlp_metrics);
}

#[test]
fn queries() {
    over(&seeds::queries(), checks::query);
}
