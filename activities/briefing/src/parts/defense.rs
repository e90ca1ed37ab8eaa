//! Starbases: what defends them, and how well.
//!
//! Guesses \[H\]: the buildings that count as defence, and the score, which weighs levels, modules and platforms.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    fact::{Fact, Object, Why},
    model::{Model, Ship, Starbase},
};

/// Modules that fight, with what each adds to the score.
const DEFENSE_MODULES: [(&str, u32); 3] = [("gun_battery", 100), ("hangar_bay", 80), ("missile_battery", 90)];

/// Buildings that help in a fight.
const DEFENSE_BUILDINGS: [&str; 6] = [
    "target_uplink_computer",
    "defense_grid",
    "command_center",
    "communications_jammer",
    "disruption_field",
    "nebula_refinery",
];

/// What a level adds to the score; the others add nothing.
const LEVELS: [(&str, u32); 4] = [("starport", 100), ("starhold", 200), ("starfortress", 400), ("citadel", 800)];

/// What a platform adds to the score.
const PLATFORM: u32 = 50;

const SCORE: &str = "the level's points (starport 100, starhold 200, starfortress 400, citadel 800), 100 for each gun_battery, \
                     80 for each hangar_bay, 90 for each missile_battery, 50 for each platform";

/// The starbases of the systems that the player controls.
pub fn defense(model: &Model<'_>) -> Object {
    let mut part = Object::new();
    let starbases = match model.own_starbases() {
        Ok(starbases) => starbases,
        Err(reason) => {
            for name in ["starbases", "count", "by_level", "total_defense_score", "starbase_ids"] {
                part.unknown(name, reason.clone());
            }
            return part;
        }
    };
    let designs = model.section("ship_design").is_some();
    let mut by_level = BTreeMap::<&str, usize>::new();
    let mut rows = Vec::with_capacity(starbases.len());
    let mut scores = Vec::with_capacity(starbases.len());
    for (id, starbase) in &starbases {
        *by_level.entry(starbase.level()).or_default() += 1;
        let defences = Defences::of(model, starbase, designs);
        scores.extend(defences.score().map(|score| (format!("defense.starbases.{}.defense_score", rows.len()), score)));
        rows.push(row(model, *id, starbase, &defences));
    }
    let counted = || starbases.iter().map(|(id, starbase)| (model.starbase_path(*id, "level"), &starbase.level));
    let why_counted = |rule: &'static str| Why::rule(rule).from_all(counted());

    part.put("starbases", rows).why(model.explaining, || {
        Why::rule(
            "a row for each starbase of a system that the player controls: the owner of the fleet of the first starbase's station \
             controls it; ids, levels and slots as in the starbase's entry",
        )
        .from_all(counted())
    });
    part.put("count", starbases.len())
        .why(model.explaining, || why_counted("number of starbases in systems that the player controls"));
    part.put("by_level", by_level.into_iter().map(|(level, count)| (level.to_owned(), count)).collect::<Object>())
        .why(model.explaining, || why_counted("number of the starbases of each level"));
    let total = scores.iter().fold(0u32, |total, (_, score)| total.saturating_add(*score));
    part.known_or(
        "total_defense_score",
        (scores.len() == starbases.len()).then_some(total),
        model.absent("ship_design"),
    )
    .why(model.explaining, || Why::heuristic("sum of the starbases' defense_score").from_all(scores));
    part.put("starbase_ids", Fact::texts(starbases.iter().map(|(id, _)| id.to_string())))
        .why(model.explaining, || why_counted("ids of the starbases in systems that the player controls"));
    part
}

/// What defends a starbase.
struct Defences<'s> {
    modules: Vec<Cow<'s, str>>,
    buildings: Vec<Cow<'s, str>>,
    level_points: u32,
    /// None if the save has no designs that can be read.
    platforms: Option<u32>,
}

