//! Counts made a second time, slowly and simply, from the save's sections as lossless JSON.

use std::collections::{BTreeMap, BTreeSet};

use save_parsing::{Operation, Save, Scalars, Schema};
use serde_json::{Value, json};

use crate::{json::at, real};

/// Fields whose values are arrays because they repeat.
fn all<'v>(container: &'v Value, key: &str) -> Vec<&'v Value> {
    let repeated = container["$repeated"].as_array().is_some_and(|keys| keys.iter().any(|other| other == key));
    match &container[key] {
        Value::Null => Vec::new(),
        Value::Array(values) if repeated => values.iter().collect(),
        value => vec![value],
    }
}

fn last<'v>(container: &'v Value, key: &str) -> &'v Value {
    all(container, key).last().copied().unwrap_or(&Value::Null)
}

/// Items of a list; an empty one is an object.
fn items(list: &Value) -> Vec<Value> {
    match &list["$mixed"] {
        Value::Array(members) => members.iter().filter_map(|member| member.as_array()?.first().cloned()).collect(),
        _ => list.as_array().cloned().unwrap_or_default(),
    }
}

fn entries(section: &Value) -> Vec<(u32, &Value)> {
    let Value::Object(members) = section else { return Vec::new() };
    let entry = |(key, _): (&String, &Value)| {
        let value = last(section, key);
        Some((key.parse().ok()?, value)).filter(|_| value.is_object() || value.is_array())
    };
    members.iter().filter_map(entry).collect()
}

fn number(value: &Value) -> Option<f64> {
    value.as_str()?.parse().ok()
}

fn id(value: &Value) -> Option<u32> {
    let id = value.as_str()?.parse::<u32>().ok()?;
    (id != u32::MAX && id != u32::MAX / 2).then_some(id)
}

fn yes(value: &Value) -> bool {
    value == "yes"
}

const SECTIONS: [&str; 19] = [
    "country",
    "fleet",
    "ships",
    "ship_design",
    "planets",
    "galactic_object",
    "starbases",
    "starbase_mgr",
    "leaders",
    "war",
    "pop",
    "pop_groups",
    "player",
    "truce",
    "army",
    "megastructures",
    "federation",
    "alliance",
    "pop_factions",
];

/// The sections that are counted in.
pub(crate) fn read(save: &Save) -> Value {
    let operation = Operation::ExtractSections { sections: SECTIONS.map(str::to_owned).to_vec(), strict: false };
    let mut out = b"{".to_vec();
    operation.answer(save, Schema::V2(Scalars::Text), &mut out).unwrap();
    out.push(b'}');
    serde_json::from_slice::<Value>(&out).unwrap()["data"].take()
}

/// What is counted, by the path where the briefing has it.
pub(crate) fn count(save: &Value) -> BTreeMap<&'static str, Value> {
    let player = id(&items(&save["player"])[0]["country"]).unwrap();
    let own = &save["country"][player.to_string()];
    let mut counts = BTreeMap::new();
    fleets(save, own, &mut counts);
    space(save, player, &mut counts);
    pops(save, player, &mut counts);
    let leaders = items(&own["owned_leaders"]);
    let alive = leaders.iter().filter(|leader| leader.as_str().is_some_and(|id| save["leaders"][id].is_object()));
    counts.insert("leadership.count", json!(alive.count()));
    let at_war = |war: &Value| {
        let sides = ["attackers", "defenders"].into_iter().flat_map(|side| items(&war[side]));
        sides.into_iter().any(|side| id(&side["country"]) == Some(player))
    };
    counts.insert("military.wars.count", json!(entries(&save["war"]).iter().filter(|(_, war)| at_war(war)).count()));
    relations(save, own, player, &mut counts);
    counts
}

/// Ids of the fleets that a country owns.
fn owned(country: &Value) -> Vec<u32> {
    let listed = items(&country["fleets_manager"]["owned_fleets"]);
    let listed = listed.iter().filter_map(|item| id(&item["fleet"])).collect::<Vec<_>>();
    if listed.is_empty() { items(&country["owned_fleets"]).iter().filter_map(id).collect() } else { listed }
}

