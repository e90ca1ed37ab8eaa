//! Rate limits: a token bucket per sender and per session, in a table that cannot grow.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Buckets that are kept. What does not fit shares one.
const MAX_BUCKETS: usize = 16_384;
/// The table is searched for buckets that are full again at most this often.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// A bucket holds what this many seconds bring.
const BURST_SECONDS: f64 = 2.0;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: f64,
    at: Instant,
}

#[derive(Debug)]
struct Table {
    buckets: HashMap<u64, Bucket>,
    swept: Option<Instant>,
}

/// One limit of so many events a second for each key.
///
/// A bucket may go into debt, so a batch larger than a bucket passes when the bucket is not empty and is paid for
/// afterwards: no request is too large to ever pass.
#[derive(Debug)]
pub(super) struct RateLimit {
    per_second: f64,
    hasher: RandomState,
    table: Mutex<Table>,
}

impl RateLimit {
    /// A limit of `per_second` events; none when that is 0.
    pub(super) fn new(per_second: u32) -> Option<Self> {
        let table = Mutex::new(Table { buckets: HashMap::new(), swept: None });
        (per_second > 0).then(|| Self { per_second: f64::from(per_second), hasher: RandomState::new(), table })
    }

    /// Charges every key with its number of events, or none of them.
    ///
    /// # Errors
    /// The time after which it is worth asking again.
    pub(super) fn charge<'a, K: std::hash::Hash + 'a>(
        &self,
        costs: impl Iterator<Item = (&'a K, u32)> + Clone,
        now: Instant,
    ) -> Result<(), Duration> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wait = 0.0_f64;
        for (key, _) in costs.clone() {
            let slot = self.slot(&mut table, key, now);
            let level = table.buckets.get(&slot).map_or(0.0, |bucket| self.level(bucket, now));
            if level <= 0.0 {
                wait = wait.max((1.0 - level) / self.per_second);
            }
        }
        if wait > 0.0 {
            return Err(Duration::from_secs_f64(wait.min(3_600.0)));
        }
        for (key, cost) in costs {
            let slot = self.slot(&mut table, key, now);
            if let Some(bucket) = table.buckets.get_mut(&slot) {
                *bucket = Bucket { level: self.level(bucket, now) - f64::from(cost), at: now };
            }
        }
        Ok(())
    }

    /// The bucket of a key, made if there is room; else the one that all others share.
    fn slot<K: std::hash::Hash>(&self, table: &mut Table, key: &K, now: Instant) -> u64 {
        let full = Bucket { level: self.per_second * BURST_SECONDS, at: now };
        let hash = self.hasher.hash_one(key);
        if table.buckets.contains_key(&hash) {
            return hash;
        }
        if table.buckets.len() >= MAX_BUCKETS && table.swept.is_none_or(|swept| now - swept >= SWEEP_EVERY) {
            table.swept = Some(now);
            table.buckets.retain(|_, bucket| self.level(bucket, now) < full.level);
        }
        let slot = if table.buckets.len() < MAX_BUCKETS { hash } else { 0 };
        table.buckets.entry(slot).or_insert(full);
        slot
    }

    fn level(&self, bucket: &Bucket, now: Instant) -> f64 {
        let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * self.per_second;
        (bucket.level + gained).min(self.per_second * BURST_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_asks_too_much_waits_and_others_do_not() {
        let limit = RateLimit::new(10).unwrap();
        let start = Instant::now();
        let ask = |key: &str, cost, after: u64| {
            limit.charge([(&key.to_owned(), cost)].into_iter(), start + Duration::from_millis(after))
        };
        assert_eq!(ask("a", 20, 0), Ok(()));
        assert_eq!(ask("a", 1, 0), Err(Duration::from_millis(100)));
        assert_eq!(ask("b", 1, 0), Ok(()));
        assert_eq!(ask("a", 50, 1_000), Ok(()));
        // 40 in debt.
        assert!(ask("a", 1, 1_000).unwrap_err() > Duration::from_secs(4));
        assert_eq!(ask("a", 1, 5_200), Ok(()));
    }

    #[test]
    fn one_that_is_over_refuses_the_whole_request_and_costs_the_others_nothing() {
        let limit = RateLimit::new(1).unwrap();
        let now = Instant::now();
        limit.charge([(&"a", 2)].into_iter(), now).unwrap();
        limit.charge([(&"b", 1), (&"a", 1)].into_iter(), now).unwrap_err();
        limit.charge([(&"b", 1)].into_iter(), now).unwrap();
        limit.charge([(&"b", 1)].into_iter(), now).unwrap();
    }

    #[test]
    fn the_table_does_not_grow_and_what_does_not_fit_is_limited_all_the_same() {
        let limit = RateLimit::new(1).unwrap();
        let now = Instant::now();
        let mut refused = 0;
        for key in 0..MAX_BUCKETS + 100 {
            refused += usize::from(limit.charge([(&key, 1)].into_iter(), now).is_err());
        }
        assert!(limit.table.lock().unwrap().buckets.len() <= MAX_BUCKETS + 1);
        assert!(refused > 90, "{refused}");
        let later = now + Duration::from_secs(10);
        limit.charge([(&"new", 1)].into_iter(), later).unwrap();
        assert_eq!(limit.table.lock().unwrap().buckets.len(), 1);
    }
}
