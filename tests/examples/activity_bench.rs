//! Starts activities as jobs, a number of them at a time, and prints how long each took until its answer was back, how many
//! there were in a second, and what they cost the worker.
//!
//! ```text
//! cargo run --release -p e2e --example activity_bench -- HOST:PORT QUEUE COUNT IN_FLIGHT WORKER_PID
//! ```
//!
//! The activity is `prepareWorkspace` with an input that the stand-in worker, and the workers under `scripts/bench`, answer
//! at once.
#![allow(clippy::print_stdout, reason = "a program that prints its measurement")]

use std::{
    env,
    error::Error,
    fs,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use serde_json::json;
use temporalio_client::{ActivityStartOptions, Client};
use temporalio_common::{
    UntypedActivity,
    data_converters::{PayloadConverter, RawValue},
};

/// The first ones warm up both sides.
const WARM_UP: usize = 50;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    kit::install_tls_provider();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, queue, count, in_flight, pid] = arguments.as_slice() else {
        return Err("usage: activity_bench HOST:PORT QUEUE COUNT IN_FLIGHT WORKER_PID".into());
    };
    let (count, in_flight): (usize, usize) = (count.parse()?, in_flight.parse()?);
    let client = runtime::plain_temporal(address, "default")?.connect().await?;
    run(&client, queue, "warm-up", WARM_UP, in_flight).await?;
    let cpu_before = cpu_seconds(pid)?;
    let begin = Instant::now();
    let mut times = run(&client, queue, "measured", count, in_flight).await?;
    let seconds = begin.elapsed().as_secs_f64();
    let cpu = cpu_seconds(pid)? - cpu_before;
    times.sort();
    let at = |per_mille: usize| {
        times.get((times.len() * per_mille / 1000).min(times.len() - 1)).map_or(0.0, |t| t.as_secs_f64() * 1e3)
    };
    #[expect(clippy::cast_precision_loss, reason = "counts of a bench")]
    let count = count as f64;
    println!(
        "{queue:16} in flight {in_flight:3}  {:6.1}/s  p50 {:7.1} ms  p99 {:7.1} ms  worker: {:.2} CPU s per 1,000, {:.1} MB",
        count / seconds,
        at(500),
        at(990),
        cpu / count * 1e3,
        resident_megabytes(pid)?,
    );
    Ok(())
}

async fn run(
    client: &Client,
    queue: &str,
    what: &str,
    count: usize,
    in_flight: usize,
) -> Result<Vec<Duration>, Box<dyn Error>> {
    let jobs = stream::iter(0..count).map(|n| one(client, queue, format!("{what}-{queue}-{}-{n}", std::process::id())));
    jobs.buffer_unordered(in_flight).collect::<Vec<_>>().await.into_iter().collect()
}

async fn one(client: &Client, queue: &str, id: String) -> Result<Duration, Box<dyn Error>> {
    let input = RawValue::from_value(&json!({ "repoId": id, "path": "/echo" }), &PayloadConverter::default());
    let options = ActivityStartOptions::with_start_to_close_timeout(queue, id, Duration::from_secs(60))
        .heartbeat_timeout(Duration::from_secs(30))
        .build();
    let begin = Instant::now();
    let handle = client.start_activity(UntypedActivity::new("prepareWorkspace"), input, options).await?;
    handle.result().await?;
    Ok(begin.elapsed())
}

/// User and system time of a process and its threads.
fn cpu_seconds(pid: &str) -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in parentheses, may hold blanks; utime and stime are the 12th and 13th field after it, in 1/100 s.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> = after.split_whitespace().skip(11).take(2).filter_map(|f| f.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() / 100.0)
}

fn resident_megabytes(pid: &str) -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).and_then(|l| l.split_whitespace().next());
    Ok(kib.and_then(|k| k.parse::<f64>().ok()).unwrap_or_default() / 1024.0)
}
