//! The engine as the work of a watcher, with a log that says each thing once.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{run::Watched, schedule::Timing, work::Work};
use crate::{
    config::{Config, Secret},
    engine::{Clock, Control, Engine, Error, Hold, HoldReason, Lane, Scope, ShipReport, SystemClock},
    provider::{Provider, registry},
};

/// Makes an engine do what a watcher finds to do.
#[derive(Debug)]
pub struct EngineWork<'a> {
    engine: &'a Engine,
    stopping: AtomicBool,
    recovered: AtomicBool,
    /// Changes were left to the next scan because uploads were held back.
    left: AtomicBool,
    token: Mutex<Option<Secret>>,
    told: Mutex<Told>,
}

/// What the log has said and need not say again.
#[derive(Debug, Default)]
struct Told {
    hold: Option<HoldReason>,
    failure: Option<String>,
    warnings: Vec<String>,
}

impl<'a> EngineWork<'a> {
    /// Work for an engine that is open.
    pub fn new(engine: &'a Engine) -> Self {
        let token = current_token(engine);
        Self {
            engine,
            stopping: AtomicBool::new(false),
            recovered: AtomicBool::new(false),
            left: AtomicBool::new(false),
            token: Mutex::new(token),
            told: Mutex::new(Told::default()),
        }
    }

    /// Whether no file was skipped.
    fn ship(&self, scope: &Scope, lane: Lane) -> bool {
        match self.engine.ship(scope, lane, self) {
            Ok(report) => {
                self.tell_report(&report, lane);
                report.skipped_files == 0
            }
            Err(error) => {
                self.tell_failure(&error);
                true
            }
        }
    }

    fn tell_report(&self, report: &ShipReport, lane: Lane) {
        self.tell_hold(report.hold.as_ref());
        let told = &mut *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.failure = None;
        for warning in &report.warnings {
            if !told.warnings.contains(warning) {
                tracing::warn!("{warning}");
                told.warnings.push(warning.clone());
                // A warning that has not come for so long is news again.
                if told.warnings.len() > 64 {
                    told.warnings.remove(0);
                }
            }
        }
        let ShipReport { files, source_bytes, events, spooled, quarantined, ms, .. } = report;
        if *quarantined > 0 {
            tracing::warn!("{quarantined} lines or ranges are unusable and put aside; `status` shows them");
        }
        match lane {
            Lane::Backfill if *events + *spooled > 0 => {
                tracing::info!(files, source_bytes, events, spooled, ms, "shipped what was new");
            }
            Lane::Live if *events + *spooled > 0 => {
                tracing::debug!(files, source_bytes, events, spooled, ms, "shipped");
            }
            _ => {}
        }
    }

    fn tell_hold(&self, hold: Option<&Hold>) {
        let told = &mut *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let reason = hold.map(|hold| hold.reason);
        if reason == told.hold {
            return;
        }
        match hold {
            // The engine itself warns; this is what the warning means.
            Some(hold) => tracing::info!("nothing is sent for now, and nothing is lost: {}", hold.message),
            None => tracing::info!("sending again"),
        }
        told.hold = reason;
    }

    fn tell_failure(&self, error: &Error) {
        let told = &mut *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let text = error.to_string();
        if told.failure.as_ref() != Some(&text) {
            tracing::warn!("{text}");
            told.failure = Some(text);
        }
    }

    fn is_held(&self) -> bool {
        let now = SystemClock.now();
        self.engine.hold().is_some_and(|hold| hold.until > now)
    }
}

impl Work for EngineWork<'_> {
    fn live(&self, mut paths: Vec<PathBuf>) -> bool {
        // A file that was only just made has nothing in it yet, and one that is gone again has nothing any more.
        paths.retain(|path| fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0));
        if paths.is_empty() {
            return true;
        }
        if self.is_held() {
            self.left.store(true, Ordering::Relaxed);
            return true;
        }
        self.ship(&Scope::paths(paths), Lane::Live)
    }

    fn scan(&self) {
        if !self.recovered.swap(true, Ordering::Relaxed)
            && let Err(error) = self.engine.recover_gaps()
        {
            self.recovered.store(false, Ordering::Relaxed);
            self.tell_failure(&error);
        }
        self.left.store(false, Ordering::Relaxed);
        self.ship(&Scope::new(), Lane::Backfill);
    }

    fn replay(&self) {
        match self.engine.replay(None, self) {
            Ok(report) => {
                self.tell_hold(report.hold.as_ref());
                if report.replayed > 0 {
                    let (ranges, events, pending) = (report.replayed, report.events, report.pending);
                    tracing::info!(ranges, events, pending, "sent again what was in the spool");
                }
            }
            Err(error) => self.tell_failure(&error),
        }
    }

    fn tend(&self) -> bool {
        let token = current_token(self.engine);
        let known = &mut *self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = *known != token;
        if is_new {
            tracing::info!("the token is another: trying it");
            *known = token;
        }
        is_new || (self.left.load(Ordering::Relaxed) && !self.is_held())
    }

    fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

impl Control for EngineWork<'_> {
    fn proceed(&self) -> bool {
        !self.stopping.load(Ordering::Relaxed)
    }
}

/// What a configuration watches: the folders of its providers, without the engine's own files and `more_own` ones.
pub fn watched(config: &Config, more_own: Vec<PathBuf>) -> Watched {
    let homes = config.homes.clone();
    let chosen = |provider: &&dyn Provider| {
        config.providers.as_ref().is_none_or(|names| names.iter().any(|n| n == provider.name()))
    };
    let providers: Vec<_> = registry().iter().copied().filter(chosen).collect();
    let roots = providers.iter().flat_map(|provider| provider.roots(&homes)).collect();
    let mut own = more_own;
    own.extend(["", "-wal", "-shm", "-journal", ".lock", ".copies"].map(|end| {
        let mut name = config.database.clone().into_os_string();
        name.push(end);
        PathBuf::from(name)
    }));
    let accepts = Arc::new(move |path: &Path| providers.iter().any(|provider| provider.accepts(&homes, path)));
    Watched { roots, own, accepts, timing: Timing::default() }
}

/// The token as it is now; a reference that leads nowhere is none.
fn current_token(engine: &Engine) -> Option<Secret> {
    engine.config().token.resolve().ok().flatten()
}
