//! The watcher itself: one thread that decides, and threads that work.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use super::{
    inbox::{Inbox, Letters},
    moment::Clock,
    notice::{Accepts, Notices},
    polling::walk,
    schedule::{Schedule, Task, Timing},
    source::Source,
    work::Work,
};

/// Threads for files that change while someone watches. Two, so that one long document does not hold back the rest.
const LIVE_THREADS: usize = 2;
/// The thread of the backfill, and that of the replay, are numbered behind them.
const SCAN_THREAD: usize = LIVE_THREADS;
const REPLAY_THREAD: usize = LIVE_THREADS + 1;

/// What is watched.
#[derive(Clone)]
pub struct Watched {
    /// Folders under which sessions lie; they need not exist.
    pub roots: Vec<PathBuf>,
    /// Files and folders of the shipper's own, whose changes mean nothing: database, log, kept copies. `NAME-wal` and the like
    /// beside a database must be among them.
    pub own: Vec<PathBuf>,
    /// Which paths are sessions.
    pub accepts: Accepts,
    /// The figures.
    pub timing: Timing,
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { roots, own, accepts: _, timing } = self;
        let mut fields = formatter.debug_struct("Watched");
        fields.field("roots", roots).field("own", own).field("timing", timing).finish_non_exhaustive()
    }
}

/// What a watcher did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Tasks of the live lane.
    pub live: u64,
    /// Scans.
    pub scans: u64,
    /// Changes that were not followed one by one, and were found by a scan.
    pub missed: u64,
}

/// Watches until [`Inbox::stop`] is called. The first scan catches up with what happened before; changes do not wait for it.
pub fn run(work: &dyn Work, watched: Watched, inbox: &Arc<Inbox>) -> Summary {
    let Watched { roots, own, accepts, timing } = watched;
    let notices = Notices::new(&roots, own, accepts, |path| path.canonicalize().ok());
    let clock = Clock::start();
    let mut source = Source::new(roots, notices.clone(), Arc::clone(inbox));
    // What is there before is the first scan's; what changes from here on is reported.
    source.tend();
    thread::scope(|scope| {
        let threads: Vec<SyncSender<Task>> = (0..=REPLAY_THREAD)
            .map(|number| {
                let (give, take) = sync_channel(1);
                scope.spawn(move || labour(work, number, &take, inbox));
                give
            })
            .collect();
        let schedule = Schedule::new(timing, LIVE_THREADS, clock.now());
        let idle_live = (0..LIVE_THREADS).collect();
        let mut watcher =
            Watcher { work, inbox, notices, source, clock, schedule, threads, idle_live, summary: Summary::default() };
        watcher.go_on();
        work.stop();
        watcher.summary
        // The senders are dropped here, which ends the threads once they are done; the scope waits for them.
    })
}

/// Does one task after the other until nobody can give any more.
fn labour(work: &dyn Work, number: usize, tasks: &Receiver<Task>, inbox: &Inbox) {
    for task in tasks {
        let done = catch_unwind(AssertUnwindSafe(|| {
            match &task {
                Task::Live(paths) => return work.live(paths.clone()),
                Task::Scan => work.scan(),
                Task::Replay => work.replay(),
                Task::Look(_) | Task::Tend => {}
            }
            true
        }));
        if done.is_err() {
            tracing::error!("a fault in the shipper ended one task; the next scan does it again");
        }
        // After a fault the same would only fail again at once.
        let complete = done.unwrap_or(true);
        inbox.leave(|letters| letters.finished.push((number, task, complete)));
    }
}

struct Watcher<'a> {
    work: &'a dyn Work,
    inbox: &'a Inbox,
    notices: Notices,
    source: Source,
    clock: Clock,
    schedule: Schedule,
    threads: Vec<SyncSender<Task>>,
    idle_live: Vec<usize>,
    summary: Summary,
}

impl Watcher<'_> {
    fn go_on(&mut self) {
        loop {
            let letters = self.inbox.take(self.schedule.wait(self.clock.now()));
            if letters.stop {
                return self.schedule.stop();
            }
            self.read(letters);
            if self.schedule.observe(self.clock.now()) {
                tracing::info!("the machine slept or its clock was set: scanning");
            }
            while let Some(task) = self.schedule.next(self.clock.now()) {
                self.give(task);
            }
        }
    }

    fn read(&mut self, letters: Letters) {
        let Letters { changed, appeared, missed, watch_limit, tend, scan, stop: _, finished } = letters;
        let now = self.clock.now();
        for (thread, task, complete) in finished {
            if matches!(task, Task::Live(_)) {
                self.idle_live.push(thread);
            }
            self.schedule.finished(&task, complete, now);
        }
        let crowded = changed.into_iter().map(|path| u64::from(!self.schedule.changed(path, now))).sum::<u64>();
        for folder in appeared {
            self.schedule.appeared(folder, now);
        }
        if missed + crowded > 0 {
            if self.summary.missed == 0 {
                tracing::warn!("more changes at once than are followed one by one: a scan finds them");
            }
            self.summary.missed += missed + crowded;
        }
        if missed > 0 || scan {
            self.schedule.scan_now(now);
        }
        if watch_limit {
            self.source.poll_instead("the limit of watches is reached");
        }
        if tend || watch_limit {
            self.schedule.tend_now(now);
        }
    }

    fn give(&mut self, task: Task) {
        let thread = match &task {
            Task::Look(folder) => return self.look(folder),
            Task::Tend => return self.tend(),
            Task::Live(_) => {
                self.summary.live += 1;
                self.idle_live.pop().unwrap_or_default()
            }
            Task::Scan => {
                self.summary.scans += 1;
                SCAN_THREAD
            }
            Task::Replay => REPLAY_THREAD,
        };
        // A thread lives as long as its sender does, and has room for the one task that the schedule gives it.
        let _ = self.threads.get(thread).map(|give| give.send(task));
    }

    fn tend(&mut self) {
        let now = self.clock.now();
        for root in self.source.tend() {
            self.schedule.appeared(root, now);
        }
        if self.work.tend() {
            self.schedule.wake(now);
        }
    }

    /// Takes every session in a folder that appeared for changed.
    fn look(&mut self, folder: &Path) {
        let now = self.clock.now();
        walk(folder, &mut |entry| {
            let path = entry.path();
            // No room for it means a scan, which finds the rest as well.
            !self.notices.is_session(&path) || self.schedule.changed(path, now)
        });
    }
}
