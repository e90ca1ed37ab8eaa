//! What the server tells about one queue.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use temporalio_common::protos::temporal::api::{
    deployment::v1::WorkerDeploymentVersion,
    enums::v1::{RateLimitSource, WorkerVersioningMode},
    taskqueue::v1::{PollerInfo, RateLimitConfig},
    workflowservice::v1::DescribeTaskQueueResponse,
};

use crate::queue::{
    limit::number,
    moment::Moment,
    names::Kind,
    pause_note::PauseNote,
    worker::{contracts_of, millis},
};

/// A version of a worker deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) deployment: String,
    pub(crate) build_id: String,
}

impl Version {
    fn of(version: WorkerDeploymentVersion) -> Self {
        Self { deployment: version.deployment_name, build_id: version.build_id }
    }
}

/// Who has asked for tasks in the last minutes, alive or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Poller {
    pub(crate) identity: String,
    /// When it last asked, by the server's clock.
    pub(crate) last_seen: Option<Moment>,
    pub(crate) version: Option<Version>,
    /// It gets only what is meant for its version.
    pub(crate) versioned: bool,
}

impl Poller {
    fn of(poller: PollerInfo) -> Self {
        let options = poller.deployment_options;
        Self {
            identity: poller.identity,
            last_seen: poller.last_access_time.and_then(Moment::of),
            versioned: options.as_ref().is_some_and(|o| o.worker_versioning_mode() == WorkerVersioningMode::Versioned),
            version: options.map(|o| Version { deployment: o.deployment_name, build_id: o.build_id }),
        }
    }

    pub(crate) fn age(&self, now: SystemTime) -> Option<Duration> {
        self.last_seen.as_ref().map(|seen| seen.age(now))
    }

    fn json(&self, now: SystemTime) -> Value {
        json!({
            "identity": self.identity,
            "lastSeen": self.last_seen.as_ref().map(|seen| &seen.text),
            "lastSeenAgeMs": self.age(now).map(millis),
            "deployment": self.version.as_ref().map(|v| &v.deployment),
            "buildId": self.version.as_ref().map(|v| &v.build_id),
            "versioned": self.versioned,
            "contracts": contracts_of(&self.identity),
        })
    }
}

/// A rate limit that somebody set, and who did.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct SetLimit {
    /// Tasks a second; `None` when it was taken away again.
    pub(crate) limit: Option<f32>,
    pub(crate) reason: String,
    pub(crate) by: String,
    pub(crate) at: Option<Moment>,
}

impl SetLimit {
    fn of(config: RateLimitConfig) -> Self {
        let metadata = config.metadata.unwrap_or_default();
        Self {
            limit: config.rate_limit.map(|limit| limit.requests_per_second),
            reason: metadata.reason,
            by: metadata.update_identity,
            at: metadata.update_time.and_then(Moment::of),
        }
    }
}

/// What the server tells about one queue.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dispatch {
    pub(crate) queue: String,
    pub(crate) kind: Kind,
    pub(crate) pollers: Vec<Poller>,
    /// Tasks that wait, about.
    pub(crate) backlog: u64,
    /// How long the oldest has been waiting.
    pub(crate) backlog_age: Duration,
    /// Tasks a second, over the last 30 seconds.
    pub(crate) add_rate: f32,
    pub(crate) dispatch_rate: f32,
    /// Limit set for this queue.
    pub(crate) limit: SetLimit,
    /// Limit set for each fairness key.
    pub(crate) fairness_limit: Option<f32>,
    /// What the server goes by, and where that comes from.
    pub(crate) effective: Option<(f32, &'static str)>,
    /// Version that gets the tasks; `None`: workers without a version.
    pub(crate) current: Option<Version>,
    /// Version that gets a share of them.
    pub(crate) ramping: Option<(Version, f32)>,
}

impl Dispatch {
    pub(crate) fn of(queue: &str, kind: Kind, answer: DescribeTaskQueueResponse) -> Self {
        let stats = answer.stats.unwrap_or_default();
        let config = answer.config.unwrap_or_default();
        let versioning = answer.versioning_info.unwrap_or_default();
        let percentage = versioning.ramping_version_percentage;
        let effective = answer.effective_rate_limit.map(|limit| {
            let source = match limit.rate_limit_source() {
                RateLimitSource::Api => "queue",
                RateLimitSource::Worker => "worker",
                _ => "server",
            };
            (limit.requests_per_second, source)
        });
        Self {
            queue: queue.to_owned(),
            kind,
            pollers: answer.pollers.into_iter().map(Poller::of).collect(),
            backlog: u64::try_from(stats.approximate_backlog_count).unwrap_or_default(),
            backlog_age: stats.approximate_backlog_age.and_then(|age| age.try_into().ok()).unwrap_or_default(),
            add_rate: stats.tasks_add_rate,
            dispatch_rate: stats.tasks_dispatch_rate,
            limit: config.queue_rate_limit.map(SetLimit::of).unwrap_or_default(),
            fairness_limit: config
                .fairness_keys_rate_limit_default
                .and_then(|c| c.rate_limit)
                .map(|limit| limit.requests_per_second),
            effective,
            current: versioning.current_deployment_version.map(Version::of),
            ramping: versioning.ramping_deployment_version.map(|version| (Version::of(version), percentage)),
        }
    }

    /// How it was before the pause, if it is paused; empty when somebody paused it with another tool.
    pub(crate) fn pause(&self) -> Option<PauseNote> {
        let SetLimit { limit, reason, .. } = &self.limit;
        (*limit == Some(0.0)).then(|| {
            PauseNote::from_text(reason).unwrap_or_else(|| PauseNote { reason: reason.clone(), ..Default::default() })
        })
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.limit.limit == Some(0.0)
    }

    /// Nothing was ever seen of it, or long ago: nobody polls, nothing waits, nothing is set.
    pub(crate) fn is_unknown(&self) -> bool {
        self.pollers.is_empty() && self.backlog == 0 && self.limit.limit.is_none() && self.current.is_none()
    }

    pub(crate) fn pollers_json(&self, now: SystemTime) -> Value {
        self.pollers.iter().map(|poller| poller.json(now)).collect()
    }

    /// The versions of the pollers, and those that the server gives tasks to.
    pub(crate) fn versions_json(&self) -> Value {
        let mut versions: Vec<(&Version, bool, usize)> = Vec::new();
        for poller in &self.pollers {
            let Some(version) = &poller.version else { continue };
            match versions.iter_mut().find(|(v, versioned, _)| *v == version && *versioned == poller.versioned) {
                Some((_, _, pollers)) => *pollers += 1,
                None => versions.push((version, poller.versioned, 1)),
            }
        }
        for target in self.current.iter().chain(self.ramping.as_ref().map(|(version, _)| version)) {
            if !versions.iter().any(|(version, versioned, _)| *version == target && *versioned) {
                versions.push((target, true, 0));
            }
        }
        let json = |(version, versioned, pollers): (&Version, bool, usize)| {
            let ramping = self.ramping.as_ref().filter(|(v, _)| versioned && v == version);
            json!({
                "deployment": version.deployment,
                "buildId": version.build_id,
                "versioned": versioned,
                // Without a current version everything goes to workers without one.
                "current": if versioned { self.current.as_ref() == Some(version) } else { self.current.is_none() },
                "rampingPercentage": ramping.map(|(_, percentage)| number(*percentage)),
                "pollers": pollers,
            })
        };
        versions.into_iter().map(json).collect()
    }
}
