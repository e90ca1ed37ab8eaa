//! The crises of the endgame.

use crate::{
    fact::{Fact, Object, Why},
    model::{Country, Model, System},
};

use super::found;

/// Types of countries and the crisis that each is. `swarm_2` is a guess [U].
const KINDS: [(&str, &str); 6] = [
    ("swarm", "prethoryn"),
    ("swarm_2", "prethoryn"),
    ("ai_empire", "contingency"),
    ("extradimensional", "unbidden"),
    ("extradimensional_2", "aberrant"),
    ("extradimensional_3", "vehement"),
];

/// Which crisis is named if there are several, the first first.
const ORDER: [&str; 5] = ["prethoryn", "contingency", "unbidden", "aberrant", "vehement"];

/// Countries that threaten all without being the crisis.
const OTHER_THREATS: [&str; 2] = ["gray_goo", "awakened_marauders"];

/// Flags of systems where a crisis is.
const SYSTEM_FLAGS: [&[u8]; 6] = [
    b"prethoryn_system",
    b"prethoryn_invasion_system",
    b"contingency_system",
    b"contingency_world",
    b"unbidden_portal_system",
    b"extradimensional_system",
];

struct Crisis {
    country: u32,
    country_type: String,
    kind: &'static str,
    active: bool,
}

/// The crises of the endgame, and the player's part in fighting them.
pub(super) fn crisis(model: &Model<'_>) -> Object {
    let crises = crises(model);
    let explaining = model.explaining;
    let types =
        || crises.iter().map(|crisis| (format!("country.{}.type", crisis.country), crisis.country_type.clone()));
    let active = ORDER.into_iter().find(|kind| crises.iter().any(|crisis| crisis.kind == *kind && crisis.active));

    let mut out = Object::new();
    // Without the fleets a crisis that holds no system cannot be told from a remnant of one.
    let has_fleets = model.section("fleet").map(|_| ());
    let is_known = active.is_some() || crises.is_empty() || has_fleets.is_some();
    out.known_or("crisis_active", is_known.then_some(active.is_some()), model.absent("fleet")).why(explaining, || {
        Why::rule("a country of a crisis type owns a fleet or controls a system").from_all(types())
    });
    out.known_or("crisis_type", active, "no crisis is active").why(explaining, || {
        Why::rule("the active one, in the order prethoryn, contingency, unbidden, others").from_all(types())
    });
    let detected: Vec<_> = ORDER.into_iter().filter(|kind| crises.iter().any(|crisis| crisis.kind == *kind)).collect();
    out.put("crisis_types_detected", detected).why(explaining, || {
        Why::rule("crises that have a country, active or not, by the country's type").from_all(types())
    });
    let rows = crises.iter().map(|crisis| {
        let mut row = Object::new();
        row.put("country_id", crisis.country);
        row.put("type", crisis.kind);
        row.put("country_type", crisis.country_type.clone());
        row.known_or(
            "active",
            has_fleets.or(crisis.active.then_some(())).map(|()| crisis.active),
            model.absent("fleet"),
        );
        row
    });
    out.put("crisis_countries", rows.collect::<Vec<_>>()).why(explaining, || {
        Why::rule("countries of a crisis type, and others but empires whose name says Prethoryn").from_all(types())
    });
    fighter(model, &mut out);
    systems(model, &crises, &mut out);
    threats(model, &mut out);
    happened(model, &mut out);
    out
}

fn crises(model: &Model<'_>) -> Vec<Crisis> {
    let crises = model.countries.iter().filter_map(|(id, country)| {
        let kind = kind(model, id, country)?;
        Some(Crisis { country: id, country_type: country.kind.to_string(), kind, active: is_active(model, id) })
    });
    crises.collect()
}

