//! A shipper that is killed at any moment, files that change under it, a server that fails: at the end the server has every
//! event once.
//!
//! Everything is drawn from the seed but for the moment at which a signal meets the process, which nobody can repeat; a
//! seed that fails is run again many times.

mod home;
mod key;
mod shipper;
pub mod soak;

use std::{
    collections::BTreeMap,
    fmt, fs, thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use sample_sessions::Random;
use session_receiver::TokenReference;

pub use self::shipper::Binaries;
use self::{
    home::Home,
    key::{compare, on_the_server},
    shipper::{Shipper, TOKEN},
};
use crate::{FaultCounts, FaultSettings, FaultyReceiver};

/// How long one run of `ship` may take.
const LONGEST_RUN: Duration = Duration::from_secs(120);
/// Runs of `ship` after which everything must have arrived.
const LAST_RUNS: u32 = 12;

/// What one seed did.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// The seed.
    pub seed: u64,
    /// Events that the server must have and has, once each.
    pub events: u64,
    /// Events of earlier content that it has as well.
    pub earlier: u64,
    /// Processes that were killed.
    pub kills: u64,
    /// Processes that ended by themselves before.
    pub ended: u64,
    /// Runs of `ship` at the end, until nothing was left.
    pub last_runs: u32,
    /// Changes of files, by kind.
    pub changes: BTreeMap<&'static str, u64>,
    /// What the server did.
    pub faults: FaultCounts,
    /// How long it took.
    pub took: Duration,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "seed {}: {} events once, {} of earlier content, {} kills, {} ended, {} last runs, {:.1} s; files {:?}; requests {:?}",
            self.seed,
            self.events,
            self.earlier,
            self.kills,
            self.ended,
            self.last_runs,
            self.took.as_secs_f64(),
            self.changes,
            self.faults.requests
        )
    }
}

/// Runs one seed. Its folder is kept where it fails, and named in the error.
///
/// # Errors
/// When an event is missing, is there twice or was never written, when the shipper panics or does not end, and when something
/// around it does not work.
pub fn run_seed(seed: u64, binaries: &Binaries) -> anyhow::Result<Summary> {
    let folder = tempfile::Builder::new().prefix(&format!("reliability-{seed}-")).tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let faults = FaultSettings { seed, ..FaultSettings::default() };
    let token = Some(TokenReference::Literal(TOKEN.1.to_owned()));
    let database = folder.path().join("server.db");
    let server = runtime.block_on(FaultyReceiver::start(([127, 0, 0, 1], 0).into(), &database, token, faults))?;
    let root = folder.path().join("home");
    fs::create_dir_all(&root)?;
    let shipper = Shipper::new(binaries, folder.path(), &root, format!("http://{}", server.address));
    let outcome = Run { seed, random: Random::part(seed, 9), server: &server, shipper: &shipper }.run(&root);
    outcome.with_context(|| {
        let kept = folder.keep();
        let status = shipper.status().map_or_else(|error| format!("{error:#}"), |status| status.to_string());
        let (place, words) = (kept.display(), shipper.last_words());
        format!("seed {seed}; everything lies in {place}; status: {status}; the shipper's last words:\n{words}")
    })
}

struct Run<'a> {
    seed: u64,
    random: Random,
    server: &'a FaultyReceiver,
    shipper: &'a Shipper,
}

impl Run<'_> {
    fn run(mut self, root: &std::path::Path) -> anyhow::Result<Summary> {
        let start = Instant::now();
        let mut summary = Summary { seed: self.seed, ..Summary::default() };
        let mut home = Home::create(root, self.seed, 16 + self.random.below(24), 3_000_000)?;
        for _ in 0..5 + self.random.below(8) {
            self.interrupted_run(&mut home, &mut summary)?;
            if self.random.permille(700) {
                self.shipper.let_time_pass()?;
            }
            // Some changes happen while nobody looks.
            for _ in 0..self.random.below(4) {
                home.change()?;
            }
        }
        self.server.quiet();
        summary.last_runs = self.ship_the_rest(&home)?;
        ensure!(!self.shipper.has_panicked()?, "the shipper has panicked");
        (summary.events, summary.earlier) = verify(self.server, &home)?;
        summary.changes = home.changes;
        summary.faults = self.server.counts();
        summary.took = start.elapsed();
        Ok(summary)
    }

    /// Starts a shipper, changes files under it, and kills it at some moment.
    fn interrupted_run(&mut self, home: &mut Home, summary: &mut Summary) -> anyhow::Result<()> {
        let mut running = self.shipper.start(if self.random.permille(500) { "ship" } else { "connect" })?;
        for _ in 0..self.random.below(12) {
            thread::sleep(Duration::from_millis(self.random.long_tailed(15, 4)));
            home.change()?;
        }
        thread::sleep(Duration::from_millis(self.random.long_tailed(20, 5)));
        match running.kill()? {
            None => summary.kills += 1,
            Some(_) => summary.ended += 1,
        }
        Ok(())
    }

    /// Runs `ship` until the server gets nothing new twice in a row.
    fn ship_the_rest(&self, home: &Home) -> anyhow::Result<u32> {
        let (mut last, mut unchanged) = (u64::MAX, 0);
        let expected = home.expected().len() as u64;
        for run in 1..=LAST_RUNS {
            self.shipper.let_time_pass()?;
            let ended = self.shipper.start("ship")?.finish(LONGEST_RUN)?;
            ensure!(ended.success(), "with a server that works, ship ends with {ended}");
            let now = self.server.store().counts()?.events;
            unchanged = if now == last { unchanged + 1 } else { 0 };
            last = now;
            if unchanged >= 1 && (now >= expected || unchanged >= 3) {
                return Ok(run);
            }
        }
        bail!("after {LAST_RUNS} runs of ship there is still something new")
    }
}

/// Every expected event is there as often as in the files, earlier ones at most once, and nothing else.
fn verify(server: &FaultyReceiver, home: &Home) -> anyhow::Result<(u64, u64)> {
    let compared = compare(home.expected(), on_the_server(server.store())?, home);
    let examples: Vec<String> = compared
        .wrong
        .iter()
        .take(20)
        .map(|(problem, key)| format!("{problem}: {key:?} ({})", home.describe(&key.source_path)))
        .collect();
    ensure!(compared.wrong.is_empty(), "{} events are wrong:\n{}", compared.wrong.len(), examples.join("\n"));
    Ok((compared.events, compared.earlier))
}
