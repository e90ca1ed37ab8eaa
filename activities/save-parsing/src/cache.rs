//! Saves that stay open between questions, within a budget of memory.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{BufferPool, Save, SaveError, SaveErrorKind};

/// A real save inflates to 10 to 20 times its size; beside its text stand its index and what a question needs.
const EXPANSION: u64 = 24;
/// What an open save takes up, in sizes of its text.
const TEXTS: u64 = 2;
/// How long to wait between two questions whether to go on waiting.
const LOOK: Duration = Duration::from_millis(100);

/// Open saves by the SHA-256 of their files, the one that was asked least lately closed first. Saves in use count too: who
/// would pass the budget waits, so it is memory and not a number of questions that limits what goes on at once.
#[derive(Debug)]
pub struct SaveCache {
    budget: u64,
    pool: BufferPool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    used: u64,
    asked: u64,
    saves: HashMap<String, Slot>,
}

#[derive(Debug)]
enum Slot {
    Opening,
    Open { save: Arc<Save>, bytes: u64, asked: u64 },
}

/// Why there is no save.
#[derive(Debug, PartialEq, Eq)]
pub enum Missed {
    /// Whoever asked does not want to wait any longer.
    GaveUp,
    /// The save cannot be opened.
    Save(SaveError),
}

impl SaveCache {
    /// A cache that keeps saves of about `budget` bytes of memory.
    pub fn new(budget: u64) -> Self {
        let kept = usize::try_from(budget / 4).unwrap_or(usize::MAX);
        Self { budget, pool: BufferPool::new(kept), state: Mutex::default(), changed: Condvar::new() }
    }

    /// The most text that a save of this cache can have.
    pub fn largest_text(&self) -> u64 {
        self.budget / TEXTS
    }

