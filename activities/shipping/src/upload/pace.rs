//! A bound on what is sent a second.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::timestamp::Timestamp;

/// Gives each body its turn so that on average no more than the bound is sent. A second's worth may be sent at once.
#[derive(Debug)]
pub(crate) struct Pace {
    bytes_per_second: Option<f64>,
    /// When everything that was let through so far will have been sent.
    free_at: Mutex<f64>,
}

impl Pace {
    /// A bound in megabytes a second, or none.
    pub(crate) fn new(max_mbps: Option<f64>) -> Self {
        Self { bytes_per_second: max_mbps.map(|rate| rate * 1e6), free_at: Mutex::new(0.0) }
    }

    /// Takes a turn for a body and answers how long to wait for it.
    pub(crate) fn turn(&self, bytes: usize, now: Timestamp) -> Duration {
        let Some(rate) = self.bytes_per_second else { return Duration::ZERO };
        let length = u32::try_from(bytes).map_or(f64::from(u32::MAX), f64::from) / rate;
        let now = Duration::from_micros(u64::try_from(now.0).unwrap_or(0)).as_secs_f64();
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let start = free_at.max(now - 1.0);
        *free_at = start + length;
        Duration::try_from_secs_f64(start - now).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_wait_for_what_was_sent_before_them() {
        let pace = Pace::new(Some(1.0));
        let now = Timestamp(1_000_000_000);
        assert_eq!(pace.turn(1_000_000, now), Duration::ZERO, "a second's worth at once");
        assert_eq!(pace.turn(2_000_000, now), Duration::ZERO);
        assert!((pace.turn(1, now).as_secs_f64() - 2.0).abs() < 0.001);
        assert_eq!(Pace::new(None).turn(usize::MAX, now), Duration::ZERO);
    }
}
