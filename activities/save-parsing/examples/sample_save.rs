//! Writes a generated save: `sample_save PATH [BYTES OF TEXT] [SEED]`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::process::ExitCode;

use save_parsing::sample::SampleSave;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(path) = arguments.next() else {
        eprintln!("usage: sample_save PATH [BYTES OF TEXT] [SEED]");
        return ExitCode::from(1);
    };
    let mut number = |default| arguments.next().and_then(|text| text.to_str()?.parse().ok()).unwrap_or(default);
    let default = SampleSave::default();
    let sample = SampleSave { text_bytes: number(default.text_bytes), seed: number(default.seed) };
    match std::fs::write(&path, sample.zip()) {
        Ok(()) => {
            println!("{:?}", sample.counts());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::from(4)
        }
    }
}
