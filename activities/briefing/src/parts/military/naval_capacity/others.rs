//! What federation and overlord bring; and what changes the limit in ways that are not known: terms of subjects, resolutions of
//! the galactic community, relics, leaders, modifiers.

use std::collections::HashSet;

use save_parsing::{Raw, RawBlock};

use super::{
    country,
    sources::{Sources, amount},
};
use crate::model::{Model, id, id_of, ids, ids_of};

const FEDERATION_PERKS: [(&str, f64); 1] = [("neutral", 20.0)];

/// Terms that change what the subject may have.
const SUBJECT_TERMS: [(&str, f64); 1] = [("naval_cap_satrapy", -0.3)];

/// The term that changes nothing.
const UNMODIFIED: &str = "naval_cap_unmodified";

/// Beginnings of the resolutions that may change the limit.
const RESOLUTIONS: [&str; 5] = [
    "resolution_mutualdefense_",
    "resolution_commerce_",
    "resolution_defenseprivatization_",
    "resolution_sanctions_military",
    "resolution_rulesofwar_demobilization_initiative",
];

/// Parts of the names of modifiers that may change the limit.
const MODIFIERS: [&str; 6] = [
    "resolution_sanctions_military",
    "resolution_mutualdefense",
    "resolution_defenseprivatization",
    "resolution_commerce_leveraged_privateering",
    "resolution_commerce_holistic_asset_coordination",
    "resolution_rulesofwar_demobilization_initiative",
];

const RELIC: &str = "r_core_of_the_reckoning";

const LEADER_TRAITS: [&str; 8] = [
    "leader_trait_armada_logistician",
    "leader_trait_armada_logistician_2",
    "leader_trait_fleet_organizer",
    "leader_trait_fleet_organizer_2",
    "leader_trait_crew_trainer",
    "leader_trait_crew_trainer_2",
    "leader_trait_shroudshaper",
    "leader_trait_has_backup_clone",
];

/// Adds all of it.
pub(super) fn add(model: &Model<'_>, sources: &mut Sources) {
    federation(model, sources);
    subjects(model, sources);
    resolutions(model, sources);
    if country::texts(model, "relics").contains(RELIC) {
        sources.unresolved("relic_effects", model.own_path("relics"), RELIC);
    }
    leaders(model, sources);
    for modifier in modifiers(model).filter(|name| MODIFIERS.iter().any(|part| name.contains(part))) {
        sources.unresolved("timed_modifiers", model.own_path("timed_modifier"), modifier);
    }
}

fn federation(model: &Model<'_>, sources: &mut Sources) {
    let Some(number) = model.own.get("federation").and_then(id) else { return };
    let federation = model.section("federation").and_then(|all| all.block(&number.to_string()));
    let perks = federation.and_then(|federation| federation.block("federation_progression")?.block("perks"));
    for perk in perks.map(RawBlock::items).unwrap_or_default() {
        let kind = perk.block().map_or_else(|| perk.text(), |perk| perk.text("type"));
        if let Some(kind) = kind
            && let Some(ships) = amount(&FEDERATION_PERKS, &kind)
        {
            let path = format!("federation.{number}.federation_progression.perks");
            sources.flat("federation", format!("Federation perk ({kind})"), ships, path, kind);
        }
    }
}

/// The agreements in which the player is overlord (`owner`) or subject (`target`). A term that lowers the subject's limit is
/// taken off ours if we are the subject; what it does to an overlord is not known.
fn subjects(model: &Model<'_>, sources: &mut Sources) {
    let Some(agreements) = model.section("agreements").and_then(|section| section.block("agreements")) else { return };
    agreements.each_numbered(|number, value| {
        let Some(agreement) = value.block() else { return };
        let (overlord, subject) = (id_of(agreement, "owner"), id_of(agreement, "target"));
        if overlord != Some(model.player) && subject != Some(model.player) {
            return;
        }
        let Some(terms) = agreement.block("term_data") else { return };
        let path = format!("agreements.agreements.{number}.term_data");
        if let Some(preset) = terms.text("agreement_preset").filter(|preset| preset.contains("scholarium")) {
            sources.unresolved("specialist_subject_penalties", format!("{path}.agreement_preset"), preset);
        }
        for term in
            terms.block("discrete_terms").map(RawBlock::items).unwrap_or_default().into_iter().filter_map(Raw::block)
        {
            if term.text("key").is_none_or(|key| key != "naval_capacity") {
                continue;
            }
            let Some(value) = term.text("value").filter(|value| value != UNMODIFIED) else { continue };
            let path = format!("{path}.discrete_terms.naval_capacity");
            match amount(&SUBJECT_TERMS, &value).filter(|_| subject == Some(model.player)) {
                Some(part) => sources.multiplier("subjects", format!("Subject term ({value})"), part, path, value),
                None => sources.unresolved("subject_terms", path, value),
            }
        }
    });
}

/// Resolutions bind the members only.
fn resolutions(model: &Model<'_>, sources: &mut Sources) {
    let Some(community) = model.section("galactic_community") else { return };
    if !ids_of(community, "members").contains(&model.player) {
        return;
    }
    let passed: HashSet<u32> = ids_of(community, "passed").into_iter().collect();
    let Some(section) = model.section("resolution") else {
        return sources.unresolved("galactic_community_resolutions", "resolution", model.absent("resolution"));
    };
    section.each_numbered(|number, value| {
        let kind = value.block().filter(|_| passed.contains(&number)).and_then(|resolution| resolution.text("type"));
        if let Some(kind) = kind.filter(|kind| RESOLUTIONS.iter().any(|beginning| kind.starts_with(beginning))) {
            sources.unresolved("galactic_community_resolutions", format!("resolution.{number}.type"), kind);
        }
    });
}

/// Recruited leaders; those for hire change nothing.
fn leaders(model: &Model<'_>, sources: &mut Sources) {
    let recruited: HashSet<u32> = model.own.block("owned_leaders").map(ids).unwrap_or_default().into_iter().collect();
    if recruited.is_empty() {
        return;
    }
    let Some(section) = model.section("leaders") else {
        return sources.unresolved("leader_trait_modifiers", "leaders", model.absent("leaders"));
    };
    section.each_numbered(|number, value| {
        let Some(leader) = value.block().filter(|_| recruited.contains(&number)) else { return };
        let mut traits = leader.all("traits");
        // Before 3.14 `roles={ CLASS={ trait=... } }`.
        let role = leader.text("class").and_then(|class| leader.block("roles")?.block(&class));
        traits.extend(role.map(|role| role.all("trait")).unwrap_or_default());
        for name in traits.into_iter().filter_map(Raw::text).filter(|name| LEADER_TRAITS.contains(&&**name)) {
            sources.unresolved("leader_trait_modifiers", format!("leaders.{number}"), name);
        }
    });
}

/// The names of the country's timed modifiers: up to 3.4 `timed_modifier={ modifier=... }` again and again, later one block of
/// items.
fn modifiers(model: &Model<'_>) -> impl Iterator<Item = String> {
    let mut names = Vec::new();
    for block in model.own.all("timed_modifier").filter_map(Raw::block) {
        let items = block.block("items").map(RawBlock::items).unwrap_or_default();
        let items = items.into_iter().filter_map(Raw::block).chain([block]);
        names.extend(items.filter_map(|item| Some(item.text("modifier")?.into_owned())));
    }
    names.into_iter()
}
