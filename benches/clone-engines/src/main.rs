//! Clones one generated repository with each engine, over `file://` and over HTTP, and updates it after a commit that
//! changes ten files: wall time, processor time and peak memory, best of three. `make bench-clone` runs it; TMPDIR says
//! where, CLONE_ROUNDS how often.
//!
//! Every measurement is a process of its own, so that its memory is its own, with that of the git it starts.

mod engine;
mod remote;
mod server;

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use engine::Engine;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// One measurement.
#[derive(Debug, Clone, Copy)]
struct Figure {
    ms: i64,
    /// Processor time of the process and its children; of HTTP without the server's.
    cpu_ms: i64,
    /// The larger one of the process and its largest child.
    kib: i64,
}

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [name, url, folder, step] = args.as_slice() {
        let engine = Engine::named(name).ok_or("no such engine")?;
        return measure(engine, url, Path::new(folder), step == "update");
    }
    if let [step, folder] = args.as_slice()
        && step == "generate"
    {
        return remote::generate(Path::new(folder));
    }
    let work = tempfile()?;
    let folder = work.join("remote.git");
    // Not here: the most memory that this process ever had counts as that of each one it starts.
    let made = Command::new(std::env::current_exe()?).arg("generate").arg(&folder).status()?;
    let mut remote = if made.success() { remote::Remote::open(folder) } else { return Err("no repository".into()) };
    println!("{}, {} cores, {}", remote.describe()?, std::thread::available_parallelism()?, version()?);
    let rounds = std::env::var("CLONE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    println!("in {}; best of {rounds}: first clone, update after a commit that changes ten files", work.display());
    println!("wall, (processor), memory\n");
    let port = server::start(work.clone())?;
    println!("| | file: clone | file: update | HTTP: clone | HTTP: update |\n| --- | --- | --- | --- | --- |");
    for engine in Engine::all() {
        let mut cells = Vec::new();
        for url in [format!("file://{}/remote.git", work.display()), format!("http://127.0.0.1:{port}/remote.git")] {
            let (clone, update) = best(engine, &url, &work, &mut remote, rounds)?;
            cells.extend([shown(&clone), shown(&update)]);
        }
        println!("| {} | {} |", engine.title(), cells.join(" | "));
    }
    std::fs::remove_dir_all(&work)?;
    Ok(())
}

type Best = Result<Figure, String>;

fn best(engine: Engine, url: &str, work: &Path, remote: &mut remote::Remote, rounds: usize) -> Outcome<(Best, Best)> {
    let folder = work.join("clone");
    let mut all: (Vec<Figure>, Vec<Figure>) = Default::default();
    for _ in 0..rounds {
        let _ = std::fs::remove_dir_all(&folder);
        match run(engine, url, &folder, "clone") {
            Ok(figure) => all.0.push(figure),
            Err(why) => return Ok((Err(why.clone()), Err(why))),
        }
        let marker = remote.commit()?;
        match run(engine, url, &folder, "update") {
            Ok(figure) => all.1.push(figure),
            Err(why) => return Ok((least(&all.0), Err(why))),
        }
        engine.check(&folder, &marker)?;
    }
    Ok((least(&all.0), least(&all.1)))
}

fn least(figures: &[Figure]) -> Best {
    figures.iter().copied().min_by_key(|figure| figure.ms).ok_or_else(|| "none".to_owned())
}

fn shown(figure: &Best) -> String {
    match figure {
        Ok(Figure { ms, cpu_ms, kib }) => {
            let seconds = |ms: &i64| format!("{}.{:02} s", ms / 1000, ms % 1000 / 10);
            format!("{} ({}), {} MB", seconds(ms), seconds(cpu_ms), kib * 1024 / 1_000_000)
        }
        Err(why) => format!("fails: {why}"),
    }
}

fn run(engine: Engine, url: &str, folder: &Path, step: &str) -> Result<Figure, String> {
    let failed = |e: std::io::Error| e.to_string();
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    let output = command.args([engine.name(), url]).arg(folder).arg(step).output().map_err(failed)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        eprintln!("{} {step}: {said}", engine.name());
        return Err(said.lines().last().unwrap_or("without a word").chars().take(60).collect());
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words = said.split_whitespace().rev();
    let mut number = || words.next().and_then(|word| word.parse::<i64>().ok()).ok_or("no figures");
    let (kib, cpu_ms, ms) = (number()?, number()?, number()?);
    Ok(Figure { ms, cpu_ms, kib })
}

fn measure(engine: Engine, url: &str, folder: &Path, update: bool) -> Outcome<()> {
    let begin = Instant::now();
    if update {
        engine.update(url, folder)?
    } else {
        engine.first(url, folder)?
    }
    let usage = [libc::RUSAGE_SELF, libc::RUSAGE_CHILDREN].map(usage_of);
    let ms = |time: libc::timeval| time.tv_sec * 1000 + time.tv_usec / 1000;
    let cpu_ms: i64 = usage.iter().map(|usage| ms(usage.ru_utime) + ms(usage.ru_stime)).sum();
    let kib = usage.iter().map(|usage| usage.ru_maxrss).max().unwrap_or_default();
    println!("{} {cpu_ms} {kib}", begin.elapsed().as_millis());
    Ok(())
}

/// What this process took, or those that it waited for.
fn usage_of(who: libc::c_int) -> libc::rusage {
    // SAFETY: the call fills a structure of its own type, which is valid when it is all zeros, and reads nothing.
    unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        libc::getrusage(who, &mut usage);
        usage
    }
}

fn tempfile() -> Outcome<PathBuf> {
    let folder = std::env::temp_dir().join(format!("clone-engines-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    Ok(folder.canonicalize()?)
}

fn version() -> Outcome<String> {
    let git = Command::new("git").arg("--version").output()?;
    let git = String::from_utf8_lossy(&git.stdout).trim().to_owned();
    Ok(format!("{git}, libgit2 {:?}, gix 0.73", git2::Version::get().libgit2_version()))
}
