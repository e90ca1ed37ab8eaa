//! Workers, as they tell about themselves in their heartbeats.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use temporalio_common::protos::temporal::api::{
    enums::v1::WorkerStatus, worker::v1::WorkerHeartbeat, worker::v1::WorkerSlotsInfo,
};

use crate::queue::{moment::Moment, names::Kind};

/// How often a worker tells about itself when it did not say otherwise.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);
/// Longer than the heartbeat time-out of every activity: what a worker ran that was silent for so long has been given up
/// by the server.
const SHORTEST_SILENCE: Duration = Duration::from_secs(35);

/// Slots for tasks, and how many are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Slots {
    pub(crate) used: u32,
    /// `None` when the worker does not know its own upper bound.
    pub(crate) free: Option<u32>,
}

impl Slots {
    fn of(info: Option<&WorkerSlotsInfo>) -> Option<Self> {
        let info = info?;
        let used = u32::try_from(info.current_used_slots).unwrap_or_default();
        let slots = Self { used, free: u32::try_from(info.current_available_slots).ok() };
        // A worker that does no such tasks has none, and one that has just started does not know its own yet.
        (slots.total() != Some(0)).then_some(slots)
    }

    pub(crate) fn total(self) -> Option<u32> {
        self.free.map(|free| free + self.used)
    }

    fn and(self, other: Self) -> Self {
        let free = self.free.zip(other.free).map(|(a, b)| a + b);
        Self { used: self.used + other.used, free }
    }

    /// Those of several workers together; `None` if there is none.
    pub(crate) fn sum(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().reduce(Self::and)
    }

    pub(crate) fn json(self) -> Value {
        json!({ "used": self.used, "free": self.free, "total": self.total() })
    }
}

/// A worker of one queue. A process that serves several queues is several workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Names this start of the worker.
    pub(crate) key: String,
    pub(crate) identity: String,
    pub(crate) queue: String,
    pub(crate) host: String,
    pub(crate) build_id: String,
    pub(crate) sdk: String,
    /// It said that it stops.
    pub(crate) stopping: bool,
    /// It said that it has stopped.
    pub(crate) stopped: bool,
    pub(crate) activities: Option<Slots>,
    pub(crate) workflow_tasks: Option<Slots>,
    /// Its last word, by its own clock.
    pub(crate) heartbeat: Option<Moment>,
    /// Time between its last two words.
    pub(crate) interval: Option<Duration>,
}

impl Seen {
    pub(crate) fn of(heartbeat: WorkerHeartbeat) -> Self {
        let status = heartbeat.status();
        Self {
            activities: Slots::of(heartbeat.activity_task_slots_info.as_ref()),
            workflow_tasks: Slots::of(heartbeat.workflow_task_slots_info.as_ref()),
            heartbeat: heartbeat.heartbeat_time.and_then(Moment::of),
            interval: heartbeat.elapsed_since_last_heartbeat.and_then(|elapsed| elapsed.try_into().ok()),
            key: heartbeat.worker_instance_key,
            identity: heartbeat.worker_identity,
            queue: heartbeat.task_queue,
            host: heartbeat.host_info.map(|host| host.host_name).unwrap_or_default(),
            build_id: heartbeat.deployment_version.map(|version| version.build_id).unwrap_or_default(),
            sdk: format!("{} {}", heartbeat.sdk_name, heartbeat.sdk_version),
            stopping: status == WorkerStatus::ShuttingDown,
            stopped: status == WorkerStatus::Shutdown,
        }
    }

    /// Slots for tasks of this kind.
    pub(crate) fn slots(&self, kind: Kind) -> Option<Slots> {
        match kind {
            Kind::Activity => self.activities,
            Kind::Workflow => self.workflow_tasks,
        }
    }

    pub(crate) fn age(&self, now: SystemTime) -> Option<Duration> {
        self.heartbeat.as_ref().map(|heartbeat| heartbeat.age(now))
    }

    /// How long it may be silent until it counts as gone.
    pub(crate) fn patience(&self) -> Duration {
        let interval = self.interval.unwrap_or(DEFAULT_INTERVAL).min(DEFAULT_INTERVAL);
        (interval * 5 / 2).max(SHORTEST_SILENCE)
    }

