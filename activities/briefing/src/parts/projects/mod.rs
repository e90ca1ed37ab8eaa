//! Special projects, chains of events, precursors.

mod precursors;

use std::borrow::Cow;

use save_parsing::{Raw, RawBlock, RawField};

use crate::{
    fact::{Fact, Object, Why},
    model::{Model, id},
};

/// What a completed chain is known for: a part of its key, and a label. The first that is in the key counts.
const NOTABLE: [(&str, &str); 10] = [
    ("horizon_signal", "Horizon Signal (The Worm)"),
    ("ghost_signal", "Ghost Signal (Contingency warning)"),
    ("ai_crisis", "AI Crisis"),
    ("war_in_heaven", "War in Heaven"),
    ("prethoryn", "Prethoryn Scourge"),
    ("extradimensional", "Extradimensional Invaders"),
    ("gray", "Gray (L-Cluster)"),
    ("market_founding", "Galactic Market Founding"),
    ("wenkwort", "Wenkwort Artem"),
    ("shroud", "Shroud Events"),
];

/// What the country's events hold.
#[derive(Debug, Default)]
struct Events<'s> {
    projects: Vec<Project<'s>>,
    /// Keys of the chains that are over.
    completed: Vec<Cow<'s, str>>,
    chains: Vec<Chain<'s>>,
}

/// A special project.
#[derive(Debug, Default)]
struct Project<'s> {
    id: Option<u32>,
    name: Option<Cow<'s, str>>,
    days_left: Option<f64>,
    debris: Option<u32>,
    /// `completed`, while it is kept as an entry.
    status: Option<Cow<'s, str>>,
}

/// A chain of events that goes on.
#[derive(Debug)]
struct Chain<'s> {
    name: Cow<'s, str>,
    counters: Vec<(Cow<'s, str>, i64)>,
}

/// Special projects, chains of events, precursors.
pub fn projects(model: &Model<'_>) -> Object {
    let mut projects = Object::new();
    let Some(events) = model.own.block("events").map(Events::of) else {
        for name in [
            "active_projects",
            "active_count",
            "soonest_completion",
            "completed_chains",
            "notable_completed",
            "event_chains",
            "precursor_progress",
        ] {
            projects.unknown(name, "the country has no events");
        }
        return projects;
    };
    let count = events.projects.len();
    projects.put("active_projects", events.projects.iter().map(project).collect::<Vec<_>>()).why(
        model.explaining,
        || {
            Why::rule(
            "Every special project of the country, the completed ones that are still listed among them (status); one \
             without days_left has no limit",
        )
            .from(model.own_path("events.special_project"), format!("{count} entries"))
        },
    );
    projects.put("active_count", count).why(model.explaining, || {
        Why::rule("Special projects of the country").from(model.own_path("events.special_project"), count)
    });
    let limits = events.projects.iter().filter_map(|project| project.days_left).filter(|days| *days >= 0.0);
    let soonest = limits.reduce(f64::min);
    projects.known_or("soonest_completion", soonest.map(Fact::decimal), "no project has a limit of time").why(
        model.explaining,
        || {
            let days = |project: &Project<'_>| {
                let number = project.id.unwrap_or_default();
                let path = model.own_path(&format!("events.special_project[id={number}].days_left"));
                Some((path, project.days_left.filter(|days| *days >= 0.0)?))
            };
            Why::rule("The least days_left, in days").from_all(events.projects.iter().filter_map(days))
        },
    );
    chains(model, &events, &mut projects);
    projects.put("precursor_progress", precursors::progress(model, &events));
    projects
}

fn chains(model: &Model<'_>, events: &Events<'_>, projects: &mut Object) {
    let completed = events.completed.iter().map(|chain| chain.as_ref()).collect::<Vec<_>>();
    let mut notable = Vec::new();
    for chain in &completed {
        if let Some((_, label)) = NOTABLE.iter().find(|(part, _)| chain.contains(part))
            && !notable.contains(label)
        {
            notable.push(*label);
        }
    }
    let path = || model.own_path("events.completed_event_chain");
    projects.put("completed_chains", completed).why(model.explaining, || {
        Why::rule("Chains of events that are over, in the order of the save").from(path(), events.completed.len())
    });
    projects.put("notable_completed", notable).why(model.explaining, || {
        Why::rule("Completed chains whose key holds that of a known story").from(path(), events.completed.len())
    });
    let rows: Vec<Object> = events.chains.iter().map(chain).collect();
    projects.put("event_chains", rows).why(model.explaining, || {
        Why::rule("Chains of events that go on, with their counters")
            .from(model.own_path("events.event_chain"), events.chains.len())
    });
}

impl<'s> Events<'s> {
    fn of(block: RawBlock<'s>) -> Self {
        let mut events = Self::default();
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"special_project" => events.projects.extend(value.block().map(Project::of)),
            b"completed_event_chain" => events.completed.extend(value.text()),
            b"event_chain" => events.chains.extend(value.block().and_then(Chain::of)),
            _ => {}
        });
        events.projects.sort_by_key(|project| project.id);
        events
    }

    /// A counter of a chain that goes on; a chain that goes on and has not counted yet is at 0.
    fn counter(&self, chain: &str, counter: &str) -> Option<i64> {
        let chain = self.chains.iter().find(|row| row.name == chain)?;
        Some(chain.counters.iter().find(|(name, _)| name == counter).map_or(0, |(_, count)| *count))
    }
}

impl<'s> Project<'s> {
    fn of(block: RawBlock<'s>) -> Self {
        let mut project = Self::default();
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"id" => project.id = id(value),
            b"special_project" => project.name = value.text(),
            b"days_left" => project.days_left = value.number(),
            b"debris" => project.debris = id(value),
            b"status" => project.status = value.text(),
            _ => {}
        });
        project
    }
}

impl<'s> Chain<'s> {
    fn of(block: RawBlock<'s>) -> Option<Self> {
        let mut counters = Vec::new();
        if let Some(counter) = block.block("counter") {
            counter.each(|member| {
                if let (Some(_), Some(count)) = (member.key, member.value.integer()) {
                    counters.push((member.name(), count));
                }
            });
        }
        Some(Self { name: block.get("event_chain").and_then(Raw::text)?, counters })
    }
}

fn project(project: &Project<'_>) -> Object {
    let mut row = Object::new();
    row.known_or("id", project.id, "the project has no id");
    if let Some(days) = project.days_left {
        row.put("days_left", Fact::decimal(days));
    }
    if let Some(debris) = project.debris {
        row.put("debris_id", debris);
    }
    if let Some(name) = &project.name {
        row.put("name", name.clone());
    }
    if let Some(status) = &project.status {
        row.put("status", status.clone());
    }
    row
}

fn chain(chain: &Chain<'_>) -> Object {
    let mut row = Object::new();
    row.put("name", chain.name.clone());
    row.put("counter", chain.counters.iter().map(|(name, count)| (name.to_string(), *count)).collect::<Object>());
    row
}
