//! The gates to the L-cluster.

use save_parsing::{RawBlock, RawField};

use crate::{
    fact::{Object, Why},
    model::Model,
};

use super::found;

/// How many insights open the gates: a rule of the game.
const INSIGHTS_REQUIRED: u32 = 7;

/// The gates to the L-cluster: whether there are any, who knows how much, whether they are open.
pub(super) fn lgate(model: &Model<'_>) -> Object {
    let explaining = model.explaining;
    let gates = gates(model);
    let mut out = Object::new();
    enabled(model, gates, &mut out);
    let (insights, source) = insights(model);
    out.put("insights_collected", insights).why(explaining, || {
        Why::rule(
            "variable num_lcluster_clues, else the counter of the event chain, else the level of the repeatable technology, else 0",
        )
        .from(source, insights)
    });
    out.put("insights_required", INSIGHTS_REQUIRED)
        .why(explaining, || Why::rule("the game asks for seven; this is in no save"));
    opened(model, gates, &mut out);
    out.unknown(
        "player_activation_progress",
        "progress is only written of technologies in research; the number in the save is the weight of a draw",
    );
    let status = model.own.block("tech_status");
    let researched = status.map(|status| level(status, "tech_lgate_activation").is_some());
    out.known_or("activation_researched", researched, "the country has no `tech_status`").why(explaining, || {
        Why::rule("tech_lgate_activation is among the technologies of the country")
            .from(model.own_path("tech_status.technology"), found(researched == Some(true)))
    });
    out
}

/// How many bypasses are gates to the L-cluster and how many of them are active; none without the section.
fn gates(model: &Model<'_>) -> Option<(usize, usize)> {
    let bypasses = model.section("bypasses")?;
    let (mut gates, mut active) = (0, 0);
    bypasses.each_numbered(|_, value| {
        let Some(bypass) = value.block() else { return };
        let (mut is_gate, mut is_active) = (false, false);
        bypass.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"type" => is_gate = value.scalar().is_some_and(|kind| kind.bytes == b"lgate"),
            b"active" => is_active = value.is_yes(),
            _ => {}
        });
        gates += usize::from(is_gate);
        active += usize::from(is_gate && is_active);
    });
    Some((gates, active))
}

fn enabled(model: &Model<'_>, gates: Option<(usize, usize)>, out: &mut Object) {
    let setting = model.section("galaxy").and_then(|galaxy| galaxy.text("lgate_enabled"));
    let enabled = match &setting {
        Some(setting) => Some(setting == "yes"),
        None => gates.map(|(gates, _)| gates > 0),
    };
    out.known_or("lgate_enabled", enabled, model.absent("bypasses")).why(model.explaining, || {
        Why::rule("the setting lgate_enabled, which 2.x and 3.0 do not write; without it any bypass of type lgate")
            .from("galaxy.lgate_enabled", setting.as_deref().unwrap_or("not there"))
            .from("bypasses", format!("{} of type lgate", gates.unwrap_or_default().0))
    });
}

fn opened(model: &Model<'_>, gates: Option<(usize, usize)>, out: &mut Object) {
    let flag = model.section("flags").map(|flags| flags.get("l_cluster_opened").is_some());
    let active = gates.map(|(_, active)| active > 0);
    let opened = match (flag, active) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    };
    let missing = if flag.is_none() { "flags" } else { "bypasses" };
    out.known_or("lgate_opened", opened, model.absent(missing)).why(model.explaining, || {
        Why::rule("the flag of the galaxy l_cluster_opened, or an active bypass of type lgate")
            .from("flags.l_cluster_opened", found(flag == Some(true)))
            .from("bypasses", format!("{} active ones of type lgate", gates.unwrap_or_default().1))
    });
}

/// The insights of the player and where they are written.
fn insights(model: &Model<'_>) -> (i64, String) {
    let variable = || model.own.block("variables")?.integer("num_lcluster_clues");
    let repeatable = || level(model.own.block("tech_status")?, "tech_repeatable_lcluster_clue");
    if let Some(insights) = variable() {
        (insights, model.own_path("variables.num_lcluster_clues"))
    } else if let Some(insights) = model.own.block("events").and_then(chain_clues) {
        (insights, model.own_path("events.event_chain[l_cluster_chain].counter.clues"))
    } else if let Some(insights) = repeatable() {
        (insights, model.own_path("tech_status.technology[tech_repeatable_lcluster_clue].level"))
    } else {
        (0, model.own_path("variables.num_lcluster_clues"))
    }
}

fn chain_clues(events: RawBlock<'_>) -> Option<i64> {
    let chains = events.all("event_chain");
    let chain = chains.into_iter().filter_map(|chain| chain.block());
    let mut clues = None;
    for chain in chain.filter(|chain| chain.text("event_chain").is_some_and(|name| name == "l_cluster_chain")) {
        clues = chain.block("counter").and_then(|counter| counter.integer("clues")).or(clues);
    }
    clues
}

/// The level of a technology that is researched: each `technology` is followed by its `level`.
fn level(status: RawBlock<'_>, technology: &str) -> Option<i64> {
    let (mut level, mut is_it) = (None, false);
    status.each(|RawField { key, value }| match key.unwrap_or_default() {
        b"technology" => {
            is_it = value.scalar().is_some_and(|name| name.bytes == technology.as_bytes());
            if is_it {
                level = Some(1);
            }
        }
        b"level" if is_it => level = value.integer().or(level),
        _ => {}
    });
    level
}
