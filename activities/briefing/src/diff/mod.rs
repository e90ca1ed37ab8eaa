//! What changed between two saves of one campaign.

mod keyed;
mod sheet;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use crate::{
    fact::round,
    model::Date,
    sheet::{Look, Sheet},
};

use keyed::{Change, by_key, gained_and_lost};

/// Why two briefings cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiffError {
    /// They are of two games.
    #[error("the saves are of two campaigns ({old} and {new}): compare two saves of one")]
    TwoCampaigns {
        /// Campaign of the first.
        old: String,
        /// Campaign of the second.
        new: String,
    },
    /// They are of two empires.
    #[error("the saves are of two empires, countries {old} and {new}: name one with --player")]
    TwoEmpires {
        /// Country of the first.
        old: String,
        /// Country of the second.
        new: String,
    },
}

/// Compares two briefings as [`crate::Briefing::to_json`] gives them: what was gained, lost and changed from `old` to `new`.
///
/// # Errors
/// When they are of two campaigns or of two empires.
pub fn compare(old: &Value, new: &Value) -> Result<Value, DiffError> {
    let (old, new) = (Look(old), Look(new));
    let told = |look: Look<'_>, path: &str| {
        let value = look.at(path).0;
        if value.is_null() { None } else { Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)) }
    };
    if let (Some(old), Some(new)) = (told(old, "meta.campaign_id"), told(new, "meta.campaign_id"))
        && old != new
    {
        return Err(DiffError::TwoCampaigns { old, new });
    }
    if let (Some(old), Some(new)) = (told(old, "meta.player_id"), told(new, "meta.player_id"))
        && old != new
    {
        return Err(DiffError::TwoEmpires { old, new });
    }
    let head = |look: Look<'_>| {
        json!({
            "date": look.at("meta.date").0,
            "version": look.at("meta.version").0,
            "empire_name": look.at("meta.empire_name").0,
        })
    };
    let days = Date::parse(new.text("meta.date"))
        .zip(Date::parse(old.text("meta.date")))
        .map(|(new, old)| new.days() - old.days());
    Ok(json!({
        "old": head(old),
        "new": head(new),
        "days": days,
        "scores": scores(old, new),
        "resources": resources(old, new),
        "pops": numbers(old, new, "economy.pop_statistics", &["total_pops", "unemployed_pops", "happiness_avg"]),
        "planets": by_key(old, new, "territory.planets.planets", "id", &["name", "population", "stability", "district_count"]),
        "fleets": by_key(old, new, "military.fleets.fleets", "id", &["name", "ships", "military_power"]),
        "ship_classes": counts(old, new, "military.ship_classes"),
        "starbases": counts(old, new, "defense.by_level"),
        "wars": wars(old, new),
        "treaties": treaties(old, new),
        "rivals": keyed::by_id_and_name(old, new, "diplomacy.rivals"),
        "claims_against": keyed::named(old, new, "territory.claims.claims_against_player", &["system_name", "claimant_name"]),
        "technology": technology(old, new),
        "leaders": by_key(old, new, "leadership.leaders", "id", &["name", "class", "level"]),
        "traditions": gained_and_lost(&old.texts("progression.traditions.traditions"), &new.texts("progression.traditions.traditions")),
        "ascension_perks": gained_and_lost(
            &old.texts("progression.ascension_perks.ascension_perks"),
            &new.texts("progression.ascension_perks.ascension_perks"),
        ),
        "relics": gained_and_lost(&old.texts("progression.relics.relics"), &new.texts("progression.relics.relics")),
    }))
}

/// What changed, as text of at most 80 columns.
pub fn text(difference: &Value) -> String {
    sheet(difference).text(80)
}

/// What changed, as a page of its own.
pub fn html(difference: &Value) -> String {
    sheet(difference).html()
}

/// What changed, as a sheet.
pub fn sheet(difference: &Value) -> Sheet {
    sheet::sheet(Look(difference))
}

fn scores(old: Look<'_>, new: Look<'_>) -> Value {
    let mut scores = Map::new();
    for (name, path) in [
        ("victory_rank", "military.victory_rank"),
        ("military_power", "military.military_power"),
        ("economy_power", "economy.economy_power"),
        ("tech_power", "economy.tech_power"),
        ("systems", "strategic_geography.total_player_systems"),
        ("colonies", "territory.colonies.total_count"),
    ] {
        if let Some(change) = Change::of(old.number(path), new.number(path)) {
            scores.insert(name.to_owned(), change.to_json());
        }
    }
    Value::Object(scores)
}

