//! Writes graphs into the stores, asks them, and prints how long that took:
//!
//! ```text
//! cargo run --release -p graph-store --example store_bench -- [--entities N] [--store sqlite|postgres] [--writers W]
//! ```
//!
//! N entities (50,000) and three edges for each, 10,000 documents a call: written first, again, and all of them changed;
//! then W (8) processes that write a graph of that size together; then questions. PostgreSQL is the server of
//! `GANTRY_TEST_POSTGRES_URL`, whose user may create databases, or a throw-away one that flushes nothing to the disk.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints its measurement")]

mod place;
mod workload;

use std::{
    env,
    error::Error,
    hint::black_box,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use graph_store::{
    Bounds, Direction, EdgeKind, Find, GraphStore, Matching, PathFound, entity_hash, open_with, shortest_path,
};

use self::{
    place::{Kind, Place, options},
    workload::{Content, Workload},
};

const QUERIES: usize = 2_000;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let (mut entities, mut writers, mut kinds) = (50_000, 8, vec![Kind::Sqlite, Kind::Postgres]);
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().ok_or("a value is missing")?;
        match arg.as_str() {
            "--entities" => entities = value.parse()?,
            "--writers" => writers = value.parse()?,
            "--store" if value == "sqlite" => kinds = vec![Kind::Sqlite],
            "--store" if value == "postgres" => kinds = vec![Kind::Postgres],
            "--writer" => return writer(&value, &args.collect::<Vec<_>>()),
            _ => return Err(format!("{arg} {value}: see the beginning of the source").into()),
        }
    }
    for kind in kinds {
        let Some(place) = Place::of(kind)? else {
            println!("{kind:?}: not there; get it with scripts/fetch-postgres.sh");
            continue;
        };
        println!("{kind:?}, {entities} entities, {} edges", entities * workload::EDGES);
        write_and_ask(&place, entities)?;
        if writers > 0
            && let Some(place) = Place::of(kind)?
        {
            together(&place, entities, writers)?;
        }
    }
    Ok(())
}

fn write_and_ask(place: &Place, entities: usize) -> Outcome<()> {
    let workload = Workload::new("bench", entities);
    let mut store = open_with(place.url(), options())?;
    let begin = Instant::now();
    for (epoch, (name, content)) in
        (1..).zip([("first", Content::Same), ("again", Content::Same), ("changed", Content::Changed)])
    {
        let written = write(&mut *store, &workload, epoch, content)?;
        println!("  {name}: {written}");
    }
    println!("  all of that with making it up {:.1?}, peak {} MB", begin.elapsed(), peak_rss() / 1_000_000);
    store.tidy()?;
    println!("  disk {} MB", place.bytes()? / 1_000_000);
    let begin = Instant::now();
    let lines = store.export(None, &mut std::io::sink())?;
    println!("  export {}, peak {} MB", rate(usize::try_from(lines)?, begin.elapsed()), peak_rss() / 1_000_000);
    ask(&mut *store, &workload)
}

/// What one write of a workload took.
struct Timed {
    entities: (usize, Duration),
    edges: (usize, Duration),
    worst: Duration,
}

impl std::fmt::Display for Timed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let total = self.entities.1 + self.edges.1;
        write!(
            f,
            "entities {}, edges {}, total {total:.1?}, worst call {:.0?}",
            rate(self.entities.0, self.entities.1),
            rate(self.edges.0, self.edges.1),
            self.worst
        )
    }
}

fn write(store: &mut dyn GraphStore, workload: &Workload, epoch: i64, content: Content) -> Outcome<Timed> {
    let run = store.begin_run(&workload.repository, epoch)?;
    let mut timed = Timed { entities: (0, Duration::ZERO), edges: (0, Duration::ZERO), worst: Duration::ZERO };
    for files in workload.file_batches(content) {
        let begin = Instant::now();
        store.replace_files(&run, &files)?;
        let took = begin.elapsed();
        timed.entities.0 += files.iter().map(|f| f.entities.len()).sum::<usize>();
        timed.entities.1 += took;
        timed.worst = timed.worst.max(took);
    }
    for links in workload.link_batches(content) {
        let begin = Instant::now();
        store.link_files(&run, &links, &[])?;
        let took = begin.elapsed();
        timed.edges.0 += links.iter().map(|f| f.edges.len()).sum::<usize>();
        timed.edges.1 += took;
        timed.worst = timed.worst.max(took);
    }
    let begin = Instant::now();
    store.finish_links(&run, "")?;
    timed.edges.1 += begin.elapsed();
    Ok(timed)
}

