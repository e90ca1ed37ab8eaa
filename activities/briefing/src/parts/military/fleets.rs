//! The player's fleets. Those that fight are listed with their ships, the others and the starbases are counted.

use std::collections::BTreeMap;

use crate::{
    fact::{Fact, Object, Why, round},
    model::{Fleet, FleetClass, Model, Ship},
};

const RULE: &str = "of the country's owned fleets that exist and have no station=yes and no civilian=yes, those with a warship \
                    (corvette, frigate, destroyer, cruiser, battleship, titan, colossus, juggernaut) or military_power above 100";

/// The fleets of war, the lowest id first.
fn at_war<'m, 's>(model: &'m Model<'s>) -> impl Iterator<Item = (u32, &'m Fleet<'s>)> {
    model.own_fleets().filter(|(_, fleet)| model.class_of(fleet) == FleetClass::Military)
}

/// The facts on fleets.
///
/// # Errors
/// Why they are not known.
pub(super) fn fleets(model: &Model<'_>) -> Result<Object, String> {
    if model.fleets.is_empty() && model.section("fleet").is_none() {
        return Err(model.absent("fleet"));
    }
    let own: Vec<_> = model.own_fleets().map(|(id, fleet)| (id, fleet, model.class_of(fleet))).collect();
    let of = |class| own.iter().filter(move |(_, _, of)| *of == class).map(|(id, fleet, _)| (*id, *fleet));
    let military: Vec<_> = of(FleetClass::Military).collect();
    let names: Vec<_> = military.iter().map(|(id, fleet)| model.name(fleet.name, &format!("Fleet {id}"))).collect();
    let ships: usize = military.iter().map(|(_, fleet)| ships_in(model, fleet)).sum();
    let power: f64 = military.iter().map(|(_, fleet)| fleet.military_power).sum();
    let powers = || military.iter().map(|(id, fleet)| (format!("fleet.{id}.military_power"), fleet.military_power));
    let sizes = || military.iter().map(|(id, fleet)| (format!("fleet.{id}.ships"), ships_in(model, fleet)));

    let mut facts = Object::new();
    let rows: Vec<_> = military.iter().zip(&names).map(|((id, fleet), name)| row(model, *id, fleet, name)).collect();
    facts.put("fleets", rows).why(model.explaining, || Why::heuristic(RULE).from_all(powers()));
    facts.put("count", military.len()).why(model.explaining, || Why::heuristic(RULE).from_all(powers()));
    facts.put("military_fleet_count", military.len()).why(model.explaining, || Why::heuristic(RULE).from_all(powers()));
    starbases(model, &mut facts);
    facts.put("civilian_fleet_count", of(FleetClass::Civilian).count()).why(model.explaining, || {
        let rule = "the owned fleets that exist and are neither stations nor fleets of war: civilian=yes, or no warship and \
                    military_power of 100 or less";
        Why::heuristic(rule).from_all(of(FleetClass::Civilian).map(|(id, fleet)| (format!("fleet.{id}.civilian"), fleet.civilian)))
    });
    let transports =
        own.iter().filter(|(_, fleet, class)| *class != FleetClass::Station && carries_armies(model, fleet));
    let sections = ["ships", "ship_design"];
    let lacking =
        if has_ships(model) { sections.into_iter().find(|name| model.section(name).is_none()) } else { Some("ships") };
    let count = lacking.is_none().then(|| transports.clone().count());
    facts.known_or("transport_fleet_count", count, lacking.map(|name| model.absent(name)).unwrap_or_default()).why(
        model.explaining,
        || {
            Why::rule(
                "the owned fleets that exist, are no stations and have a ship of the size transport, but no warship",
            )
            .from_all(transports.map(|(id, fleet, _)| (format!("fleet.{id}.ships"), ships_in(model, fleet))))
        },
    );
    facts
        .put("military_ships", ships)
        .why(model.explaining, || Why::rule("sum of the ships of the fleets of war").from_all(sizes()));
    facts
        .put("total_military_power", round(power, 5))
        .why(model.explaining, || Why::rule("sum of military_power of the fleets of war").from_all(powers()));
    facts.put("fleet_names", Fact::texts(names));
    Ok(facts)
}

/// Ships of the fleets of war by class, without transports; none if the save has no ships that can be read.
pub(super) fn ship_classes(model: &Model<'_>) -> Option<Object> {
    if !has_ships(model) {
        return None;
    }
    let mut classes = BTreeMap::new();
    for (_, fleet) in at_war(model) {
        for (class, count) in classes_of(model, fleet) {
            *classes.entry(class).or_insert(0usize) += count;
        }
    }
    Some(classes.into_iter().map(|(class, count)| (class.to_owned(), count)).collect())
}

