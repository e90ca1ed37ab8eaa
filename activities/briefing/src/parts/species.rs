//! The species of the empire and of those that it knows, and what rights they have.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use save_parsing::{Raw, RawBlock};

use super::meta::empire_name;
use crate::{
    fact::{Object, Why},
    model::{Model, id, id_of},
};

/// The species of the empire and of those that it knows.
pub fn species(model: &Model<'_>) -> Object {
    let explaining = model.explaining;
    let mut out = Object::new();
    if model.species.is_empty() {
        let reason = model.absent("species_db");
        for name in ["player_species", "known_empire_species", "galaxy_summary", "_note"] {
            out.unknown(name, reason.clone());
        }
    } else {
        let founder = model.own_country().and_then(|country| country.founder_species);
        let own = founder.and_then(|id| row(model, id, empire_name(model)));
        out.known_or("player_species", own, "the country's founder species is not in the save").why(explaining, || {
            Why::rule("the founder species of the country")
                .from(model.own_path("founder_species_ref"), founder.unwrap_or_default())
        });
        let known = known(model, founder);
        let count = known.len();
        let sources: Vec<_> =
            known.iter().map(|(country, _)| (format!("country.{country}.founder_species_ref"), "")).collect();
        out.put("known_empire_species", known.into_iter().map(|(_, row)| row).collect::<Vec<_>>()).why(explaining, || {
            Why::rule("the founder species of the empires in our relations by country, each species once; traits as written")
                .from_all(sources)
        });
        galaxy(model, count, &mut out);
    }
    rights(model, &mut out);
    out
}

fn row(model: &Model<'_>, id: u32, empire: String) -> Option<Object> {
    let species = model.species.get(id)?;
    let mut row = Object::new();
    row.put("name", model.species_name(id));
    row.known_or("class", species.class.as_deref(), "the species has no class");
    row.put("traits", species.traits.clone());
    row.put("empire", empire);
    Some(row)
}

/// The founder species of the empires that we have relations with. Fauna and enclaves have founders too, which mean nothing.
fn known(model: &Model<'_>, own: Option<u32>) -> Vec<(u32, Object)> {
    let mut partners = BTreeSet::new();
    if let Some(relations) = model.own_country().and_then(|country| country.relations) {
        relations.each(|member| {
            let relation = member.value.block().filter(|_| member.key == Some(b"relation"));
            partners.extend(relation.and_then(|relation| id_of(relation, "country")));
        });
    }
    partners.remove(&model.player);
    let mut seen: HashSet<u32> = own.into_iter().collect();
    let partner = |country: u32| {
        let founder = model.countries.get(country).filter(|country| country.is_empire())?.founder_species?;
        seen.insert(founder).then(|| row(model, founder, model.country_name(country)).map(|row| (country, row)))?
    };
    partners.into_iter().filter_map(partner).collect()
}

fn galaxy(model: &Model<'_>, known: usize, out: &mut Object) {
    let explaining = model.explaining;
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, species) in model.species.iter() {
        if let Some(class) = species.class.as_deref() {
            *classes.entry(class).or_default() += 1;
        }
    }
    let total: usize = classes.values().sum();
    let mut summary = Object::new();
    summary.put("total_species_in_galaxy", total);
    summary.put("by_class", classes.iter().map(|(class, count)| ((*class).to_owned(), *count)).collect::<Object>());
    out.put("galaxy_summary", summary).why(explaining, || {
        Why::rule("species that have a `class`, also those without anyone left").from("species_db", total)
    });
    let note = format!(
        "In detail: the species that founded this empire and {known} others of empires it is in contact with. Of the \
         {total} species of the galaxy in {} classes, those altered by genes or not met yet are only counted.",
        classes.len()
    );
    out.put("_note", note).why(explaining, || Why::rule("says what the lists cover"));
}

/// What a row of rights has, besides its species.
const RIGHTS: [&str; 8] = [
    "citizenship",
    "living_standard",
    "military_service",
    "slavery",
    "purge",
    "population_control",
    "colonization_control",
    "migration_control",
];

fn rights(model: &Model<'_>, out: &mut Object) {
    let Some(module) = model.own.block_at("modules.standard_species_rights_module") else {
        out.unknown("rights", "the country has no standard_species_rights_module");
        return;
    };
    let mut rows = Vec::new();
    for scope in ["default", "primary", "built_species"] {
        rows.extend(module.block(scope).map(|block| right(block, scope)));
    }
    let listed = module.block("species_rights").map(RawBlock::items).unwrap_or_default();
    rows.extend(listed.into_iter().filter_map(Raw::block).map(|block| right(block, "species")));
    let mut rights = Object::new();
    let count = rows.len();
    rights.put("rights", rows);
    rights.put("count", count);
    out.put("rights", rights).why(model.explaining, || {
        Why::rule("`default`, `primary`, `built_species` and the list `species_rights`, values as written")
            .from(model.own_path("modules.standard_species_rights_module"), count)
    });
}

fn right(block: RawBlock<'_>, scope: &'static str) -> Object {
    let mut row = Object::new();
    // Before 3.0 the key is `species`, and the number a position.
    let species = block.get("species_index").or_else(|| block.get("species")).and_then(id).map(|id| id.to_string());
    row.known_or("species_index", species, "the entry is for no species in particular");
    let values: BTreeMap<_, _> =
        block.members().into_iter().filter_map(|member| Some((member.key?, member.value))).collect();
    for name in RIGHTS {
        let value = values.get(name.as_bytes()).and_then(|value| value.text());
        row.known_or(name, value, "the entry does not say");
    }
    row.put("scope", scope);
    row
}

#[cfg(test)]
mod tests;
