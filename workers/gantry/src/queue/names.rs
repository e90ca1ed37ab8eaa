//! Names of queues: which are Gantry's, which belong to a host.

use contracts::queues;
use temporalio_common::protos::temporal::api::enums::v1::TaskQueueType;

/// What a queue's tasks are. The server keeps one queue of each kind under every name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Activity,
    Workflow,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Workflow => "workflow",
        }
    }
}

impl From<Kind> for TaskQueueType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Activity => Self::Activity,
            Kind::Workflow => Self::Workflow,
        }
    }
}

/// Gantry's own queues, without those of hosts.
pub(crate) fn ours() -> impl Iterator<Item = (&'static str, Kind)> {
    let activities = queues::ACTIVITY_QUEUES.iter().map(|queue| (*queue, Kind::Activity));
    activities.chain([(queues::WORKFLOWS, Kind::Workflow)])
}

/// The kind of a queue whose name tells it.
pub(crate) fn kind_of(queue: &str) -> Option<Kind> {
    let base = queue.split_once('@').map_or(queue, |(base, _)| base);
    ours().find(|(name, _)| *name == base).map(|(_, kind)| kind)
}

/// The host of a host queue of `base`.
pub(crate) fn host_in<'a>(queue: &'a str, base: &str) -> Option<&'a str> {
    queue.strip_prefix(base)?.strip_prefix('@').filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_queues_are_told_from_names_that_look_alike() {
        assert_eq!(host_in("heavy-compute@h1", "heavy-compute"), Some("h1"));
        assert_eq!(host_in("heavy-compute", "heavy-compute"), None);
        assert_eq!(host_in("heavy-compute@", "heavy-compute"), None);
        assert_eq!(host_in("heavy-compute-2@h1", "heavy-compute"), None);
        assert_eq!(kind_of("heavy-compute@h1"), Some(Kind::Activity));
        assert_eq!(kind_of("workflows"), Some(Kind::Workflow));
        assert_eq!(kind_of("other"), None);
    }
}
