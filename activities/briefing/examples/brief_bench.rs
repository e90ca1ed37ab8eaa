//! What a whole briefing of a save costs, cold, beside what no reader can avoid: `brief_bench SAVE...`.
//!
//! Each run is a process of its own, so that memory is that of one briefing. The best of several counts.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::{
    env,
    error::Error,
    fs,
    hint::black_box,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use briefing::{Briefing, Options, model::Model, parts};
use save_parsing::{Limits, Save};
use serde::{Deserialize, Serialize};

/// Best of this many.
const RUNS: u32 = 7;

/// The argument that makes it one run: then what is measured, and the save.
const ONE_RUN: &str = "--one-run";

/// What a save of this many bytes of text may cost; others in proportion.
const REFERENCE: f64 = 52.6e6;
const WALL_MS: f64 = 150.0;
const PEAK_MB: f64 = 160.0;

/// What a step took by the clock and of the processor, in milliseconds; threads make the second one longer.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Took {
    wall: f64,
    cpu: f64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Run {
    /// Name of each step and what it took, in their order.
    steps: Vec<(String, Took)>,
    text: usize,
    peak_mb: f64,
}

fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

impl Run {
    fn step<T>(&mut self, name: &str, work: impl FnOnce() -> T) -> T {
        let (start, before) = (Instant::now(), cpu());
        let result = work();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let took = Took { wall: ms(start.elapsed()), cpu: ms(cpu().saturating_sub(before)) };
        self.steps.push((name.to_owned(), took));
        result
    }
}

fn peak_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

/// From the file to the briefing as JSON.
fn whole(path: &Path, run: &mut Run) -> Result<(), Box<dyn Error>> {
    let save = run.step("open: read, inflate, index", || Save::open(path, &Limits::default()))?;
    let options = Options::default();
    let model = run.step("tables", || Model::open(&save, &options))?;
    let parts = run.step("parts", || parts::all(&model));
    let briefing = Briefing { parts, warnings: Vec::new() };
    let json = run.step("JSON", || serde_json::to_vec(&briefing))?;
    black_box(json);
    run.text = save.text().len();
    Ok(())
}

/// The parts one by one, each with tables that nobody has asked before.
fn by_part(path: &Path, run: &mut Run) -> Result<(), Box<dyn Error>> {
    let save = Save::open(path, &Limits::default())?;
    let options = Options::default();
    for (name, part) in parts::INDEPENDENT {
        let model = Model::open(&save, &options)?;
        run.step(name, || part(&model));
    }
    Ok(())
}

/// Only what nobody who reads the zip file can do without.
fn inflate(path: &Path, run: &mut Run) -> Result<(), Box<dyn Error>> {
    let file = fs::read(path)?;
    let archive = rawzip::ZipArchive::from_slice(file.as_slice())?;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry()? {
        if entry.file_path().as_ref() == b"gamestate" {
            let mut text = vec![0; usize::try_from(entry.uncompressed_size_hint())?];
            let packed = archive.get_entry(entry.wayfinder())?;
            run.step("inflate alone", || {
                libdeflater::Decompressor::new().deflate_decompress(packed.data(), &mut text)
            })?;
            run.text = text.len();
        }
    }
    Ok(())
}

fn index(path: &Path, run: &mut Run) -> Result<(), Box<dyn Error>> {
    let save = Save::open(path, &Limits::default())?;
    run.step("index of the sections alone", || black_box(save.reindexed()));
    run.text = save.text().len();
    Ok(())
}

fn one_run(what: &str, path: &Path) -> Result<(), Box<dyn Error>> {
    let mut run = Run::default();
    match what {
        "whole" => whole(path, &mut run)?,
        "by_part" => by_part(path, &mut run)?,
        "inflate" => inflate(path, &mut run)?,
        _ => index(path, &mut run)?,
    }
    run.peak_mb = peak_mb();
    println!("{}", serde_json::to_string(&run)?);
    Ok(())
}

/// The best of several processes: of each step, of their sum, of the memory.
fn best(what: &str, path: &str) -> Result<(Run, Took), Box<dyn Error>> {
    let mut best: Option<(Run, Took)> = None;
    for _ in 0..RUNS {
        let output = Command::new(env::current_exe()?).args([ONE_RUN, what, path]).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let run: Run = serde_json::from_slice(&output.stdout)?;
        let sum = run.steps.iter().fold(Took::default(), |sum, (_, took)| sum.plus(*took));
        best = Some(match best {
            None => (run, sum),
            Some((mut best, best_sum)) => {
                for ((_, best), (_, took)) in best.steps.iter_mut().zip(&run.steps) {
                    *best = best.least(*took);
                }
                best.peak_mb = best.peak_mb.min(run.peak_mb);
                (best, best_sum.least(sum))
            }
        });
    }
    best.ok_or_else(|| "no run".into())
}

impl Took {
    fn plus(self, other: Self) -> Self {
        Self { wall: self.wall + other.wall, cpu: self.cpu + other.cpu }
    }

    fn least(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), cpu: self.cpu.min(other.cpu) }
    }
}

fn row(what: &str, took: Took, of: Took) {
    println!("| {what} | {:.1} | {:.1} | {:.0} % |", took.wall, took.cpu, took.wall / of.wall * 100.0);
}

#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^53")]
fn measure(path: &str) -> Result<(), Box<dyn Error>> {
    let (whole, sum) = best("whole", path)?;
    let text = whole.text as f64;
    println!("\n{path} ({} bytes of text)", whole.text);
    println!("| briefing, cold | ms | ms of processor | of the whole |\n|---|---|---|---|");
    row("whole", sum, sum);
    for (name, took) in &whole.steps {
        row(name, *took, sum);
    }
    for what in ["inflate", "index"] {
        for (name, took) in best(what, path)?.0.steps {
            row(&name, took, sum);
        }
    }
    for (name, took) in best("by_part", path)?.0.steps {
        row(&format!("part {name}, alone"), took, sum);
    }
    let scale = (text / REFERENCE).max(1.0);
    let verdict = |is: f64, limit: f64| if is <= limit { "kept" } else { "MISSED" };
    println!("time: {:.0} ms of {:.0}: {}", sum.wall, WALL_MS * scale, verdict(sum.wall, WALL_MS * scale));
    println!("memory: {:.0} MB of {:.0}: {}", whole.peak_mb, PEAK_MB * scale, verdict(whole.peak_mb, PEAK_MB * scale));
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [flag, what, path] if flag == ONE_RUN => one_run(what, Path::new(path)),
        paths => paths.iter().try_for_each(|path| measure(path)),
    }
}
