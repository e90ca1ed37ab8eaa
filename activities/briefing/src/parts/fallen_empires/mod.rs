//! Fallen empires, dormant and awakened.

mod archetype;
#[cfg(test)]
mod tests;

use crate::{
    fact::{Fact, Object, Why},
    model::{Country, Model, holds_opinions},
};

use archetype::{archetype, leading};

/// Fallen empires, dormant and awakened.
pub fn fallen_empires(model: &Model<'_>) -> Object {
    let fallen: Vec<_> =
        model.countries.iter().filter_map(|(id, country)| Some((id, country, status(country)?))).collect();
    let opinions = holds_opinions(&model.countries);
    let rows = fallen.iter().map(|(id, country, status)| row(model, *id, country, status, opinions));

    let mut out = Object::new();
    out.put("fallen_empires", rows.collect::<Vec<_>>()).why(model.explaining, || {
        Why::rule("countries of type fallen_empire (dormant) and awakened_fallen_empire (awakened)")
            .from("country", format!("{} countries", model.countries.len()))
    });
    let counts: [(&'static str, &[&str]); 3] =
        [("dormant_count", &["dormant"]), ("awakened_count", &["awakened"]), ("total_count", &["dormant", "awakened"])];
    for (name, statuses) in counts {
        let counted = || fallen.iter().filter(|(_, _, status)| statuses.contains(status));
        out.put(name, counted().count()).why(model.explaining, || {
            Why::rule("number of countries by type")
                .from_all(counted().map(|(id, country, _)| (format!("country.{id}.type"), country.kind.to_string())))
        });
    }
    war_in_heaven(model, &mut out);
    out
}

fn status(country: &Country<'_>) -> Option<&'static str> {
    match &*country.kind {
        "fallen_empire" => Some("dormant"),
        "awakened_fallen_empire" => Some("awakened"),
        _ => None,
    }
}

fn row(model: &Model<'_>, id: u32, country: &Country<'_>, status: &'static str, opinions: bool) -> Object {
    let explaining = model.explaining;
    let path = |key: &str| format!("country.{id}.{key}");
    let mut row = Object::new();
    row.put("country_id", id);
    row.put("name", model.country_name(id));
    row.put("status", status);

    let ethics: Vec<&str> = country.ethics.iter().map(AsRef::as_ref).collect();
    let ethic = leading(&ethics);
    let kind = ethic.and_then(archetype);
    let no_kind = "no archetype is known for its ethics";
    let called = kind.map(|kind| if status == "awakened" { kind.awakened } else { kind.dormant });
    let why = || Why::rule("by its ethic, knowledge of the game").from(path("ethos"), ethics.join(", "));
    row.known_or("archetype", called, no_kind).why(explaining, why);
    row.known_or("archetype_behavior", kind.map(|kind| kind.behavior), no_kind).why(explaining, why);

    let power = country.military_power.unwrap_or_default();
    row.put("military_power", power)
        .why(explaining, || Why::rule("as written; 0 where it is left out").from(path("military_power"), power));
    let ours = model.own_country().and_then(|own| own.military_power).unwrap_or_default();
    let ratio = (ours > 0.0).then(|| Fact::rounded(power / ours, 1));
    row.known_or("power_ratio", ratio, "the military power of the player is 0").why(explaining, || {
        Why::rule("their military power by ours, one decimal")
            .from(path("military_power"), power)
            .from(model.own_path("military_power"), ours)
    });
    row.known_or("ethics", ethic, "the country has no ethics")
        .why(explaining, || Why::rule("as written, the fanatic one preferred").from(path("ethos"), ethics.join(", ")));
    opinion(model, id, country, opinions, &mut row);
    row
}

fn opinion(model: &Model<'_>, id: u32, country: &Country<'_>, opinions: bool, row: &mut Object) {
    let relation = country.relation_to(model.player);
    let opinion = relation.map(|relation| relation.number("relation_current").unwrap_or_default());
    let reason = match opinions {
        true => "it has no relation to the player",
        false => "before 3.0 a save holds no opinions",
    };
    row.known_or("opinion_of_player", opinion.filter(|_| opinions), reason).why(model.explaining, || {
        let path = format!("country.{id}.relations_manager.relation[country={}].relation_current", model.player);
        Why::rule("`relation_current` of their relation to us; 0 where the game leaves it out")
            .from(path, opinion.unwrap_or_default())
    });
}

/// Whether two awakened empires fight each other. Whether the flag `war_in_heaven_started` stays afterwards is not known, so it
/// is not looked at.
fn war_in_heaven(model: &Model<'_>, out: &mut Object) {
    let flags = model.section("flags");
    let ongoing = flags.map(|flags| flags.get("war_in_heaven_ongoing").is_some());
    out.known_or("war_in_heaven", ongoing, model.absent("flags")).why(model.explaining, || {
        let found = if ongoing == Some(true) { "set" } else { "not set" };
        Why::rule("the flag of the galaxy war_in_heaven_ongoing").from("flags.war_in_heaven_ongoing", found)
    });
}