    /// It has not been heard of for so long that it must be dead or cut off.
    pub(crate) fn is_silent(&self, now: SystemTime) -> bool {
        self.age(now).is_none_or(|age| age > self.patience())
    }

    /// It is there, as far as one can tell; it may be about to stop.
    pub(crate) fn is_live(&self, now: SystemTime) -> bool {
        !self.stopped && !self.is_silent(now)
    }

    /// It asks for tasks, as far as one can tell.
    pub(crate) fn polls(&self, now: SystemTime) -> bool {
        self.is_live(now) && !self.stopping
    }

    /// One word for people.
    pub(crate) fn state(&self, now: SystemTime) -> &'static str {
        match (self.stopped, self.is_silent(now), self.stopping) {
            (true, ..) | (_, true, true) => "stopped",
            (_, true, false) => "silent",
            (_, _, true) => "stopping",
            _ => "running",
        }
    }

    pub(crate) fn json(&self, kind: Kind, now: SystemTime) -> Value {
        json!({
            "identity": self.identity,
            "queue": self.queue,
            "host": self.host,
            "buildId": self.build_id,
            "sdk": self.sdk,
            "state": self.state(now),
            "slots": self.slots(kind).map(Slots::json),
            "heartbeat": self.heartbeat.as_ref().map(|h| &h.text),
            "heartbeatAgeMs": self.age(now).map(millis),
            "contracts": contracts_of(&self.identity),
        })
    }
}

/// Milliseconds as JSON takes them.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The hash of the contracts that a worker was built with, when its identity tells: `... contracts:<12 hex>`.
pub(crate) fn contracts_of(identity: &str) -> Option<&str> {
    let hash = identity.split_whitespace().find_map(|word| word.strip_prefix("contracts:"))?;
    (hash.len() == 12 && hash.bytes().all(|b| b.is_ascii_hexdigit())).then_some(hash)
}

/// An identity without the hash of the contracts, for narrow places.
pub(crate) fn short_identity(identity: &str) -> &str {
    identity.split_once(" contracts:").map_or(identity, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(interval: Option<u64>, stopping: bool) -> Seen {
        let time = SystemTime::UNIX_EPOCH;
        Seen {
            key: "k".into(),
            identity: "gantry-heavy-compute:7@h1 contracts:0de8f3fac605".into(),
            queue: "heavy-compute".into(),
            host: "vm".into(),
            build_id: "0.1.0".into(),
            sdk: "temporal-rust 1.1.1".into(),
            stopping,
            stopped: false,
            activities: Some(Slots { used: 1, free: Some(3) }),
            workflow_tasks: None,
            heartbeat: Some(Moment { time, text: String::new() }),
            interval: interval.map(Duration::from_secs),
        }
    }

    #[test]
    fn silence_is_judged_by_the_workers_own_interval() {
        let after = |s| SystemTime::UNIX_EPOCH + Duration::from_secs(s);
        assert_eq!(seen(Some(10), false).state(after(34)), "running");
        assert_eq!(seen(Some(10), false).state(after(36)), "silent");
        assert_eq!(seen(Some(60), false).state(after(149)), "running");
        assert_eq!(seen(None, false).state(after(151)), "silent");
        assert_eq!(seen(Some(10), true).state(after(5)), "stopping");
        assert_eq!(seen(Some(10), true).state(after(36)), "stopped");
    }

    #[test]
    fn an_identity_tells_the_contracts_or_it_does_not() {
        let worker = seen(None, false);
        assert_eq!(contracts_of(&worker.identity), Some("0de8f3fac605"));
        assert_eq!(short_identity(&worker.identity), "gantry-heavy-compute:7@h1");
        for other in ["123@host", "x contracts:", "x contracts:0de8f3fac60", "x contracts:0de8f3fac60z", "contracts 1"]
        {
            assert_eq!(contracts_of(other), None, "{other}");
        }
    }

    #[test]
    fn slots_add_up_and_an_unknown_bound_stays_unknown() {
        let two = [Slots { used: 1, free: Some(3) }, Slots { used: 2, free: Some(0) }];
        assert_eq!(Slots::sum(two).and_then(Slots::total), Some(6));
        let unbounded = Slots { used: 1, free: None };
        assert_eq!(Slots::sum([two[0], unbounded]), Some(Slots { used: 2, free: None }));
        assert_eq!(Slots::sum([]), None);
    }
}
