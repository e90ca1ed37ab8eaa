//! When what is due: the rules of watching as a machine of states that is told the time and never asks for it.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use super::moment::Moment;

/// The figures of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// For how long further changes of a file that was just shipped are gathered.
    pub coalesce: Duration,
    /// From the end of one scan to the next.
    pub scan: Duration,
    /// From the end of one replay of the spool to the next.
    pub replay: Duration,
    /// How often folders, token and clocks are looked at while nothing else happens. It bounds how late a wake-up of the
    /// machine is noticed, because a wait does not count the time of sleep.
    pub tend: Duration,
    /// A difference between the clocks that means sleep or a clock that was set.
    pub jump: Duration,
    /// When a new folder is looked into a second time: its own watch is placed only after it was told of.
    pub look_again: Duration,
    /// When files are tried again that somebody else was at work on.
    pub retry: Duration,
    /// How many changed files are remembered; more of them mean a scan.
    pub most_pending: usize,
    /// How many files one task of the live lane takes.
    pub live_files: usize,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            coalesce: Duration::from_millis(15),
            scan: Duration::from_secs(30),
            replay: Duration::from_secs(30),
            tend: Duration::from_secs(5),
            jump: Duration::from_secs(10),
            look_again: Duration::from_millis(100),
            retry: Duration::from_secs(1),
            most_pending: 2_048,
            live_files: 64,
        }
    }
}

/// Something to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Ship what is new in these files, the one that changed last first; for a thread of the live lane.
    Live(Vec<PathBuf>),
    /// Ship what is new in any file; for the thread of the backfill.
    Scan,
    /// Send again what is in the spool and due; for the thread of the replay.
    Replay,
    /// Look for sessions in a folder that appeared.
    Look(PathBuf),
    /// See whether folders came or went, and whether the token is another.
    Tend,
}

/// A changed file that waits.
#[derive(Debug, Clone, Copy)]
struct Change {
    due: Duration,
    at: Duration,
    /// It was tried once and somebody else was at work on it.
    again: bool,
}

/// What is due, what runs, what waits.
#[derive(Debug)]
pub struct Schedule {
    timing: Timing,
    last_seen: Moment,
    live_free: usize,
    /// With whether it is a second try.
    in_flight: HashMap<PathBuf, bool>,
    changes: HashMap<PathBuf, Change>,
    /// When files were last given to the live lane, for as long as that holds further changes back.
    given: HashMap<PathBuf, Duration>,
    folders: Vec<(Duration, PathBuf)>,
    scan: Lane,
    replay: Lane,
    tend_at: Duration,
    stopping: bool,
}

/// A lane that has one thread and comes round.
#[derive(Debug, Clone, Copy)]
struct Lane {
    at: Duration,
    runs: bool,
    /// Wanted once more as soon as it ends.
    again: bool,
}

impl Lane {
    fn due_now(&mut self, now: Moment) {
        self.again = self.runs;
        self.at = self.at.min(now.steady);
    }

    fn begin(&mut self, now: Duration) -> bool {
        let begins = !self.runs && self.at <= now;
        self.runs |= begins;
        begins
    }

    fn end(&mut self, now: Moment, pause: Duration) {
        let pause = if self.again { Duration::ZERO } else { pause };
        *self = Self { at: now.steady + pause, runs: false, again: false };
    }
}

impl Schedule {
    /// Everything is due at once: the scan that catches up, and the spool. `live_threads` take changed files.
    pub fn new(timing: Timing, live_threads: usize, now: Moment) -> Self {
        let at_once = Lane { at: now.steady, runs: false, again: false };
        Self {
            timing,
            last_seen: now,
            live_free: live_threads,
            in_flight: HashMap::new(),
            changes: HashMap::new(),
            given: HashMap::new(),
            folders: Vec::new(),
            scan: at_once,
            replay: at_once,
            tend_at: now.steady + timing.tend,
            stopping: false,
        }
    }

    /// A file changed. The first change of a quiet file is due at once, later ones when those of the last 15 ms are together.
    /// Where too many wait, a scan takes their place: then the answer is no.
    pub fn changed(&mut self, path: PathBuf, now: Moment) -> bool {
        let full = self.changes.len() >= self.timing.most_pending;
        if let Some(change) = self.changes.get_mut(&path) {
            change.at = now.steady;
        } else if full {
            self.scan_now(now);
            return false;
        } else {
            let earliest = self.given.get(&path).map_or(Duration::ZERO, |given| *given + self.timing.coalesce);
            self.changes.insert(path, Change { due: earliest.max(now.steady), at: now.steady, again: false });
        }
        true
    }