impl<'s> Defences<'s> {
    fn of(model: &Model<'s>, starbase: &Starbase<'s>, designs: bool) -> Self {
        let level_points = LEVELS.iter().find(|(level, _)| *level == starbase.level()).map_or(0, |(_, points)| *points);
        let fleet = model.station_fleet(starbase).map(|(_, fleet)| fleet);
        // What the save calls `orbitals` are fleets in dock, science ships among them, and no platforms.
        let platforms =
            fleet.map_or(0, |fleet| model.ships_of(fleet).filter(|ship: &&Ship<'_>| ship.is_platform()).count());
        Self {
            modules: starbase.slots("modules"),
            buildings: starbase.slots("buildings"),
            level_points,
            platforms: designs.then(|| u32::try_from(platforms).unwrap_or(u32::MAX)),
        }
    }

    fn fighting_modules(&self) -> impl Iterator<Item = (&str, u32)> {
        let points = |module: &str| DEFENSE_MODULES.iter().find(|(name, _)| *name == module).map(|(_, points)| *points);
        self.modules.iter().filter_map(move |module| Some((&**module, points(module)?)))
    }

    fn score(&self) -> Option<u32> {
        let modules: u32 = self.fighting_modules().map(|(_, points)| points).sum();
        let platforms = self.platforms?.saturating_mul(PLATFORM);
        Some(self.level_points.saturating_add(modules).saturating_add(platforms))
    }
}

fn row<'s>(model: &Model<'s>, id: u32, starbase: &Starbase<'s>, defences: &Defences<'s>) -> Object {
    let path = |field: &str| model.starbase_path(id, field);
    let fleet = model.station_fleet(starbase);
    let mut row = Object::new();
    row.put("id", id.to_string());
    row.put("level", starbase.level());
    row.put("system_id", starbase.system);
    row.put("system_name", starbase.system.map(|system| model.system_name(system)));
    if let Some(kind) = starbase.block.text("type") {
        row.put("type", kind);
    }
    // Up to 3.0 only: later versions do not say whose it was.
    if let Some(owner) = starbase.owner.filter(|owner| *owner != model.player) {
        row.put("occupied_from", owner).why(model.explaining, || {
            Why::rule("the country that owns the starbase by law, where the player only controls it")
                .from(path("owner"), owner)
        });
    }
    let fighting: Vec<_> = defences.fighting_modules().map(|(module, _)| module.to_owned()).collect();
    let helping = defences.buildings.iter().filter(|building| DEFENSE_BUILDINGS.contains(&&***building));
    row.put("modules", Fact::texts(defences.modules.iter().map(|module| &**module)));
    row.put("buildings", Fact::texts(defences.buildings.iter().map(|building| &**building)));
    row.put("defense_modules", Fact::texts(fighting)).why(model.explaining, || {
        Why::rule("those of the modules that are gun_battery, hangar_bay or missile_battery")
    });
    row.put("defense_buildings", Fact::texts(helping.map(|building| &**building))).why(model.explaining, || {
        Why::heuristic(format!("those of the buildings that are {}", DEFENSE_BUILDINGS.join(", ")))
    });
    row.known_or("defense_platform_count", defences.platforms, model.absent("ship_design")).why(
        model.explaining,
        || {
            let why =
                Why::rule("ships of the size military_station_* or ion_cannon in the fleet of the starbase's station");
            fleet.map_or(why.clone(), |(fleet, row)| {
                why.from(format!("fleet.{fleet}.ships"), format!("{} ships", row.ships.len()))
            })
        },
    );
    row.known_or("defense_score", defences.score(), model.absent("ship_design")).why(model.explaining, || {
        Why::heuristic(SCORE)
            .from(path("level"), &starbase.level)
            .from(path("modules"), defences.modules.join(" "))
            .from("defense_platform_count", defences.platforms.unwrap_or_default())
    });
    row.known_or("military_power", fleet.map(|(_, fleet)| fleet.military_power), "the fleet of its station is gone")
        .why(model.explaining, || {
            let why = Why::rule("the game's own figure for the fleet of the starbase's station");
            fleet
                .map_or(why.clone(), |(id, fleet)| why.from(format!("fleet.{id}.military_power"), fleet.military_power))
        });
    row
}
