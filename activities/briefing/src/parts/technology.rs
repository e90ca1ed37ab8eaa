//! What the empire has researched, researches and could research.

use std::{borrow::Cow, collections::BTreeMap};

use save_parsing::{Raw, RawBlock, RawField};

use crate::{
    fact::{Fact, Object, Why},
    model::{Model, id_of},
};

/// The fields of research.
const FIELDS: [&str; 3] = ["physics", "society", "engineering"];

/// `tech_status`, read once.
#[derive(Default)]
struct Status<'s> {
    /// Technologies with their levels, in the order of the file.
    researched: Vec<(Cow<'s, str>, i64)>,
    /// What is researched, by field.
    queues: BTreeMap<&'static str, RawBlock<'s>>,
    alternatives: Option<RawBlock<'s>>,
    /// Who researches, by field: only written in 2.x.
    leaders: Option<RawBlock<'s>>,
}

impl<'s> Status<'s> {
    fn of(block: RawBlock<'s>) -> Self {
        let mut status = Self::default();
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"technology" => status.researched.extend(value.text().map(|name| (name, 1))),
            // The level of the technology before it.
            b"level" => {
                if let (Some((_, level)), Some(written)) = (status.researched.last_mut(), value.integer()) {
                    *level = written;
                }
            }
            b"alternatives" => status.alternatives = value.block(),
            b"leaders" => status.leaders = value.block(),
            key => {
                let field = FIELDS.into_iter().find(|field| key.strip_suffix(b"_queue") == Some(field.as_bytes()));
                if let (Some(field), Some(queue)) = (field, value.block()) {
                    status.queues.insert(field, queue);
                }
            }
        });
        status
    }

    /// What a field works on: the head of its queue.
    fn in_progress(&self, field: &str) -> Option<Object> {
        let head = self.queues.get(field).and_then(|queue| queue.items().first()?.block())?;
        let mut row = Object::new();
        row.known_or("tech", head.text("technology"), "the queue does not name it");
        row.put("progress", head.number("progress").unwrap_or_default());
        row.unknown("cost", "the cost of a technology is not in the save");
        row.unknown("percent_complete", "the cost of a technology is not in the save");
        let leader = self.leaders.and_then(|leaders| id_of(leaders, field));
        row.known_or("leader_id", leader, "only 2.x writes who researches");
        Some(row)
    }

    fn available(&self, field: &str) -> Vec<Cow<'s, str>> {
        let techs = self.alternatives.and_then(|alternatives| alternatives.block(field)).map(RawBlock::items);
        let mut techs: Vec<_> = techs.unwrap_or_default().into_iter().filter_map(Raw::text).collect();
        techs.sort_unstable();
        techs
    }
}

/// What the empire has researched, researches and could research.
pub fn technology(model: &Model<'_>) -> Object {
    let mut out = Object::new();
    match model.own.block("tech_status") {
        Some(block) => of_status(model, &Status::of(block), &mut out),
        None => {
            for name in ["researched_techs", "completed_count", "in_progress"] {
                out.unknown(name, NO_STATUS);
            }
            put_speed(model, &mut out);
            for name in ["available_techs", "repeatables", "repeatables_total_levels"] {
                out.unknown(name, NO_STATUS);
            }
        }
    }
    out
}

const NO_STATUS: &str = "the country has no tech_status";

fn of_status(model: &Model<'_>, status: &Status<'_>, out: &mut Object) {
    let explaining = model.explaining;
    let path = |field: &str| model.own_path(&format!("tech_status.{field}"));
    let mut techs: Vec<&str> = status.researched.iter().map(|(name, _)| &**name).collect();
    techs.sort_unstable();
    let count = techs.len();
    out.put("researched_techs", Fact::texts(techs))
        .why(explaining, || Why::rule("every `technology`, sorted").from(path("technology"), count));
    out.put("completed_count", count).why(explaining, || {
        Why::rule("how many `technology` there are; what is in a queue is not done").from(path("technology"), count)
    });
    let mut in_progress = Object::new();
    for field in FIELDS {
        in_progress.known_or(field, status.in_progress(field), "nothing is in the queue of this field");
    }
    out.put("in_progress", in_progress).why(explaining, || {
        let queues = status.queues.iter().map(|(field, queue)| (path(&format!("{field}_queue")), queue.items().len()));
        Why::rule("the first entry of {field}_queue with its progress; the leader from tech_status.leaders")
            .from_all(queues)
    });
    put_speed(model, out);
    let available: Object = FIELDS.into_iter().map(|field| (field, status.available(field))).collect();
    out.put("available_techs", available)
        .why(explaining, || Why::rule("what can be chosen next, sorted").from(path("alternatives"), ""));

    let repeatable =
        |(name, level): &(Cow<'_, str>, i64)| Some((name.strip_prefix("tech_repeatable_")?.to_owned(), *level));
    let repeatables: BTreeMap<String, i64> = status.researched.iter().filter_map(repeatable).collect();
    let total: i64 = repeatables.values().sum();
    let levels =
        || repeatables.iter().map(|(name, level)| (path(&format!("technology.tech_repeatable_{name}.level")), *level));
    let sources: Vec<_> = if explaining { levels().collect() } else { Vec::new() };
    out.put("repeatables", repeatables.iter().map(|(name, level)| (name.clone(), *level)).collect::<Object>())
        .why(explaining, || {
            Why::rule("the `level` behind each `technology` named tech_repeatable_").from_all(sources.clone())
        });
    out.put("repeatables_total_levels", total)
        .why(explaining, || Why::rule("the sum of the levels of repeatable technologies").from_all(sources));
}

fn put_speed(model: &Model<'_>, out: &mut Object) {
    let Some(income) = model.own.block_at("budget.current_month.income") else {
        out.unknown("research_speed", "the country has no budget of the month");
        return;
    };
    let mut parts: [Vec<(String, f64)>; 3] = Default::default();
    income.each(|category| {
        let Some(resources) = category.value.block() else { return };
        resources.each(|RawField { key, value }| {
            let field = key.and_then(|key| key.strip_suffix(b"_research"));
            for (name, parts) in FIELDS.iter().zip(&mut parts) {
                if field == Some(name.as_bytes()) {
                    let path = format!("budget.current_month.income.{}.{name}_research", category.name());
                    parts.push((model.own_path(&path), value.number().unwrap_or_default()));
                }
            }
        });
    });
    let mut speed = Object::new();
    for (field, parts) in FIELDS.into_iter().zip(parts) {
        let sum = parts.iter().map(|(_, income)| income).sum();
        speed.put(field, Fact::rounded(sum, 2)).why(model.explaining, || {
            Why::rule("the month's income of research in this field, summed over the categories of the budget")
                .from_all(parts)
        });
    }
    out.put("research_speed", speed);
}

#[cfg(test)]
mod tests;