    /// A folder appeared: it is looked into at once, and again when its own watch is certain to be there.
    pub fn appeared(&mut self, folder: PathBuf, now: Moment) {
        if self.folders.len() >= self.timing.most_pending {
            return self.scan_now(now);
        }
        self.folders.push((now.steady + self.timing.look_again, folder.clone()));
        self.folders.push((now.steady, folder));
    }

    /// Changes may have been missed, or somebody asked: a scan is due now, after the one that may be running.
    pub fn scan_now(&mut self, now: Moment) {
        self.scan.due_now(now);
    }

    /// The reason of a pause may be gone: everything that waited is tried now.
    pub fn wake(&mut self, now: Moment) {
        self.scan.due_now(now);
        self.replay.due_now(now);
    }

    /// Folders and token are looked at now.
    pub fn tend_now(&mut self, now: Moment) {
        self.tend_at = now.steady;
    }

    /// Compares the clocks. Yes, and scan and replay are due, when the machine slept or its clock was set.
    pub fn observe(&mut self, now: Moment) -> bool {
        let jumped = now.jump_since(self.last_seen) >= self.timing.jump;
        self.last_seen = now;
        if jumped {
            self.wake(now);
            self.tend_now(now);
        }
        jumped
    }

    /// The next task, which then counts as running until [`Schedule::finished`] is told of it; looks and tending are done as
    /// they are given. Live changes come before everything.
    pub fn next(&mut self, now: Moment) -> Option<Task> {
        if self.stopping {
            return None;
        }
        let now = now.steady;
        if let Some(paths) = self.next_changes(now) {
            return Some(Task::Live(paths));
        }
        if let Some(place) = self.folders.iter().position(|(due, _)| *due <= now) {
            return Some(Task::Look(self.folders.swap_remove(place).1));
        }
        if self.tend_at <= now {
            self.tend_at = now + self.timing.tend;
            return Some(Task::Tend);
        }
        let lanes = [(&mut self.scan, Task::Scan), (&mut self.replay, Task::Replay)];
        lanes.into_iter().find_map(|(lane, task)| lane.begin(now).then_some(task))
    }

    fn next_changes(&mut self, now: Duration) -> Option<Vec<PathBuf>> {
        if self.live_free == 0 {
            return None;
        }
        let mut due: Vec<(Duration, PathBuf)> = self
            .changes
            .iter()
            .filter(|(path, change)| change.due <= now && !self.in_flight.contains_key(*path))
            .map(|(path, change)| (change.at, path.clone()))
            .collect();
        if due.is_empty() {
            return None;
        }
        due.sort_unstable_by(|a, b| b.cmp(a));
        due.truncate(self.timing.live_files);
        self.live_free -= 1;
        let quiet_since = now.saturating_sub(self.timing.coalesce);
        self.given.retain(|_, given| *given > quiet_since);
        let paths: Vec<PathBuf> = due.into_iter().map(|(_, path)| path).collect();
        for path in &paths {
            let again = self.changes.remove(path).is_some_and(|change| change.again);
            self.in_flight.insert(path.clone(), again);
            self.given.insert(path.clone(), now);
        }
        Some(paths)
    }

    /// A task of a lane ended. Where it was not complete, because the backfill is at work on the same file, its files are tried
    /// once more soon, and then left to a scan that follows the one that runs.
    pub fn finished(&mut self, task: &Task, complete: bool, now: Moment) {
        match task {
            Task::Live(paths) => {
                self.live_free += 1;
                for path in paths {
                    let tried = self.in_flight.remove(path).unwrap_or_default();
                    if !complete && tried {
                        self.scan.again |= self.scan.runs;
                    } else if !complete {
                        let change = Change { due: now.steady + self.timing.retry, at: now.steady, again: true };
                        // A change in between will be tried in any case.
                        self.changes.entry(path.clone()).or_insert(change);
                    }
                }
            }
            Task::Scan => self.scan.end(now, self.timing.scan),
            Task::Replay => self.replay.end(now, self.timing.replay),
            Task::Look(_) | Task::Tend => {}
        }
    }

    /// Gives nothing out any more.
    pub fn stop(&mut self) {
        self.stopping = true;
    }

    /// How long nothing will be due, if nothing happens.
    pub fn wait(&self, now: Moment) -> Duration {
        let live = self.changes.iter().filter(|(path, _)| self.live_free > 0 && !self.in_flight.contains_key(*path));
        let lanes = [self.scan, self.replay].into_iter().filter(|lane| !lane.runs).map(|lane| lane.at);
        live.map(|(_, change)| change.due)
            .chain(self.folders.iter().map(|(due, _)| *due))
            .chain(lanes)
            .fold(self.tend_at, Duration::min)
            .saturating_sub(now.steady)
    }
}

#[cfg(test)]
mod tests;
