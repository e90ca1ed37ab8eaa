//! The system's reports of changes: inotify or FSEvents, and looking for oneself where these have no room left.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use notify::{Config, RecommendedWatcher, RecursiveMode, Watcher};

use super::{
    folders::{Depth, wanted},
    inbox::Inbox,
    notice::Notices,
    polling::Seen,
};

/// How often files are looked at where the system cannot report.
const POLL: Duration = Duration::from_secs(2);

/// How many folders above each other may appear while watches are placed; more of them wait for the next tending.
const MOST_STEPS: usize = 8;

/// Which folder a path was when its watch was placed: a folder that was removed and made anew has no watch.
type Identity = (u64, u64);

/// What is watched, and how.
#[derive(Debug)]
pub(super) struct Source {
    roots: Vec<PathBuf>,
    notices: Notices,
    inbox: Arc<Inbox>,
    system: Option<RecommendedWatcher>,
    /// In the place of the system's watcher, once that failed for lack of room: a thread that looks for as long as this lives.
    polling: Option<Sender<()>>,
    watched: BTreeMap<PathBuf, (Depth, Identity)>,
    /// The last refusal that was told, so that it is told once.
    told: Option<String>,
}

impl Source {
    pub(super) fn new(roots: Vec<PathBuf>, notices: Notices, inbox: Arc<Inbox>) -> Self {
        let mut source =
            Self { roots, notices, inbox, system: None, polling: None, watched: BTreeMap::new(), told: None };
        match RecommendedWatcher::new(source.handler(), config()) {
            Ok(watcher) => source.system = Some(watcher),
            Err(error) => source.poll_instead(&error.to_string()),
        }
        source
    }

    /// Places the watches that are wanted now and are not there; the roots that are watched only since now.
    pub(super) fn tend(&mut self) -> Vec<PathBuf> {
        let mut new = Vec::new();
        // A folder may appear between the look at it and the watch of the one above it: look again after each watch.
        for _ in 0..MOST_STEPS {
            let placed = self.place();
            if placed.is_empty() {
                break;
            }
            new.extend(placed.into_iter().filter(|(_, depth)| *depth == Depth::Tree).map(|(path, _)| path));
        }
        new
    }

    fn place(&mut self) -> Vec<(PathBuf, Depth)> {
        let wanted = wanted(&self.roots, Path::is_dir);
        let still = |path: &PathBuf, (depth, identity): &(Depth, Identity)| {
            wanted.get(path) == Some(depth) && identity_of(path) == Some(*identity)
        };
        let gone: Vec<PathBuf> = self.watched.iter().filter(|(p, w)| !still(p, w)).map(|(p, _)| p.clone()).collect();
        for path in gone {
            self.watched.remove(&path);
            // The system has forgotten a folder that is gone by itself.
            let _ = self.system.as_mut().map(|watcher| watcher.unwatch(&path));
        }
        let mut placed = Vec::new();
        for (path, depth) in wanted {
            let Some(identity) = identity_of(&path).filter(|_| !self.watched.contains_key(&path)) else { continue };
            if self.watch(&path, depth) {
                self.watched.insert(path.clone(), (depth, identity));
                placed.push((path, depth));
            }
        }
        placed
    }

    /// From now on files are looked at every two seconds.
    pub(super) fn poll_instead(&mut self, reason: &str) {
        if self.polling.is_some() {
            return;
        }
        tracing::warn!(
            "the system reports no changes ({reason}); files are looked at every {} s instead. On Linux raise \
             fs.inotify.max_user_watches and fs.inotify.max_user_instances, then start again",
            POLL.as_secs()
        );
        self.system = None;
        self.watched.clear();
        let (alive, end) = channel();
        let (roots, notices, inbox) = (self.roots.clone(), self.notices.clone(), Arc::clone(&self.inbox));
        let look = move || {
            let mut seen = Seen::default();
            // What is there already is a scan's, which begins after this look.
            seen.look(&roots, |path| notices.is_session(path));
            inbox.scan_now();
            while end.recv_timeout(POLL) == Err(RecvTimeoutError::Timeout) {
                seen.look(&roots, |path| notices.is_session(path)).into_iter().for_each(|path| inbox.changed(path));
            }
        };
        match thread::Builder::new().name("polling".to_owned()).spawn(look) {
            Ok(_) => self.polling = Some(alive),
            Err(error) => tracing::warn!("looking at files failed too ({error}); scans find changes, every 30 s"),
        }
    }

    fn watch(&mut self, path: &Path, depth: Depth) -> bool {
        let mode = match depth {
            Depth::Tree => RecursiveMode::Recursive,
            Depth::Entries => RecursiveMode::NonRecursive,
        };
        let Some(watcher) = &mut self.system else { return false };
        match watcher.watch(path, mode) {
            Ok(()) => true,
            Err(error) if is_full(&error) => {
                self.inbox.leave(|letters| letters.watch_limit = true);
                false
            }
            Err(error) => {
                // A folder of the tree may have gone in between: the next tending tries again.
                let text = format!("watching {}: {error}", path.display());
                if self.told.as_ref() != Some(&text) {
                    tracing::warn!("{text}; tried again");
                    self.told = Some(text);
                }
                false
            }
        }
    }

    fn handler(&self) -> impl FnMut(notify::Result<notify::Event>) + Send + 'static {
        let (notices, inbox) = (self.notices.clone(), Arc::clone(&self.inbox));
        move |report| notices.pass_on(report, &inbox)
    }
}

/// Whether the limit of watches or of open files is reached.
fn is_full(error: &notify::Error) -> bool {
    // Too many open files, which is how a limit of instances shows.
    const LIMIT_OF_FILES: i32 = 24;
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => true,
        notify::ErrorKind::Io(error) => error.raw_os_error() == Some(LIMIT_OF_FILES),
        _ => false,
    }
}

/// A link is a file of its own: following it would ship what lies elsewhere, and the walk does not follow it either.
fn config() -> Config {
    Config::default().with_follow_symlinks(false)
}

fn identity_of(folder: &Path) -> Option<Identity> {
    fs::metadata(folder).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}