fn class(save: &Value, ship: &Value) -> String {
    let design = ship["ship_design"].as_str().or_else(|| ship["ship_design_implementation"]["design"].as_str());
    let design = &save["ship_design"][design.unwrap_or_default()];
    let grown = items(&design["growth_stages"]).first().map(|stage| stage["ship_size"].clone());
    let size = grown.unwrap_or_else(|| design["ship_size"].clone());
    size.as_str().unwrap_or("unknown").to_owned()
}

fn fleets(save: &Value, own: &Value, counts: &mut BTreeMap<&'static str, Value>) {
    const WARSHIPS: [&str; 8] =
        ["corvette", "frigate", "destroyer", "cruiser", "battleship", "titan", "colossus", "juggernaut"];
    let (mut military, mut civilian, mut transports) = (0, 0, 0);
    let mut classes: BTreeMap<String, u64> = BTreeMap::new();
    for fleet in owned(own).into_iter().collect::<BTreeSet<_>>() {
        let fleet = &save["fleet"][fleet.to_string()];
        if !fleet.is_object() || yes(last(fleet, "station")) {
            continue;
        }
        let ships = items(&fleet["ships"]);
        let ships =
            ships.iter().filter_map(|ship| Some(&save["ships"][ship.as_str()?])).filter(|ship| ship.is_object());
        let sizes = ships.map(|ship| class(save, ship)).collect::<Vec<_>>();
        let warship = sizes.iter().any(|size| WARSHIPS.contains(&size.as_str()));
        let strong = number(last(fleet, "military_power")).unwrap_or_default() > 100.0;
        if !yes(last(fleet, "civilian")) && (strong || warship) {
            military += 1;
            for size in sizes.into_iter().filter(|size| size != "transport") {
                *classes.entry(size).or_default() += 1;
            }
        } else {
            civilian += 1;
            transports += u64::from(sizes.iter().any(|size| size == "transport"));
        }
    }
    counts.insert("military.fleets.military_fleet_count", json!(military));
    counts.insert("military.fleets.civilian_fleet_count", json!(civilian));
    counts.insert("military.fleets.transport_fleet_count", json!(transports));
    counts.insert("military.ship_classes", json!(classes));
    counts.insert("military.military_ships", json!(classes.values().sum::<u64>()));
    let armies = items(&own["owned_armies"]);
    let armies = armies.iter().filter(|army| army.as_str().is_some_and(|id| save["army"][id].is_object()));
    counts.insert("military.armies.count", json!(armies.count()));
}

fn space(save: &Value, player: u32, counts: &mut BTreeMap<&'static str, Value>) {
    let starbases = match &save["starbase_mgr"]["starbases"] {
        Value::Null => &save["starbases"],
        starbases => starbases,
    };
    let mut owners: BTreeMap<u32, u32> = BTreeMap::new();
    for (country, entry) in entries(&save["country"]) {
        owners.extend(owned(entry).into_iter().map(|fleet| (fleet, country)));
    }
    let (mut controlled, mut levels) = (0, BTreeMap::<String, u64>::new());
    for (_, system) in entries(&save["galactic_object"]) {
        let mut all: Vec<Value> = all(system, "starbase").into_iter().cloned().collect();
        all.extend(items(&system["starbases"]));
        let first = all.iter().filter_map(id).map(|id| &starbases[id.to_string()]).find(|entry| entry.is_object());
        let Some(first) = first else { continue };
        let ship = id(last(first, "station")).map(|station| &save["ships"][station.to_string()]);
        let fleet = ship.and_then(|ship| id(last(ship, "fleet")));
        if fleet.and_then(|fleet| owners.get(&fleet)) == Some(&player) {
            controlled += 1;
            let level = first["level"].as_str().unwrap_or_default();
            *levels.entry(level.trim_start_matches("starbase_level_").to_owned()).or_default() += 1;
        }
    }
    counts.insert("strategic_geography.total_player_systems", json!(controlled));
    // An orbital ring is a starbase too, but not the one that holds its system.
    for (level, path) in [
        ("outpost", "defense.by_level.outpost"),
        ("starport", "defense.by_level.starport"),
        ("starhold", "defense.by_level.starhold"),
    ] {
        if let Some(count) = levels.get(level) {
            counts.insert(path, json!(count));
        }
    }
}

