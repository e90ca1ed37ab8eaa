//! Writes a graph of N entities and 3 N edges, twice, asks it for neighbours, and prints how long each took:
//!
//! ```text
//! cargo run --release -p graph-store --example graph_bench -- [N]
//! ```
//!
//! A file holds 50 entities; two edges of each lead to entities of other files. Also printed: keys and documents without a
//! store.
#![allow(clippy::print_stdout, reason = "a program that prints its measurement")]

use std::{
    env,
    error::Error,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use graph_store::{
    Bounds, Direction, EdgeDocument, EdgeKind, EntityDocument, EntityKind, FileGraph, FileLinks, Find, GraphStore,
    Matching, Origin, PathFound, Repository, SqliteGraph, entity_hash, shortest_path,
};

/// Entities of a file.
const OF_A_FILE: usize = 50;
/// Files that are written together.
const BATCH: usize = 200;
const QUERIES: usize = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    let entities: usize = env::args().nth(1).map_or(Ok(50_000), |n| n.parse())?;
    let state = tempfile::tempdir()?;
    let path = state.path().join("graph.db");
    let repository = Repository { org_id: "default".into(), repo_id: "bench".into() };
    let graph = Graph::new(&repository, entities);

    let mut store = SqliteGraph::open(&path)?;
    for (epoch, time) in [(1, "first"), (2, "again")] {
        let run = store.begin_run(&repository, epoch)?;
        let begin = Instant::now();
        for files in graph.files.chunks(BATCH) {
            store.replace_files(&run, files)?;
        }
        let files = begin.elapsed();
        let begin = Instant::now();
        for links in graph.links.chunks(BATCH) {
            store.link_files(&run, links, &[])?;
        }
        store.finish_links(&run, "")?;
        let links = begin.elapsed();
        let own = graph.files.iter().map(|f| f.entities.len() + f.edges.len()).sum();
        let linked = graph.links.iter().map(|l| l.edges.len()).sum();
        println!("{time}: files {own} documents {}, links {linked} edges {}", rate(own, files), rate(linked, links));
    }
    store.tidy()?;
    println!("file {} MB, peak {} MB", size(&path)? / 1_000_000, peak_rss()? / 1_000_000);

    let asked = |n: usize| graph.ids[(n * 7_919) % graph.ids.len()].as_str();
    for (name, direction) in [("out", Direction::Out), ("in", Direction::In)] {
        let mut found = 0;
        let times = measure(|n| {
            let one = store.neighbours(&[asked(n)], direction, &[], 1_000)?;
            let ends: Vec<&str> = one.iter().map(|e| if name == "out" { &*e.to } else { &*e.from }).collect();
            found += one.len() + store.neighbours(&ends, direction, &[], 1_000)?.len();
            Ok(())
        })?;
        println!("2-hop {name}: {times}, {} edges each", found / QUERIES);
    }
    println!("entity by id: {}", measure(|n| store.entities(&[asked(n)]).map(drop))?);
    for (name, matching) in [("exact", Matching::Exact), ("prefix", Matching::Prefix)] {
        let find = |n: usize| format!("function{}", n * 7 % entities);
        let times = measure(|n| {
            let find = Find { name: &find(n), matching, kind: None, repository: None };
            store.find(&find, 100).map(drop)
        })?;
        println!("find, {name}: {times}");
    }
    let mut lengths = 0;
    let times = measure(|n| {
        let path = shortest_path(&mut store, asked(n), asked(n + 1), &[EdgeKind::Calls], Bounds::default())?;
        lengths += if let PathFound::Path(edges) = path { edges.len() } else { 0 };
        Ok(())
    })?;
    println!("path: {times}, {} edges each", lengths / QUERIES);

    let begin = Instant::now();
    for id in &graph.ids {
        black_box(entity_hash("bench", "src/folder/module.ts", "function", id, "function name(a: A, b: B)"));
    }
    println!("keys: {}", rate(graph.ids.len(), begin.elapsed()));
    let documents: Vec<&EntityDocument> = graph.files.iter().flat_map(|f| &f.entities).collect();
    let begin = Instant::now();
    let json: Vec<String> = documents.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    println!("documents to JSON: {}", rate(json.len(), begin.elapsed()));
    let begin = Instant::now();
    for json in &json {
        black_box(serde_json::from_str::<EntityDocument>(json)?);
    }
    println!("documents from JSON: {}", rate(json.len(), begin.elapsed()));
    Ok(())
}

