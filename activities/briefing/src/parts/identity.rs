//! What kind of empire it is: its ethics, government and founders.

use std::borrow::Cow;

use super::meta::empire_name;
use crate::{
    fact::{Fact, Object, Why},
    model::{Country, Model},
};

/// What kind of empire it is.
pub fn identity(model: &Model<'_>) -> Object {
    let explaining = model.explaining;
    let mut out = Object::new();
    let Some(country) = model.own_country() else { return out };
    let why = |rule: &'static str, field: &str, value: &str| Why::rule(rule).from(model.own_path(field), value);
    let ethics = country.ethics.join(" ");
    out.put("ethics", without_prefix(&country.ethics, "ethic_"))
        .why(explaining, || why("every `ethic` in the order of the file, without ethic_", "ethos.ethic", &ethics));
    let authority = country.authority.as_deref().unwrap_or_default();
    let government = country.government.as_deref();
    out.known_or("government", cut(government, "gov_"), NO_GOVERNMENT)
        .why(explaining, || why("without gov_", "government.type", government.unwrap_or_default()));
    out.known_or("authority", cut(country.authority.as_deref(), "auth_"), NO_GOVERNMENT)
        .why(explaining, || why("without auth_", "government.authority", authority));
    out.put("civics", without_prefix(&country.civics, "civic_"))
        .why(explaining, || why("without civic_", "government.civics", &country.civics.join(" ")));
    let origin = country.origin.as_deref();
    out.known_or("origin", cut(origin, "origin_"), "the country has no origin, which came with 2.6")
        .why(explaining, || why("without origin_", "government.origin", origin.unwrap_or_default()));
    founders(model, country, &mut out);
    let kinds = [
        ("is_machine", is_machine(country), "the authority is machine_intelligence"),
        ("is_hive_mind", is_hive_mind(country), "the authority is hive_mind"),
        ("is_gestalt", is_gestalt(country), "a machine intelligence, a hive mind, or an ethic gestalt_consciousness"),
    ];
    for (name, value, rule) in kinds {
        out.put(name, value).why(explaining, || {
            why(rule, "government.authority", authority).from(model.own_path("ethos.ethic"), &ethics)
        });
    }
    let name = empire_name(model);
    out.put("empire_name", name.clone()).why(explaining, || why("as in meta", "name", &name));
    out
}

const NO_GOVERNMENT: &str = "the country has no government in the save";

fn founders(model: &Model<'_>, country: &Country<'_>, out: &mut Object) {
    let founder = country.founder_species;
    let species = founder.and_then(|id| model.species.get(id));
    let reason = match founder {
        None => "the country names no founder species".to_owned(),
        Some(id) => format!("the founder species {id} is not in the save"),
    };
    let why = |rule| {
        let id = founder.unwrap_or_default();
        Why::rule(rule).from(model.own_path("founder_species_ref"), id).from("species", id)
    };
    out.known_or("species_class", species.and_then(|species| species.class.as_deref()), reason.clone())
        .why(model.explaining, || why("the class of the founder species"));
    let name = species.and(founder).map(|id| model.species_name(id));
    out.known_or("species_name", name, reason).why(model.explaining, || why("the name of the founder species"));
}

fn cut<'t>(text: Option<&'t str>, prefix: &str) -> Option<&'t str> {
    text.map(|text| text.strip_prefix(prefix).unwrap_or(text))
}

fn is_machine(country: &Country<'_>) -> bool {
    country.authority.as_deref() == Some("auth_machine_intelligence")
}

fn is_hive_mind(country: &Country<'_>) -> bool {
    country.authority.as_deref() == Some("auth_hive_mind")
}

/// Whether an empire is of one mind, and so without factions.
pub(super) fn is_gestalt(country: &Country<'_>) -> bool {
    is_machine(country)
        || is_hive_mind(country)
        || country.ethics.iter().any(|ethic| ethic == "ethic_gestalt_consciousness")
}

/// A list of texts without the prefix that each begins with in the save.
fn without_prefix(texts: &[Cow<'_, str>], prefix: &str) -> Fact {
    Fact::texts(texts.iter().map(|text| text.strip_prefix(prefix).unwrap_or(text)))
}

#[cfg(test)]
mod tests;
