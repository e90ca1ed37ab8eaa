//! What the country itself brings: technologies, traditions, perks, policies, edicts, civics, and the difficulty of the game.

use std::collections::BTreeSet;

use save_parsing::{Raw, RawBlock, RawField};

use super::sources::{Sources, amount};
use crate::model::Model;

/// What helps the player; from captain on it is the others that are helped.
const DIFFICULTIES: [(&str, f64); 2] = [("civilian", 1.0), ("cadet", 0.5)];

const TECHNOLOGIES: [(&str, f64); 4] = [
    ("tech_doctrine_navy_size_1", 25.0),
    ("tech_doctrine_navy_size_2", 50.0),
    ("tech_doctrine_navy_size_3", 75.0),
    ("tech_doctrine_navy_size_4", 100.0),
];

const REPEATABLE: (&str, f64) = ("tech_repeatable_naval_cap", 20.0);

const TRADITIONS: [(&str, f64); 1] = [("tr_supremacy_adopt", 20.0)];

const TRADITION_MULTIPLIERS: [(&str, f64); 2] =
    [("tr_supremacy_fleet_logistical_corps", 0.2), ("tr_supremacy_fleet_logistical_corps_machine", 0.2)];

const PERKS: [(&str, f64); 1] = [("ap_galactic_force_projection", 150.0)];

const STANCES: [(&str, f64); 2] = [("diplo_stance_belligerent", 0.1), ("diplo_stance_supremacist", 0.2)];

const EDICTS: [(&str, f64); 4] = [
    ("masters_writings_war", 0.1),
    ("cybernetic_creed_war_edict", 0.1),
    ("grand_fleet", 0.2),
    ("nanotech_naval_augmentation", 0.25),
];

const CIVICS: [(&str, f64); 7] = [
    ("citizen_service", 0.15),
    ("naval_contractors", 0.15),
    ("hive_subspace_ephapse", 0.15),
    ("fanatic_purifiers", 0.33),
    ("hive_devouring_swarm", 0.33),
    ("machine_terminator", 0.33),
    ("sovereign_guardianship", 0.5),
];

/// Civics whose councillors add something that depends on their skill.
const COUNCILLOR_CIVICS: [&str; 2] = ["distinguished_admiralty", "nationalistic_zeal"];

/// The technologies that the country has: each with its level, the name before the number.
#[derive(Debug, Default)]
pub(super) struct Technologies(Vec<(String, f64)>);

impl Technologies {
    pub(super) fn of(model: &Model<'_>) -> Self {
        let mut found: Vec<(String, f64)> = Vec::new();
        if let Some(status) = model.own.block("tech_status") {
            status.each(|RawField { key, value }| match key.unwrap_or_default() {
                b"technology" => found.extend(value.text().map(|name| (name.into_owned(), 1.0))),
                b"level" => {
                    if let (Some((_, level)), Some(number)) = (found.last_mut(), value.number()) {
                        *level = number;
                    }
                }
                _ => {}
            });
        }
        Self(found)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }
}

/// Adds all of it.
pub(super) fn add(model: &Model<'_>, technologies: &Technologies, sources: &mut Sources) {
    let galaxy = model.section("galaxy");
    if galaxy.is_none() {
        sources.unresolved("difficulty", "galaxy", model.absent("galaxy"));
    }
    let difficulty = galaxy.and_then(|galaxy| galaxy.text("difficulty"));
    if let Some(difficulty) = difficulty
        && let Some(part) = amount(&DIFFICULTIES, &difficulty)
    {
        let label = format!("Difficulty ({difficulty})");
        sources.multiplier("difficulty", label, part, "galaxy.difficulty".to_owned(), difficulty);
    }

    let path = model.own_path("tech_status.technology");
    let mut seen = BTreeSet::new();
    for (name, level) in technologies.0.iter().filter(|(name, _)| seen.insert(name)) {
        if let Some(ships) = amount(&TECHNOLOGIES, name) {
            sources.flat("technology", format!("Technology ({name})"), ships, path.clone(), name);
        } else if name == REPEATABLE.0 && *level > 0.0 {
            let value = format!("{name} level={level}");
            sources.flat("technology", "Repeatable naval-cap tech", level * REPEATABLE.1, path.clone(), value);
        }
    }

    for name in texts(model, "traditions") {
        let path = model.own_path("traditions");
        if let Some(ships) = amount(&TRADITIONS, &name) {
            sources.flat("traditions", format!("Tradition ({name})"), ships, path, name);
        } else if let Some(part) = amount(&TRADITION_MULTIPLIERS, &name) {
            sources.multiplier("traditions", format!("Tradition ({name})"), part, path, name);
        }
    }
    for name in texts(model, "ascension_perks") {
        if let Some(ships) = amount(&PERKS, &name) {
            let path = model.own_path("ascension_perks");
            sources.flat("ascension_perks", format!("Ascension perk ({name})"), ships, path, name);
        }
    }
    if let Some(stance) = stance(model)
        && let Some(part) = amount(&STANCES, &stance)
    {
        let path = model.own_path("active_policies.selected");
        sources.multiplier("policies", format!("Diplomatic stance ({stance})"), part, path, stance);
    }
    for edict in blocks(model, "edicts").into_iter().filter_map(|edict| edict.text("edict")).collect::<BTreeSet<_>>() {
        if let Some(part) = amount(&EDICTS, &edict) {
            sources.multiplier("edicts", format!("Edict ({edict})"), part, model.own_path("edicts.edict"), edict);
        }
    }
    for civic in civics(model) {
        let path = model.own_path("government.civics");
        if let Some(part) = amount(&CIVICS, &civic) {
            sources.multiplier("civics", format!("Civic ({civic})"), part, path, civic);
        } else if COUNCILLOR_CIVICS.contains(&&*civic) {
            sources.unresolved("councilor_civic_modifiers", path, civic);
        }
    }
}

/// The civics of the country without `civic_`.
pub(super) fn civics(model: &Model<'_>) -> BTreeSet<String> {
    let civics = model.own_country().map(|country| country.civics.as_slice()).unwrap_or_default();
    civics.iter().map(|civic| civic.strip_prefix("civic_").unwrap_or(civic).to_owned()).collect()
}

/// The texts that a field of the country lists, each once.
pub(super) fn texts(model: &Model<'_>, key: &str) -> BTreeSet<String> {
    let items = model.own.block(key).map(RawBlock::items).unwrap_or_default();
    items.into_iter().filter_map(|item| Some(item.text()?.into_owned())).collect()
}

/// The containers that a field of the country lists.
fn blocks<'s>(model: &Model<'s>, key: &str) -> Vec<RawBlock<'s>> {
    model.own.block(key).map(RawBlock::items).unwrap_or_default().into_iter().filter_map(Raw::block).collect()
}

fn stance(model: &Model<'_>) -> Option<String> {
    let policies = blocks(model, "active_policies");
    let policy =
        policies.into_iter().find(|entry| entry.text("policy").is_some_and(|name| name == "diplomatic_stance"))?;
    Some(policy.text("selected")?.into_owned())
}
