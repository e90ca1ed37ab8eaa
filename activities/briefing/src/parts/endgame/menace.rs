//! Becoming the crisis oneself.

use save_parsing::Raw;

use crate::{
    fact::{Object, Why},
    model::Model,
};

use super::found;

/// Becoming the crisis oneself. The keys are not seen in any save at hand [U].
pub(super) fn menace(model: &Model<'_>) -> Object {
    let explaining = model.explaining;
    let perks = model.own.block("ascension_perks").map(|perks| perks.items()).unwrap_or_default();
    let has_perk = perks.into_iter().filter_map(Raw::text).any(|perk| perk == "ap_become_the_crisis");
    let mut out = Object::new();
    out.put("has_crisis_perk", has_perk).why(explaining, || {
        Why::rule("ap_become_the_crisis is among the perks").from(model.own_path("ascension_perks"), found(has_perk))
    });
    let stocks = "modules.standard_economy_module.resources";
    let menace = model.own.number("menace").or_else(|| model.own.block_at(stocks)?.number("menace"));
    let level = model.own.integer("crisis_level");
    out.put("menace_level", menace.filter(|_| has_perk).unwrap_or_default()).why(explaining, || {
        Why::heuristic("`menace` of the country, else its stock of menace; 0 without the perk")
            .from(model.own_path("menace"), menace.unwrap_or_default())
    });
    out.put("crisis_level", level.filter(|_| has_perk).unwrap_or_default()).why(explaining, || {
        Why::heuristic("`crisis_level` of the country; 0 without the perk")
            .from(model.own_path("crisis_level"), level.unwrap_or_default())
    });
    out
}
