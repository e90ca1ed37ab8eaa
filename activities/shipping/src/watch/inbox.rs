//! What reaches the watcher from other threads. It is bounded: files are a set, and what does not fit is counted and healed
//! by a scan.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::schedule::Task;

/// How many changed files and new folders wait here at most. The watcher takes them out within microseconds.
const MOST: usize = 2_048;

/// What arrived since the last look.
#[derive(Debug, Default)]
pub(super) struct Letters {
    pub(super) changed: HashSet<PathBuf>,
    pub(super) appeared: HashSet<PathBuf>,
    /// Changes for which there was no room, and reports of the system that it lost some.
    pub(super) missed: u64,
    /// The system has no room for further watches.
    pub(super) watch_limit: bool,
    /// Folders that are watched came or went.
    pub(super) tend: bool,
    /// Somebody asked for a scan.
    pub(super) scan: bool,
    /// Somebody asked for the end.
    pub(super) stop: bool,
    /// Tasks that ended, with the number of the thread and whether nothing was left undone.
    pub(super) finished: Vec<(usize, Task, bool)>,
}

impl Letters {
    fn is_empty(&self) -> bool {
        let Self { changed, appeared, missed, watch_limit, tend, scan, stop, finished } = self;
        changed.is_empty()
            && appeared.is_empty()
            && finished.is_empty()
            && *missed == 0
            && !(*watch_limit || *tend || *scan || *stop)
    }
}

/// The place where other threads leave what the watcher must know. Also the handle by which it is stopped.
#[derive(Debug, Default)]
pub struct Inbox {
    letters: Mutex<Letters>,
    arrived: Condvar,
}

impl Inbox {
    /// Asks the watcher to end: what is under way is finished, nothing new begins.
    pub fn stop(&self) {
        self.leave(|letters| letters.stop = true);
    }

    /// Asks for a scan at once.
    pub fn scan_now(&self) {
        self.leave(|letters| letters.scan = true);
    }

    pub(super) fn changed(&self, path: PathBuf) {
        self.leave(|letters| put(&mut letters.changed, &mut letters.missed, path));
    }

    pub(super) fn appeared(&self, folder: PathBuf) {
        self.leave(|letters| put(&mut letters.appeared, &mut letters.missed, folder));
    }

    pub(super) fn leave(&self, write: impl FnOnce(&mut Letters)) {
        write(&mut self.lock());
        self.arrived.notify_one();
    }

    /// Everything that arrived; waits for the first letter as long as `patience` lasts.
    pub(super) fn take(&self, patience: Duration) -> Letters {
        let waited = self.arrived.wait_timeout_while(self.lock(), patience, |letters| letters.is_empty());
        std::mem::take(&mut waited.unwrap_or_else(PoisonError::into_inner).0)
    }

    fn lock(&self) -> MutexGuard<'_, Letters> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put(set: &mut HashSet<PathBuf>, missed: &mut u64, path: PathBuf) {
    if set.len() < MOST {
        set.insert(path);
    } else if !set.contains(&path) {
        *missed += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_changes_take_no_room_and_what_does_not_fit_is_counted() {
        let inbox = Inbox::default();
        for number in 0..MOST + 3 {
            inbox.changed(format!("{number}").into());
            inbox.changed("0".into());
        }
        let letters = inbox.take(Duration::ZERO);
        assert_eq!((letters.changed.len(), letters.missed), (MOST, 3));
        assert!(inbox.take(Duration::ZERO).is_empty());
    }
}
