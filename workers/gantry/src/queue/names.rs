//! Names of queues: which are Gantry's, and what their tasks are.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_queue_is_told_by_its_name() {
        assert_eq!(kind_of("heavy-compute@h1"), Some(Kind::Activity));
        assert_eq!(kind_of("workflows"), Some(Kind::Workflow));
        assert_eq!(kind_of("other"), None);
    }
}
