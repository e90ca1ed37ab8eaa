//! How far the empire has come: ascension perks, relics, traditions, the galactic community, factions.

mod community;
mod factions;
mod resolution;
mod traditions;

use std::borrow::Cow;

use save_parsing::{Raw, RawBlock};

use crate::{
    fact::{Fact, Object, Why},
    model::Model,
};

/// How far the empire has come.
pub fn progression(model: &Model<'_>) -> Object {
    let mut out = Object::new();
    out.put("ascension_perks", listed(model, "ascension_perks"));
    out.put("relics", relics(model));
    out.put("traditions", traditions::traditions(model));
    community::put(model, &mut out);
    factions::put(model, &mut out);
    out
}

/// A list of the country's, which the game leaves out when it is empty, and how long it is.
fn listed(model: &Model<'_>, name: &'static str) -> Object {
    let items = texts(model.own.block(name));
    let mut out = Object::new();
    let count = items.len();
    let why = |rule| Why::rule(rule).from(model.own_path(name), count);
    out.put(name, Fact::texts(items))
        .why(model.explaining, || why("the list as written; the game leaves empty lists out"));
    out.put("count", count).why(model.explaining, || why("how many the list has"));
    out
}

fn relics(model: &Model<'_>) -> Object {
    let mut out = listed(model, "relics");
    for (name, what) in [("last_activated_relic", "activated"), ("last_received_relic", "received")] {
        let relic = model.own.text(name).filter(|relic| !relic.is_empty());
        let why = Why::rule("as written").from(model.own_path(name), relic.as_deref().unwrap_or_default());
        out.known_or(name, relic, format!("the save names no relic that was {what} last"))
            .why(model.explaining, || why);
    }
    out.unknown("activation_cooldown_days", "the save does not hold the cooldown of relics");
    out
}

/// The texts that a list holds.
fn texts(list: Option<RawBlock<'_>>) -> Vec<Cow<'_, str>> {
    list.map(RawBlock::items).unwrap_or_default().into_iter().filter_map(Raw::text).collect()
}

#[cfg(test)]
mod tests;
