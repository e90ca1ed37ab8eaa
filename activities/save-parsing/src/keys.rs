//! Which keys of a container are the same.

use std::hash::BuildHasher;

/// No entry.
pub(crate) const NONE: u32 = u32::MAX;

/// Places of keys by their bytes. Holds numbers alone; the caller knows the bytes.
#[derive(Debug, Default)]
pub(crate) struct KeyTable {
    slots: Vec<u32>,
    hasher: foldhash::fast::RandomState,
}

impl KeyTable {
    /// Empties it, with room for `count` keys.
    pub(crate) fn reset(&mut self, count: usize) {
        let size = (count * 2).next_power_of_two();
        self.slots.clear();
        self.slots.resize(size, NONE);
    }

    /// Puts `at` in the place of its key and returns what was there before: the last one with the same key.
    #[inline]
    pub(crate) fn insert<'t>(&mut self, at: u32, key: &[u8], key_at: impl Fn(u32) -> &'t [u8]) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut place = self.place(key, mask);
        // Half of the slots are empty, so one is met.
        while let Some(slot) = self.slots.get_mut(place) {
            if *slot == NONE {
                *slot = at;
                return None;
            }
            if key_at(*slot) == key {
                return Some(std::mem::replace(slot, at));
            }
            place = (place + 1) & mask;
        }
        None
    }

    /// The last one with this key.
    pub(crate) fn find<'t>(&self, key: &[u8], key_at: impl Fn(u32) -> &'t [u8]) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut place = self.place(key, mask);
        while let Some(slot) = self.slots.get(place) {
            if *slot == NONE {
                return None;
            }
            if key_at(*slot) == key {
                return Some(*slot);
            }
            place = (place + 1) & mask;
        }
        None
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low bits of a hash are as good as all")]
    fn place(&self, key: &[u8], mask: usize) -> usize {
        self.hasher.hash_one(key) as usize & mask
    }
}
