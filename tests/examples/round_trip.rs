//! Round trip of an activity: started as a job, picked up by the Rust worker, its answer back at the client.
//!
//! ```text
//! cargo run --release -p e2e --example round_trip -- HOST:PORT [COUNT]
//! ```
//!
//! The activity is `prepareWorkspace` with an input that it refuses at once, so that what is measured is the way and not
//! the work.
#![allow(clippy::print_stdout, reason = "a program that prints its measurement")]

use std::{
    env,
    error::Error,
    time::{Duration, Instant},
};

use contracts::Activity;
use contracts::heavy_compute::{PrepareWorkspace, PrepareWorkspaceInput};
use temporalio_client::ActivityStartOptions;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let address = arguments.next().ok_or("usage: round_trip HOST:PORT [COUNT]")?;
    let count: usize = arguments.next().map_or(Ok(200), |n| n.parse())?;
    let client = runtime::plain_temporal(&address, "default")?.connect().await?;
    let input: PrepareWorkspaceInput = serde_json::from_str(r#"{ "repoId": "round-trip" }"#)?;
    let mut times = Vec::with_capacity(count);
    // The first ones warm up both sides.
    for n in 0..count + 10 {
        let id = format!("round-trip-{}-{n}", std::process::id());
        let options =
            ActivityStartOptions::with_start_to_close_timeout(PrepareWorkspace::QUEUE, id, Duration::from_secs(10))
                .build();
        let begin = Instant::now();
        let handle = client.start_activity(PrepareWorkspace, input.clone().into(), options).await?;
        let refused = handle.result().await.is_err();
        if !refused {
            return Err("the input was taken".into());
        }
        if n >= 10 {
            times.push(begin.elapsed());
        }
    }
    times.sort();
    let at = |per_mille: usize| {
        times.get((times.len() * per_mille / 1000).min(times.len() - 1)).map_or(0.0, |t| t.as_secs_f64() * 1e3)
    };
    println!("round trip of an activity, one after the other, {count} times");
    println!("p50 {:.1} ms   p99 {:.1} ms   longest {:.1} ms", at(500), at(990), at(1000));
    Ok(())
}