/// Several processes that write one graph of that size between them.
fn together(place: &Place, entities: usize, writers: usize) -> Outcome<()> {
    let url = place.url().to_string();
    let share = (entities / writers).to_string();
    let mut processes = Vec::new();
    for n in 0..writers {
        let mut process = Command::new(env::current_exe()?)
            .args(["--writer", &url, &format!("bench{n}"), &share])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        // All of them are there before one begins.
        let mut answers = BufReader::new(process.stdout.take().ok_or("no output")?);
        answers.read_line(&mut String::new())?;
        processes.push((process, answers));
    }
    let begin = Instant::now();
    for (process, _) in &mut processes {
        writeln!(process.stdin.as_mut().ok_or("no input")?, "go")?;
    }
    let mut worst = Duration::ZERO;
    for (process, answers) in &mut processes {
        let mut answer = String::new();
        answers.read_line(&mut answer)?;
        worst = worst.max(Duration::from_micros(answer.trim().parse()?));
        if !process.wait()?.success() {
            return Err("a writer failed".into());
        }
    }
    let wall = begin.elapsed();
    let mut store = open_with(place.url(), options())?;
    let counts = store.counts(None)?;
    let (nodes, edges): (u64, u64) = (counts.entities.values().sum(), counts.edges.values().sum());
    println!("  {writers} processes: {wall:.1?}, worst call {worst:.0?}; {nodes} entities and {edges} edges are there");
    Ok(())
}

fn writer(url: &str, args: &[String]) -> Outcome<()> {
    let [name, entities] = args else { return Err("a writer wants a name and a number".into()) };
    let mut store = open_with(&url.parse()?, options())?;
    let workload = Workload::new(name, entities.parse()?);
    println!("ready");
    std::io::stdin().lock().read_line(&mut String::new())?;
    let written = write(&mut *store, &workload, 1, Content::Same)?;
    println!("{}", written.worst.as_micros());
    Ok(())
}

fn ask(store: &mut dyn GraphStore, workload: &Workload) -> Outcome<()> {
    let ids: Vec<String> = (0..QUERIES + 1).map(|n| workload.id(n.wrapping_mul(15_485_863))).collect();
    let asked = |n: usize| ids.get(n).map(String::as_str).unwrap_or_default();
    for (name, direction) in [("out", Direction::Out), ("in", Direction::In)] {
        let mut found = 0;
        let times = measure(|n| {
            let one = store.neighbours(&[asked(n)], direction, &[], 1_000)?;
            let ends: Vec<&str> = one.iter().map(|e| if name == "out" { &*e.to } else { &*e.from }).collect();
            found += one.len() + store.neighbours(&ends, direction, &[], 1_000)?.len();
            Ok(())
        })?;
        println!("  2-hop {name}: {times}, {} edges each", found / QUERIES);
    }
    println!("  entity by id: {}", measure(|n| store.entities(&[asked(n)]).map(drop))?);
    for (name, matching) in [("exact", Matching::Exact), ("prefix", Matching::Prefix)] {
        let times = measure(|n| {
            let find = Find { name: &workload.name(n * 7), matching, kind: None, repository: None };
            store.find(&find, 100).map(drop)
        })?;
        println!("  find, {name}: {times}");
    }
    let mut lengths = 0;
    let times = measure(|n| {
        let path =
            shortest_path(store, asked(n), asked(n + 1), &[EdgeKind::Calls], Bounds { length: 16, edges: 20_000 })?;
        lengths += if let PathFound::Path(edges) = path { edges.len() } else { 0 };
        Ok(())
    })?;
    println!("  path of at most 16: {times}, {} edges each", lengths / QUERIES);
    let begin = Instant::now();
    for id in &ids {
        black_box(entity_hash("bench", "src/folder/module.ts", "function", id, "function name(a: A, b: B)"));
    }
    println!("  keys: {}", rate(ids.len(), begin.elapsed()));
    Ok(())
}

fn measure(mut query: impl FnMut(usize) -> graph_store::StoreResult<()>) -> Outcome<String> {
    let mut times = Vec::with_capacity(QUERIES);
    for n in 0..QUERIES {
        let begin = Instant::now();
        query(n)?;
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    Ok(format!("p50 {:.1?}, p99 {:.1?}", at(50), at(99)))
}

#[expect(clippy::cast_precision_loss, reason = "shown in thousands")]
fn rate(documents: usize, time: Duration) -> String {
    format!("{:.0} K/s", documents as f64 / time.as_secs_f64() / 1_000.0)
}

/// The most memory that this process had, in bytes; 0 where nobody tells.
fn peak_rss() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() * 1024
}
