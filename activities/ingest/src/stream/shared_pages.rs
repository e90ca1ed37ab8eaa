//! Pages that several clients want are read once. When the stream is behind under load, all of its clients fall back to the
//! store at the same place, and reading it for each of them would keep it behind.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{Block, Pages};

/// Pages that are remembered.
const REMEMBERED: usize = 4;
/// A larger page is read again.
const REMEMBERED_BYTES: usize = 512 * 1024;
/// What is older is read again: retention may have taken rows away.
const REMEMBERED_FOR: Duration = Duration::from_secs(1);

/// Reads pages through another reader, one at a time.
#[derive(Debug)]
pub struct SharedPages<P> {
    pages: P,
    remembered: Mutex<Vec<Page>>,
}

#[derive(Debug)]
struct Page {
    after: i64,
    limit: usize,
    read: Instant,
    blocks: Vec<Block>,
    last_id: i64,
}

impl<P: Pages> SharedPages<P> {
    /// Over `pages`.
    pub fn new(pages: P) -> Self {
        Self { pages, remembered: Mutex::default() }
    }
}

impl<P: Pages> Pages for SharedPages<P> {
    fn after(&self, after: i64, limit: usize) -> Result<Option<(Vec<Block>, i64)>, String> {
        // Held while the page is read, so that whoever wants the same waits for it. A thread that panicked inside left the
        // pages as they were.
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.retain(|page| page.read.elapsed() < REMEMBERED_FOR);
        if let Some(page) = remembered.iter().find(|page| page.after == after && page.limit == limit) {
            return Ok(Some((page.blocks.clone(), page.last_id)));
        }
        let Some((blocks, last_id)) = self.pages.after(after, limit)? else { return Ok(None) };
        // One that is not full may be longer the next time.
        let full = blocks.iter().map(Block::events).sum::<usize>() == limit;
        if full && blocks.iter().map(Block::len).sum::<usize>() <= REMEMBERED_BYTES {
            if remembered.len() == REMEMBERED {
                remembered.remove(0);
            }
            remembered.push(Page { after, limit, read: Instant::now(), blocks: blocks.clone(), last_id });
        }
        Ok(Some((blocks, last_id)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use super::{super::BlockWriter, *};

    /// Events up to an id that grows.
    #[derive(Default)]
    struct Growing {
        head: AtomicI64,
        reads: AtomicUsize,
    }

    impl Pages for Growing {
        fn after(&self, after: i64, limit: usize) -> Result<Option<(Vec<Block>, i64)>, String> {
            self.reads.fetch_add(1, Ordering::Relaxed);
            let last = self.head.load(Ordering::Relaxed).min(after + i64::try_from(limit).unwrap());
            let mut writer = BlockWriter::default();
            (after + 1..=last).for_each(|id| writer.event(id, "a", "error", |json| json.push_str("{}")));
            Ok((last > after).then(|| (writer.finish(), last)))
        }
    }

    #[test]
    fn a_full_page_is_read_once_for_all_and_one_that_may_grow_is_read_again() {
        let pages = SharedPages::new(Growing::default());
        pages.pages.head.store(15, Ordering::Relaxed);
        for _ in 0..5 {
            assert_eq!(pages.after(0, 10).unwrap().unwrap().1, 10);
        }
        assert_eq!(pages.pages.reads.load(Ordering::Relaxed), 1);
        assert_eq!(pages.after(10, 10).unwrap().unwrap().1, 15);
        pages.pages.head.store(18, Ordering::Relaxed);
        assert_eq!(pages.after(10, 10).unwrap().unwrap().1, 18);
        assert!(pages.after(18, 10).unwrap().is_none());
        assert_eq!(pages.pages.reads.load(Ordering::Relaxed), 4);
    }
}