fn kind(model: &Model<'_>, id: u32, country: &Country<'_>) -> Option<&'static str> {
    let known = KINDS.iter().find(|(country_type, _)| *country_type == country.kind);
    let named = || {
        let candidate = !country.is_empire() && country.name.is_some();
        (candidate && model.country_name(id).to_lowercase().contains("prethoryn")).then_some("prethoryn")
    };
    known.map(|(_, kind)| *kind).or_else(named)
}

/// Whether a country owns a fleet or controls a system: one that owns nothing is a remnant of what was.
fn is_active(model: &Model<'_>, country: u32) -> bool {
    model.fleets.iter().any(|(_, fleet)| fleet.owner == Some(country))
        || model.systems.iter().any(|(_, system)| system.controller == Some(country))
}

fn fighter(model: &Model<'_>, out: &mut Object) {
    let flagged = model.own_country().is_some_and(|own| own.has_flag("crisis_fighter"));
    let key = model.own.text("crisis_fighter");
    let fights = flagged || key.as_deref().is_some_and(|value| value != "no");
    out.put("player_is_crisis_fighter", fights).why(model.explaining, || {
        Why::rule("a flag crisis_fighter of the country, or the key of that name")
            .from(model.own_path("flags.crisis_fighter"), found(flagged))
            .from(model.own_path("crisis_fighter"), key.as_deref().unwrap_or("not there"))
    });
    let kills = model.own.integer("crisis_kills").unwrap_or_default();
    out.put("player_crisis_kills", kills).why(model.explaining, || {
        Why::rule("`crisis_kills`; 0 where it is left out").from(model.own_path("crisis_kills"), kills)
    });
}

fn systems(model: &Model<'_>, crises: &[Crisis], out: &mut Object) {
    if model.systems.is_empty() {
        out.unknown("crisis_systems_count", model.absent("galactic_object"));
        return;
    }
    let controlled = |system: &System<'_>| crises.iter().any(|crisis| system.controller == Some(crisis.country));
    let counted: Vec<u32> = model
        .systems
        .iter()
        .filter(|(_, system)| controlled(system) || has_crisis_flag(system))
        .map(|(id, _)| id)
        .collect();
    out.put("crisis_systems_count", counted.len()).why(model.explaining, || {
        Why::rule("systems with a flag of a crisis or controlled by a crisis country")
            .from_all(counted.iter().map(|id| (format!("galactic_object.{id}"), model.system_name(*id))))
    });
}

fn has_crisis_flag(system: &System<'_>) -> bool {
    let mut has = false;
    if let Some(flags) = system.flags {
        flags.each(|flag| has = has || flag.key.is_some_and(|key| SYSTEM_FLAGS.contains(&key)));
    }
    has
}

fn threats(model: &Model<'_>, out: &mut Object) {
    let candidates = model.countries.iter().filter(|(_, country)| OTHER_THREATS.contains(&&*country.kind));
    let (threats, remnants): (Vec<_>, Vec<_>) = candidates.partition(|(id, _)| is_active(model, *id));
    let present = OTHER_THREATS.iter().filter(|kind| threats.iter().any(|(_, country)| country.kind == **kind));
    // Without the fleets one that holds no system cannot be told from a remnant.
    let is_known = remnants.is_empty() || model.section("fleet").is_some();
    out.known_or("other_threats", is_known.then(|| Fact::texts(present.copied())), model.absent("fleet")).why(model.explaining, || {
        Why::rule("types gray_goo (the Gray Tempest) and awakened_marauders, if such a country owns a fleet or controls a system")
            .from_all(threats.iter().map(|(id, country)| (format!("country.{id}.type"), country.kind.to_string())))
    });
}

fn happened(model: &Model<'_>, out: &mut Object) {
    let happened = model.section("flags").map(|flags| flags.get("galactic_crisis_happened").is_some());
    out.known_or("galactic_crisis_happened", happened, model.absent("flags")).why(model.explaining, || {
        Why::rule("the flag of the galaxy galactic_crisis_happened")
            .from("flags.galactic_crisis_happened", found(happened == Some(true)))
    });
}