fn has_ships(model: &Model<'_>) -> bool {
    !model.ships.is_empty() || model.section("ships").is_some()
}

/// The ships of a fleet that exist; all that it lists, where the save has no ships.
fn ships_in<'s>(model: &Model<'s>, fleet: &Fleet<'s>) -> usize {
    if !has_ships(model) { fleet.ships.len() } else { model.ships_of(fleet).count() }
}

fn carries_armies<'s>(model: &Model<'s>, fleet: &Fleet<'s>) -> bool {
    model.ships_of(fleet).any(Ship::is_transport) && !model.ships_of(fleet).any(Ship::is_warship)
}

fn classes_of<'m, 's>(model: &'m Model<'s>, fleet: &'m Fleet<'s>) -> BTreeMap<&'m str, usize> {
    let mut classes = BTreeMap::new();
    for ship in model.ships_of(fleet).filter(|ship| !ship.is_transport()) {
        *classes.entry(&*ship.class).or_insert(0) += 1;
    }
    classes
}

fn row<'s>(model: &Model<'s>, id: u32, fleet: &Fleet<'s>, name: &str) -> Object {
    let mut row = Object::new();
    row.put("id", id.to_string());
    row.put("name", name);
    row.put("ships", ships_in(model, fleet)).why(model.explaining, || {
        Why::rule("the ships of the fleet's list that exist")
            .from(format!("fleet.{id}.ships"), format!("{} ships", fleet.ships.len()))
    });
    row.put("military_power", Fact::rounded(fleet.military_power, 0)).why(model.explaining, || {
        Why::rule("the game's own figure, rounded").from(format!("fleet.{id}.military_power"), fleet.military_power)
    });
    let classes: Object =
        classes_of(model, fleet).into_iter().map(|(class, count)| (class.to_owned(), count)).collect();
    row.known_or("ship_classes", has_ships(model).then_some(classes), model.absent("ships")).why(
        model.explaining,
        || {
            Why::rule("the ships by ship_size of their designs (unknown where the design is gone), without transports")
                .from(format!("fleet.{id}.ships"), format!("{} ships", fleet.ships.len()))
        },
    );
    row
}

/// Starbases by level. Marauders', enclaves' and deep space citadels have levels of their own and are no citadels.
fn starbases(model: &Model<'_>, facts: &mut Object) {
    let starbases = match model.own_starbases() {
        Ok(starbases) => starbases,
        Err(reason) => {
            facts.unknown("starbase_count", reason.clone());
            facts.unknown("starbases", reason);
            return;
        }
    };
    let [mut citadels, mut fortresses, mut holds, mut ports, mut outposts, mut rings] = [0usize; 6];
    let mut others = BTreeMap::<&str, usize>::new();
    for (_, starbase) in &starbases {
        match starbase.level() {
            "citadel" => citadels += 1,
            "starfortress" => fortresses += 1,
            "starhold" => holds += 1,
            "starport" => ports += 1,
            "outpost" => outposts += 1,
            level if level.starts_with("orbital_ring") => rings += 1,
            level => *others.entry(level).or_default() += 1,
        }
    }
    let upgraded = citadels + fortresses + holds + ports;
    let levels = || starbases.iter().map(|(id, starbase)| (model.starbase_path(*id, "level"), &starbase.level));
    let upgraded_rule = "starports, starholds, star fortresses and citadels in systems that the player controls";
    facts.put("starbase_count", upgraded).why(model.explaining, || Why::rule(upgraded_rule).from_all(levels()));
    let mut counts = Object::new();
    counts.put("citadels", citadels);
    counts.put("star_fortresses", fortresses);
    counts.put("starholds", holds);
    counts.put("starports", ports);
    counts.put("outposts", outposts);
    counts.put("orbital_rings", rings);
    counts.put("total_upgraded", upgraded).why(model.explaining, || Why::rule(upgraded_rule).from_all(levels()));
    counts
        .put("total_systems", upgraded + outposts)
        .why(model.explaining, || Why::rule("total_upgraded and outposts: one for each system").from_all(levels()));
    counts
        .put("total", starbases.len())
        .why(model.explaining, || Why::rule("all starbases in systems that the player controls").from_all(levels()));
    if !others.is_empty() {
        let others: Object = others.into_iter().map(|(level, count)| (level.to_owned(), count)).collect();
        counts.put("other_levels", others);
    }
    facts.put("starbases", counts).why(model.explaining, || {
        Why::rule("number of the starbases of each level in systems that the player controls, as in `defense`")
            .from_all(levels())
    });
}
