//! The branch that a project is checked out at, read from its `.git` without starting git. Away from the thread that
//! writes: what is known is looked up in memory, what is not is found by a thread of its own and put on session and event
//! afterwards.

use std::{
    collections::HashMap,
    fs,
    path::{Component, Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use rusqlite::params;

use super::{Notice, shared::Shared};

/// How long an answer holds, "no branch" included.
const FRESH: Duration = Duration::from_secs(60);
/// How long a look-up may take; a project on a disk that hangs counts as one without a branch.
const LIMIT: Duration = Duration::from_secs(2);
/// Look-ups that may hang at once.
const HANGING: usize = 4;
/// Projects that are remembered.
const REMEMBERED: usize = 1000;
/// Events that wait for a look-up; those beyond it go without.
const WAITING: usize = 1000;

/// What is known of a project.
pub(super) enum Known {
    /// Its branch, or that it has none.
    Yes(Option<String>),
    /// Nothing, or nothing fresh.
    No,
}

/// An event whose branch is looked for.
pub(super) struct Sought {
    pub(super) project: String,
    pub(super) session: String,
    pub(super) id: i64,
}

type Cache = Arc<Mutex<HashMap<String, (Instant, Option<String>)>>>;

/// Branches by project.
pub(super) struct Heads {
    cache: Cache,
    sender: SyncSender<Sought>,
}

impl Heads {
    pub(super) fn start(folder: PathBuf, shared: Arc<Shared>) -> Self {
        let (sender, receiver) = sync_channel(WAITING);
        let cache = Cache::default();
        let kept = Arc::clone(&cache);
        let started = thread::Builder::new()
            .name("git-heads".to_owned())
            .spawn(move || find_all(&folder, &receiver, &kept, &shared));
        if let Err(error) = started {
            tracing::warn!(%error, "no thread for git branches: none is looked up");
        }
        Self { cache, sender }
    }

    pub(super) fn known(&self, project: &str) -> Known {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        match cache.get(project) {
            Some((when, branch)) if when.elapsed() < FRESH => Known::Yes(branch.clone()),
            _ => Known::No,
        }
    }

    pub(super) fn seek(&self, sought: Vec<Sought>) {
        for sought in sought {
            if self.sender.try_send(sought).is_err() {
                return;
            }
        }
    }
}

fn find_all(folder: &Path, receiver: &Receiver<Sought>, cache: &Cache, shared: &Shared) {
    let hanging = Arc::new(AtomicUsize::new(0));
    while let Ok(sought) = receiver.recv() {
        let known = {
            let cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
            cache.get(&sought.project).filter(|(when, _)| when.elapsed() < FRESH).map(|(_, branch)| branch.clone())
        };
        let branch = known.unwrap_or_else(|| {
            let branch = find(folder, &sought.project, &hanging);
            let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
            if cache.len() >= REMEMBERED {
                cache.clear();
            }
            cache.insert(sought.project.clone(), (Instant::now(), branch.clone()));
            branch
        });
        if let Some(branch) = branch {
            shared.queue.order(Box::new(move |writer| {
                let written = writer.connection.execute_batch("BEGIN IMMEDIATE").and_then(|()| {
                    let session = "UPDATE sessions SET branch = ?1 WHERE id = ?2 AND (branch IS NULL OR branch != ?1)";
                    writer.connection.prepare_cached(session)?.execute(params![branch, sought.session])?;
                    let event = "UPDATE events SET branch = ?1 WHERE id = ?2 AND branch IS NULL";
                    writer.connection.prepare_cached(event)?.execute(params![branch, sought.id])?;
                    writer.connection.execute_batch("COMMIT")
                });
                match written {
                    Ok(()) => {
                        writer.sessions.set_branch(&sought.session, &branch);
                        writer.shared.listeners.tell(&Notice::SessionsChanged);
                    }
                    Err(error) => {
                        let _ = writer.connection.execute_batch("ROLLBACK");
                        tracing::debug!(%error, "a branch was not written");
                    }
                }
            }));
        }
    }
}

/// Looks on a thread that is left alone when it hangs.
fn find(folder: &Path, project: &str, hanging: &Arc<AtomicUsize>) -> Option<String> {
    // A project is a folder of that folder, not a path out of it.
    let mut parts = Path::new(project).components();
    if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
        || hanging.load(Ordering::Relaxed) >= HANGING
    {
        return None;
    }
    let (place, counter) = (folder.join(project), Arc::clone(hanging));
    let (sender, receiver) = sync_channel(1);
    counter.fetch_add(1, Ordering::Relaxed);
    let looking = thread::Builder::new().name("git-head".to_owned()).spawn(move || {
        let _ = sender.send(head(&place));
        counter.fetch_sub(1, Ordering::Relaxed);
    });
    if looking.is_err() {
        hanging.fetch_sub(1, Ordering::Relaxed);
        return None;
    }
    receiver.recv_timeout(LIMIT).unwrap_or_default()
}

/// The branch of a checkout; `None` when it is none, or stands at a commit.
fn head(checkout: &Path) -> Option<String> {
    let git = checkout.join(".git");
    let text = match fs::read_to_string(&git) {
        // A worktree or a submodule: the file says where.
        Ok(text) => {
            let place = checkout.join(text.trim().strip_prefix("gitdir:")?.trim());
            fs::read_to_string(place.join("HEAD")).ok()?
        }
        Err(_) => fs::read_to_string(git.join("HEAD")).ok()?,
    };
    let branch = text.trim().strip_prefix("ref:")?.trim().strip_prefix("refs/heads/")?;
    (!branch.is_empty()).then(|| branch.to_owned())
}
