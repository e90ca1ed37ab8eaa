//! How many events a device may send in a minute.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::refusal::Refusal;

/// Devices that are told apart; more share what is left of the oldest ones' memory, and start anew.
const MOST_DEVICES: usize = 4096;

/// Lets a body through while its device has anything left, and charges for all of its events: a body that is larger than a
/// minute's allowance passes too, and is waited for afterwards. (A limit that some bodies can never pass loses them.)
#[derive(Debug)]
pub(crate) struct RateLimit {
    events_per_minute: u32,
    devices: Mutex<HashMap<String, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl RateLimit {
    pub(crate) fn new(events_per_minute: u32) -> Self {
        Self { events_per_minute: events_per_minute.max(1), devices: Mutex::default() }
    }

    pub(crate) fn charge(&self, device: &str, events: usize, now: Instant) -> Result<(), Refusal> {
        let most = f64::from(self.events_per_minute);
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        if devices.len() >= MOST_DEVICES && !devices.contains_key(device) {
            devices.clear();
        }
        let bucket = devices.entry(device.to_owned()).or_insert(Bucket { left: most, at: now });
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.left = (bucket.left + passed * most / 60.0).min(most);
        bucket.at = now;
        if bucket.left < 1.0 {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a positive number of seconds; a cast from a float saturates"
            )]
            let seconds = ((1.0 - bucket.left) * 60.0 / most).ceil() as u64;
            return Err(Refusal::RateLimited { seconds: seconds.clamp(1, 3600) });
        }
        bucket.left -= f64::from(u32::try_from(events).unwrap_or(u32::MAX));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_large_body_passes_and_is_waited_for() {
        let (limit, start) = (RateLimit::new(60), Instant::now());
        limit.charge("a", 120, start).unwrap();
        assert_eq!(limit.charge("a", 1, start), Err(Refusal::RateLimited { seconds: 61 }));
        limit.charge("b", 1, start).unwrap();
        assert!(limit.charge("a", 1, start + Duration::from_secs(60)).is_err());
        limit.charge("a", 1, start + Duration::from_secs(61)).unwrap();
    }
}