struct Graph {
    files: Vec<FileGraph>,
    links: Vec<FileLinks>,
    /// Of the functions.
    ids: Vec<String>,
}

impl Graph {
    fn new(repository: &Repository, entities: usize) -> Self {
        let mut files: Vec<FileGraph> = (0..entities.div_ceil(OF_A_FILE)).map(|n| file(repository, n)).collect();
        let ids: Vec<String> = files.iter().flat_map(|f| f.entities.iter().skip(1)).map(EntityDocument::id).collect();
        let call = |from: usize, to: usize| {
            let to = ids.get(to % ids.len()).unwrap_or(&ids[0]).clone();
            EdgeDocument::new(repository, ids[from].clone(), to, EdgeKind::Calls, Origin::Syntax, 0.8)
        };
        let links = files.iter_mut().enumerate().map(|(n, file)| {
            let own = n * (OF_A_FILE - 1)..(n + 1) * (OF_A_FILE - 1);
            let edges = own.flat_map(|from| [call(from, from * 31 + 17), call(from, from * 101 + 5)]).collect();
            FileLinks { path: file.path.clone(), digest: "1".into(), edges }
        });
        let links = links.collect();
        Self { files, links, ids }
    }
}

fn file(repository: &Repository, n: usize) -> FileGraph {
    let path = format!("src/folder{}/module{n}.ts", n % 97);
    let mut entities =
        vec![EntityDocument::new(repository, &path, EntityKind::File, &format!("module{n}.ts"), None, Origin::Syntax)];
    let mut edges = Vec::new();
    for line in 1..OF_A_FILE {
        let name = format!("function{}", n * OF_A_FILE + line);
        let signature = Some(format!("function {name}(first: string, second: number)"));
        let mut entity = EntityDocument::new(repository, &path, EntityKind::Function, &name, signature, Origin::Syntax);
        entity.start_line = u32::try_from(line).ok();
        entity.end_line = u32::try_from(line).ok();
        entity.language = Some("typescript".into());
        entity.exported = Some(true);
        entity.parameter_count = Some(2);
        let (from, to) = (entities[0].id(), entity.id());
        edges.push(EdgeDocument::new(repository, from, to, EdgeKind::Contains, Origin::Syntax, 1.0));
        entities.push(entity);
    }
    FileGraph { path, content_sha256: n.to_string(), extractor: "1".into(), entities, edges, facts: vec![0; 200] }
}

fn measure(mut query: impl FnMut(usize) -> graph_store::StoreResult<()>) -> Result<String, Box<dyn Error>> {
    let mut times = Vec::with_capacity(QUERIES);
    for n in 0..QUERIES {
        let begin = Instant::now();
        query(n)?;
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    Ok(format!("p50 {:.1?}, p99 {:.1?}", times[QUERIES / 2], times[QUERIES * 99 / 100]))
}

#[expect(clippy::cast_precision_loss, reason = "shown in thousands")]
fn rate(documents: usize, time: Duration) -> String {
    format!("{:.0?}, {:.0} K/s", time, documents as f64 / time.as_secs_f64() / 1_000.0)
}

fn size(path: &Path) -> std::io::Result<u64> {
    std::fs::metadata(path).map(|m| m.len())
}

/// The most memory that this process had, in bytes; 0 where nobody tells.
fn peak_rss() -> std::io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() * 1024)
}