fn pops(save: &Value, player: u32, counts: &mut BTreeMap<&'static str, Value>) {
    let planets = entries(&save["planets"]["planet"]);
    let own: BTreeSet<u32> = planets
        .iter()
        .filter(|(_, planet)| id(last(planet, "owner")) == Some(player))
        .map(|(planet, _)| *planet)
        .collect();
    counts.insert("territory.planets.count", json!(own.len()));
    let mut strata: BTreeMap<String, u64> = BTreeMap::new();
    let groups = entries(&save["pop_groups"]);
    for (_, group) in &groups {
        if id(last(group, "planet")).is_some_and(|planet| own.contains(&planet)) {
            let size = number(&group["size"]).unwrap_or_default().round();
            let stratum = group["key"]["category"].as_str().unwrap_or("unknown").to_owned();
            let size = format!("{size:.0}").parse::<u64>().unwrap_or_default();
            *strata.entry(stratum).or_default() += size;
        }
    }
    if groups.is_empty() {
        for (_, pop) in entries(&save["pop"]) {
            if id(last(pop, "planet")).is_some_and(|planet| own.contains(&planet)) {
                *strata.entry(pop["category"].as_str().unwrap_or("unknown").to_owned()).or_default() += 1;
            }
        }
    }
    counts.insert("economy.pop_statistics.total_pops", json!(strata.values().sum::<u64>()));
    // A stratum that all have left is not told.
    strata.retain(|_, size| *size > 0);
    counts.insert("economy.pop_statistics.by_stratum", json!(strata));
}

fn relations(save: &Value, own: &Value, player: u32, counts: &mut BTreeMap<&'static str, Value>) {
    let relations = all(&own["relations_manager"], "relation");
    let ours = relations.into_iter().filter(|relation| id(last(relation, "owner")) == Some(player));
    let ours = ours.collect::<Vec<_>>();
    let with = |flag: &str| json!(ours.iter().filter(|relation| yes(last(relation, flag))).count());
    for (flag, path) in [
        ("defensive_pact", "diplomacy.defensive_pacts.length"),
        ("non_aggression_pledge", "diplomacy.non_aggression_pacts.length"),
        ("commercial_pact", "diplomacy.commercial_pacts.length"),
        ("migration_access", "diplomacy.migration_treaties.length"),
        ("is_rival", "diplomacy.rivals.length"),
        ("closed_borders", "diplomacy.closed_borders.length"),
    ] {
        counts.insert(path, with(flag));
    }
    counts.insert("diplomacy.relation_count", json!(ours.len()));
    let truces = ours.iter().filter(|relation| {
        let truce = last(relation, "truce").as_str();
        truce.is_some_and(|truce| save["truce"][truce].is_object())
    });
    counts.insert("diplomacy.truces", json!(truces.count()));
}

/// Where the briefing says otherwise.
pub(crate) fn disagreements(save: &Save, briefing: &Value) -> Vec<String> {
    let said = |path: &str| match path.strip_suffix(".length") {
        Some(list) => at(briefing, list).and_then(Value::as_array).map_or(Value::Null, |list| json!(list.len())),
        None if path == "diplomacy.truces" => {
            let relations = at(briefing, "diplomacy.relations").and_then(Value::as_array).cloned().unwrap_or_default();
            json!(relations.iter().filter(|relation| relation["has_truce"] == true).count())
        }
        None => at(briefing, path).cloned().unwrap_or(Value::Null),
    };
    let counted = count(&read(save)).into_iter();
    let wrong = counted.map(|(path, counted)| (path, counted, said(path))).filter(|(_, counted, said)| said != counted);
    wrong.map(|(path, counted, said)| format!("{path}: counted {counted}, said {said}")).collect()
}

#[test]
fn a_second_reading_of_the_real_saves_counts_the_same() {
    let mut wrong = Vec::new();
    for real in real::saves() {
        wrong.extend(disagreements(&real.save, &real.briefing).iter().map(|wrong| format!("{} {wrong}", real.name)));
    }
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
}
