//! The reliability of the shipper, seed by seed or for hours:
//! `soak_shipping [--shipping PATH] --seeds A..B | --hours H`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the table is what this prints")]

use std::{ops::Range, path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use faulty_receiver::reliability::{
    Binaries, run_seed,
    soak::{self, Soak},
};

/// Kills the shipper at random while files change and the server fails, and checks that every event arrives once.
#[derive(Parser)]
struct Arguments {
    /// The gantry-shipping binary [default: GANTRY_SHIPPING, else the one beside this program]
    #[arg(long)]
    shipping: Option<PathBuf>,
    /// Seeds to run: A..B, without B
    #[arg(long, value_parser = seeds, default_value = "1..21")]
    seeds: Range<u64>,
    /// Instead: one shipper for so many hours, of which memory, descriptors and the spool are told
    #[arg(long, conflicts_with = "seeds")]
    hours: Option<f64>,
    /// With --hours: seconds from sample to sample
    #[arg(long, default_value_t = 60)]
    every: u64,
    /// With --hours: what everything is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Go on after a seed that fails
    #[arg(long)]
    keep_going: bool,
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let (from, to) = text.split_once("..").ok_or("seeds are A..B")?;
    let number = |text: &str| text.parse::<u64>().map_err(|e| format!("{text}: {e}"));
    Ok(number(from)?..number(to)?)
}

fn main() -> anyhow::Result<ExitCode> {
    let given = Arguments::parse();
    let binaries = match given.shipping {
        Some(shipping) => Binaries { shipping },
        None => Binaries::find()?,
    };
    if let Some(hours) = given.hours {
        let lasts = Duration::try_from_secs_f64(hours * 3600.0)?;
        println!(
            "{:>8} {:>10} {:>6} {:>8} {:>7} {:>12} {:>10}",
            "s", "RSS kB", "fds", "threads", "spool", "database kB", "events"
        );
        let soak = Soak { seed: given.seed, lasts, every: Duration::from_secs(given.every) };
        let summary = soak::run(&soak, &binaries, &mut |sample| {
            println!(
                "{:>8} {:>10} {:>6} {:>8} {:>7} {:>12} {:>10}",
                sample.at.as_secs(),
                sample.resident_bytes / 1024,
                sample.descriptors,
                sample.threads,
                sample.spool_rows,
                sample.database_bytes / 1024,
                sample.events
            );
        })?;
        println!("{summary}");
        return Ok(ExitCode::SUCCESS);
    }
    let (mut failed, mut passed, mut kills, mut events) = (Vec::new(), 0_u64, 0, 0);
    for seed in given.seeds {
        match run_seed(seed, &binaries) {
            Ok(summary) => {
                println!("{summary}");
                passed += 1;
                kills += summary.kills;
                events += summary.events;
            }
            Err(error) => {
                eprintln!("{error:#}");
                failed.push(seed);
                if !given.keep_going {
                    break;
                }
            }
        }
    }
    println!("{passed} seeds passed: {kills} kills, {events} events, each there once; failed: {failed:?}");
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