/// Every resource that either save has: stock and net a month, old and new.
fn resources(old: Look<'_>, new: Look<'_>) -> Value {
    let paths = ["economy.resources.stockpiles", "economy.net_monthly"];
    let mut names: Vec<&str> = paths
        .iter()
        .flat_map(|path| old.members(path).into_iter().chain(new.members(path)))
        .map(|(name, _)| name)
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut resources = Map::new();
    for name in names {
        // A resource that a list leaves out is none of it, where the list itself is there.
        let at = |look: Look<'_>, list: &str| {
            let there = look.at(list).0.is_object();
            look.at(list).number(name).or(there.then_some(0.0))
        };
        let mut resource = Map::new();
        for (kind, list) in ["stock", "net"].into_iter().zip(paths) {
            if let Some(change) = Change::of(at(old, list), at(new, list)) {
                resource.insert(kind.to_owned(), change.to_json());
            }
        }
        if !resource.is_empty() {
            resources.insert(name.to_owned(), Value::Object(resource));
        }
    }
    Value::Object(resources)
}

fn numbers(old: Look<'_>, new: Look<'_>, path: &str, names: &[&str]) -> Value {
    let (old, new) = (old.at(path), new.at(path));
    let change = |name: &&str| Some(((*name).to_owned(), Change::of(old.number(name), new.number(name))?.to_json()));
    Value::Object(names.iter().filter_map(change).collect())
}

/// Counts by name of which at least one side has some.
fn counts(old: Look<'_>, new: Look<'_>, path: &str) -> Value {
    let mut names: Vec<&str> = old.members(path).into_iter().chain(new.members(path)).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    let count = |look: Look<'_>, name: &str| look.at(path).number(name).unwrap_or_default();
    let change = |name: &str| {
        let change = Change::of(Some(count(old, name)), Some(count(new, name)))?;
        (change.old != change.new).then(|| (name.to_owned(), change.to_json()))
    };
    Value::Object(names.into_iter().filter_map(change).collect())
}

/// A war is known by its name and the day of its begin.
fn wars(old: Look<'_>, new: Look<'_>) -> Value {
    let path = "military.wars.wars";
    let key = |war: &Look<'_>| format!("{} {}", war.text("start_date"), war.text("name"));
    let told = |war: &Look<'_>| json!({"name": war.text("name"), "start_date": war.text("start_date"), "our_side": war.text("our_side")});
    let before: Vec<Look<'_>> = old.items(path).collect();
    let after: Vec<Look<'_>> = new.items(path).collect();
    let begun: Vec<Value> =
        after.iter().filter(|war| !before.iter().any(|other| key(other) == key(war))).map(told).collect();
    let ended: Vec<Value> =
        before.iter().filter(|war| !after.iter().any(|other| key(other) == key(war))).map(told).collect();
    let going_on = after.iter().filter_map(|war| {
        let earlier = before.iter().find(|other| key(other) == key(war))?;
        let mut entry = told(war);
        let stats = numbers(
            *earlier,
            *war,
            "battle_stats",
            &["total_battles", "our_victories", "their_victories", "our_ship_losses", "their_ship_losses"],
        );
        entry.as_object_mut()?.insert("battle_stats".to_owned(), stats);
        Some(entry)
    });
    json!({"begun": begun, "ended": ended, "going_on": going_on.collect::<Vec<_>>()})
}

fn treaties(old: Look<'_>, new: Look<'_>) -> Value {
    let mut all = keyed::named(old, new, "diplomacy.treaties", &["empire_name", "type"]);
    let federation = |look: Look<'_>| look.at("federation_details.federation_id").0.clone();
    if let Some(all) = all.as_object_mut()
        && federation(old) != federation(new)
    {
        all.insert("federation".to_owned(), json!({"old": federation(old), "new": federation(new)}));
    }
    all
}

fn technology(old: Look<'_>, new: Look<'_>) -> Value {
    let path = "technology.researched_techs";
    let mut found = gained_and_lost(&old.texts(path), &new.texts(path));
    let speed = numbers(old, new, "technology.research_speed", &["physics", "society", "engineering"]);
    if let Some(found) = found.as_object_mut() {
        found.insert("repeatables".to_owned(), counts(old, new, "technology.repeatables"));
        found.insert("research_speed".to_owned(), speed);
    }
    found
}

/// A difference of two figures without the noise of their binary form.
fn difference(old: f64, new: f64) -> f64 {
    round(new - old, 4)
}
