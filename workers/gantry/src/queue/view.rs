//! A queue with its workers and its host queues: what `list`, `describe` and `top` show.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::queue::{
    dispatch::Dispatch,
    limit::number,
    names::Kind,
    worker::{Seen, Slots, millis},
};

/// Whether a queue and its host queues are paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paused {
    No,
    /// Some of them are.
    Partly,
    Yes,
}

/// A queue with its workers and its host queues.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct View {
    pub(crate) dispatch: Dispatch,
    pub(crate) workers: Vec<Seen>,
    /// By name; none if this is a host queue itself.
    pub(crate) hosts: Vec<View>,
}

impl View {
    pub(crate) fn queue(&self) -> &str {
        &self.dispatch.queue
    }

    pub(crate) fn kind(&self) -> Kind {
        self.dispatch.kind
    }

    /// The queue itself, then its host queues.
    pub(crate) fn family(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.hosts)
    }

    pub(crate) fn paused(&self) -> Paused {
        let paused = self.family().filter(|view| view.dispatch.is_paused()).count();
        match paused {
            0 => Paused::No,
            n if n == 1 + self.hosts.len() => Paused::Yes,
            _ => Paused::Partly,
        }
    }

    /// Tasks that wait here and in the host queues.
    pub(crate) fn waiting(&self) -> u64 {
        self.family().map(|view| view.dispatch.backlog).sum()
    }

    /// Slots of the workers that have been heard of lately.
    pub(crate) fn slots(&self, now: SystemTime) -> Option<Slots> {
        let live = self.workers.iter().filter(|worker| worker.is_live(now));
        Slots::sum(live.filter_map(|worker| worker.slots(self.kind())))
    }

    /// Tasks that run here and in the host queues, as the workers told last; `None` when none of them tells.
    pub(crate) fn running(&self, now: SystemTime) -> Option<u32> {
        Slots::sum(self.family().filter_map(|view| view.slots(now))).map(|slots| slots.used)
    }

    /// Age of the oldest report that the slots are made of.
    pub(crate) fn report_age(&self, now: SystemTime) -> Option<Duration> {
        self.workers.iter().filter(|worker| worker.is_live(now)).filter_map(|worker| worker.age(now)).max()
    }

    pub(crate) fn json(&self, now: SystemTime) -> Value {
        let mut object = self.own_json(now);
        if let Some(fields) = object.as_object_mut() {
            fields.insert("partlyPaused".to_owned(), (self.paused() == Paused::Partly).into());
            fields.insert("hostQueues".to_owned(), self.hosts.iter().map(|host| host.own_json(now)).collect());
        }
        object
    }

    fn own_json(&self, now: SystemTime) -> Value {
        let dispatch = &self.dispatch;
        let slots = self.slots(now).map(|slots| {
            let mut slots = slots.json();
            if let Some(fields) = slots.as_object_mut() {
                fields.insert("reportAgeMs".to_owned(), self.report_age(now).map(millis).into());
            }
            slots
        });
        let pause = dispatch.pause().map(|note| {
            json!({
                "previousRateLimit": note.previous.map(number),
                "reason": note.reason,
                "by": dispatch.limit.by,
                "since": note.since.as_ref().or(dispatch.limit.at.as_ref().map(|at| &at.text)),
            })
        });
        json!({
            "queue": dispatch.queue,
            "kind": dispatch.kind.as_str(),
            "pollers": dispatch.pollers_json(now),
            "backlog": dispatch.backlog,
            "backlogAgeMs": millis(dispatch.backlog_age),
            "addRate": number(dispatch.add_rate),
            "dispatchRate": number(dispatch.dispatch_rate),
            "paused": dispatch.is_paused(),
            "pause": pause,
            "rateLimit": dispatch.limit.limit.map(number),
            "effectiveRateLimit": dispatch.effective.map(|(limit, _)| number(limit)),
            "effectiveRateLimitSource": dispatch.effective.map(|(_, source)| source),
            "fairnessKeyRateLimit": dispatch.fairness_limit.map(number),
            "slots": slots,
            "versions": dispatch.versions_json(),
            "workers": self.workers.iter().map(|worker| worker.json(self.kind(), now)).collect::<Value>(),
        })
    }
}