    /// The save with this hash, and whether it was open already; else `open` opens it, once however many ask. `file_bytes` is
    /// the size of its file. While others take up the budget, `go_on` is asked whether to go on waiting.
    ///
    /// # Errors
    /// [`Missed`].
    pub fn get(
        &self,
        sha256: &str,
        file_bytes: u64,
        go_on: &dyn Fn() -> bool,
        open: impl FnOnce(&BufferPool) -> Result<Save, SaveError>,
    ) -> Result<(Arc<Save>, bool), Missed> {
        let estimate = file_bytes.saturating_mul(EXPANSION).min(self.budget);
        let mut state = self.lock();
        loop {
            state.asked += 1;
            let now = state.asked;
            match state.saves.get_mut(sha256) {
                Some(Slot::Open { save, asked, .. }) => {
                    *asked = now;
                    return Ok((save.clone(), true));
                }
                Some(Slot::Opening) => {}
                None => {
                    let closed = state.make_room(self.budget.saturating_sub(estimate));
                    if state.used == 0 || state.used.saturating_add(estimate) <= self.budget {
                        state.used += estimate;
                        state.saves.insert(sha256.to_owned(), Slot::Opening);
                        drop(state);
                        // Freed where nobody waits for it.
                        drop(closed);
                        break;
                    }
                }
            }
            if !go_on() {
                return Err(Missed::GaveUp);
            }
            state = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        let place = Reserved { cache: self, sha256, estimate, opened: None };
        place.fill(open(&self.pool)).map(|save| (save, false)).map_err(Missed::Save)
    }

    /// How many saves are open.
    pub fn len(&self) -> usize {
        self.lock().saves.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Closes saves that nobody uses until no more than `limit` bytes are taken up, and returns them.
    fn make_room(&mut self, limit: u64) -> Vec<Arc<Save>> {
        let mut closed = Vec::new();
        while self.used > limit {
            let idle = self.saves.iter().filter_map(|(hash, slot)| match slot {
                Slot::Open { save, asked, .. } if Arc::strong_count(save) == 1 => Some((*asked, hash.clone())),
                _ => None,
            });
            let Some((_, oldest)) = idle.min() else { break };
            if let Some(Slot::Open { save, bytes, .. }) = self.saves.remove(&oldest) {
                self.used = self.used.saturating_sub(bytes);
                closed.push(save);
            }
        }
        closed
    }
}

/// A place in the cache for a save that is being opened; given back if that fails, or panics.
struct Reserved<'a> {
    cache: &'a SaveCache,
    sha256: &'a str,
    estimate: u64,
    opened: Option<Arc<Save>>,
}

impl Reserved<'_> {
    fn fill(mut self, save: Result<Save, SaveError>) -> Result<Arc<Save>, SaveError> {
        let save = Arc::new(save?);
        if u64::try_from(save.text().len()).unwrap_or(u64::MAX) > self.cache.largest_text() {
            return Err(SaveError::new(
                SaveErrorKind::LimitExceeded,
                format!("the save has {} bytes of text, more than this worker opens", save.text().len()),
                "the gamestate",
                "give the worker more memory with GANTRY_MAX_MEMORY_MB",
            ));
        }
        self.opened = Some(save.clone());
        Ok(save)
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        let mut state = self.cache.lock();
        state.used = state.used.saturating_sub(self.estimate);
        match self.opened.take() {
            None => {
                state.saves.remove(self.sha256);
            }
            Some(save) => {
                let bytes = u64::try_from(save.text().len()).unwrap_or(u64::MAX).saturating_mul(TEXTS);
                state.used += bytes;
                let asked = state.asked;
                state.saves.insert(self.sha256.to_owned(), Slot::Open { save, bytes, asked });
            }
        }
        drop(state);
        self.cache.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::Limits;

    fn save(bytes: usize) -> Result<Save, SaveError> {
        Save::from_bytes(format!("a=\"{}\"\n", "x".repeat(bytes)).into_bytes(), &Limits::default())
    }

    fn get(cache: &SaveCache, hash: &str, bytes: usize) -> Result<(Arc<Save>, bool), Missed> {
        cache.get(hash, bytes as u64, &|| false, |_| save(bytes))
    }

    #[test]
    fn a_save_is_opened_once_and_the_one_asked_least_lately_is_closed() {
        let cache = SaveCache::new(60_000);
        assert!(!get(&cache, "a", 1000).unwrap().1);
        assert!(!get(&cache, "b", 1000).unwrap().1);
        assert!(get(&cache, "a", 1000).unwrap().1);
        for other in ["c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u"] {
            get(&cache, other, 1000).unwrap();
            assert!(get(&cache, "a", 1000).unwrap().1, "it was asked a moment before {other}");
        }
        assert!(!get(&cache, "b", 1000).unwrap().1, "it had to make room");
    }

    #[test]
    fn who_would_pass_the_budget_waits_for_one_in_use() {
        let cache = SaveCache::new(40_000);
        let (held, _) = get(&cache, "a", 1600).unwrap();
        assert_eq!(get(&cache, "b", 1600).unwrap_err(), Missed::GaveUp);
        drop(held);
        assert!(get(&cache, "b", 1600).is_ok());
    }

    #[test]
    fn many_that_ask_for_one_save_get_the_same() {
        let cache = SaveCache::new(1 << 20);
        let opened = AtomicU32::new(0);
        let open = |_: &BufferPool| {
            opened.fetch_add(1, Ordering::Relaxed);
            save(1000)
        };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| cache.get("a", 1000, &|| true, open).unwrap());
            }
        });
        assert_eq!(opened.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_save_that_does_not_open_leaves_no_trace() {
        let cache = SaveCache::new(1 << 20);
        let refused = cache.get("a", 10, &|| false, |_| Save::from_bytes(b"PK\x03\x04".to_vec(), &Limits::default()));
        assert!(matches!(refused, Err(Missed::Save(_))));
        assert!(cache.is_empty());
        assert!(get(&cache, "a", 1000).is_ok());
    }

    #[test]
    fn a_save_that_is_larger_than_the_budget_is_refused() {
        let cache = SaveCache::new(1000);
        assert!(
            matches!(get(&cache, "a", 5000), Err(Missed::Save(error)) if error.kind == SaveErrorKind::LimitExceeded)
        );
        assert!(cache.is_empty());
    }
}
