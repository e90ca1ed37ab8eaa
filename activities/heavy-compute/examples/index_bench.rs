//! Indexes a folder without Temporal, twice, and prints how long each phase took and what was found:
//!
//! ```text
//! cargo run --release --example index_bench -- FOLDER [THREADS]
//! ```
//!
//! The second run finds nothing changed. It stands beside reading and hashing the same files, which it cannot do without.
#![allow(clippy::print_stdout, reason = "a program that prints its measurement")]

use std::{collections::HashSet, env, error::Error, path::Path, time::Instant};

use graph_store::{GraphStore, Repository, SqliteGraph};
use heavy_compute::{
    file,
    graph::Detail,
    index::{Task, index},
    memory::MemoryBudget,
    workspace::scan,
};
use kit::{Job, WorkError, peak_rss_bytes};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().ok_or("usage: index_bench FOLDER [THREADS]")?;
    let threads: usize = arguments.next().map_or(Ok(2), |threads| threads.parse())?;
    heavy_compute::size_cpu_pool(threads)?;
    let root = Path::new(&folder).canonicalize()?;
    let state = tempfile::tempdir()?;
    let mut store = SqliteGraph::open(&state.path().join("graph.db"))?;
    let repository = Repository { org_id: "default".into(), repo_id: "bench".into() };
    let failed = |error: WorkError| format!("{error:?}");

    let begin = Instant::now();
    let scanned = scan(&Job::<()>::detached(), &root).map_err(failed)?;
    println!("scan {:.0?}, {} files", begin.elapsed(), scanned.files.len());
    let covered = HashSet::new();
    for run in ["first", "second"] {
        let job = Job::detached();
        let rights = store.begin_run(&repository, job.epoch())?;
        let detail = Detail { bodies: false, members: false };
        let task =
            Task { root: &root, files: &scanned.files, covered: &covered, detail, memory: MemoryBudget::default() };
        let begin = Instant::now();
        let indexed = index(&job, &mut store, &rights, &task, None).map_err(failed)?;
        println!(
            "{run} {:.0?}, {} unchanged, {} written, {} removed, peak {} MB",
            begin.elapsed(),
            indexed.tally.unchanged,
            indexed.tally.written,
            indexed.tally.removed,
            peak_rss_bytes() / 1_000_000
        );
        println!("  phases {:?}", indexed.phases.into_millis());
        if run == "first" {
            let counts = store.counts(Some(&repository))?;
            println!("  entities {:?}", counts.entities);
            println!("  edges {:?}", counts.edges);
            println!("  calls {:?}", indexed.links.calls);
            println!("  skipped {:?}", indexed.tally.skipped);
        }
    }
    let begin = Instant::now();
    scanned.files.par_iter().try_for_each(|path| file::read(&root.join(path), &|| false).map(drop))?;
    println!("reading and hashing alone {:.0?}", begin.elapsed());
    Ok(())
}
