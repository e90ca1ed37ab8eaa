//! The player's planets, a row for each.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    colony::{Colony, Office},
    construction::{Construction, without},
    population::Populations,
};
use crate::{
    fact::{Fact, Object, Why, round},
    model::{Model, Planet},
};

/// A row of a planet, and what sums are made of.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) planet: u32,
    /// The class without `pc_`.
    pub(super) kind: String,
    pub(super) population: Option<i64>,
    row: Object,
}

/// Rows of the planets that the player owns.
pub(super) fn planets(model: &Model<'_>) -> Vec<Row> {
    let colonies: Vec<(u32, Colony<'_>)> =
        model.own_planets().map(|(planet, row)| (planet, Colony::of(row.block))).collect();
    let construction = Construction::of(model, &colonies);
    let populations = Populations::of(model);
    let row = |(planet, colony): &(u32, Colony<'_>)| {
        let kind = model.planets.get(*planet).map(kind).unwrap_or_default();
        let population = populations.of_planet(*planet, colony.pops);
        let row = row(model, *planet, &kind, population, colony, &construction);
        Row { planet: *planet, kind, population, row }
    };
    colonies.iter().map(row).collect()
}

fn kind(planet: &Planet<'_>) -> String {
    without(&planet.class, "pc_").to_owned()
}

/// The rows with their counts.
pub(super) fn listed(model: &Model<'_>, rows: Vec<Row>) -> Object {
    let mut by_type: BTreeMap<String, i64> = BTreeMap::new();
    for row in &rows {
        *by_type.entry(row.kind.clone()).or_default() += 1;
    }
    let (count, total) = (rows.len(), rows.iter().map(|row| row.population).sum::<Option<i64>>());
    let populations: Vec<_> =
        rows.iter().map(|row| (format!("planets.planet.{}", row.planet), row.population)).collect();
    let mut planets = Object::new();
    let rows: Vec<Object> = rows.into_iter().map(|row| row.row).collect();
    planets.put("planets", rows).why(model.explaining, || {
        Why::rule(
            "Entries of `planets.planet` with the player as owner; size is planet_size, last_building and last_district \
             are last_*_changed, the rest has its names from the save",
        )
        .from("planets.planet.*.owner", model.player)
    });
    planets.put("count", count).why(model.explaining, || {
        Why::rule("Entries of `planets.planet` with the player as owner").from("planets.planet.*.owner", model.player)
    });
    planets.known_or("total_pops", total, model.absent("pop_groups")).why(model.explaining, || {
        let known = populations.iter().filter_map(|(path, population)| Some((path.clone(), (*population)?)));
        Why::rule("Sum of the planets' populations").from_all(known)
    });
    planets.put("by_type", by_type.into_iter().collect::<Object>()).why(model.explaining, || {
        Why::rule("Planets by planet_class without pc_")
            .from("planets.planet.*.planet_class", format!("{count} planets"))
    });
    planets
}

fn row(
    model: &Model<'_>,
    planet: u32,
    kind: &str,
    population: Option<i64>,
    colony: &Colony<'_>,
    construction: &Construction<'_>,
) -> Object {
    let path = |field: &str| format!("planets.planet.{planet}.{field}");
    let mut row = Object::new();
    row.put("id", planet.to_string());
    row.put("name", model.planet_name(planet));
    row.put("type", kind);
    row.put("size", colony.size.map(Fact::decimal));
    row.known_or("population", population, model.absent("pop_groups")).why(model.explaining, || {
        let why = Why::rule("Ids in the planet's list of pops; from 4.0 on the sizes of the groups of pops on it");
        match model.pop_groups {
            Some(_) => why.from(format!("pop_groups.*[planet={planet}].size"), population.unwrap_or_default()),
            None => why.from(path("pop"), format!("{} ids", colony.pops)),
        }
    });
    for (name, number, decimals) in [
        ("stability", colony.stability, 5),
        ("amenities", colony.amenities, 5),
        ("free_amenities", colony.free_amenities, 5),
        ("crime", colony.crime, 1),
    ] {
        if let Some(number) = number {
            row.put(name, round(number, decimals));
        }
    }
    if let Some(modifier) = &colony.planet_modifier {
        row.put("planet_modifier", without(modifier, "pm_"));
    }
    if !colony.modifiers.is_empty() {
        row.put("modifiers", modifiers(colony)).why(model.explaining, || {
            Why::rule("Timed modifiers with the days that are left; below 0 they last")
                .from(path("timed_modifier"), "days")
        });
    }
    match construction.buildings(colony) {
        Ok(buildings) if buildings.is_empty() => {}
        Ok(buildings) => {
            row.put("buildings", Fact::texts(buildings));
        }
        Err(section) => row.unknown("buildings", model.absent(section)),
    }
    if !colony.offices.is_empty() {
        let offices: Vec<Object> =
            colony.offices.iter().map(|office| branch_office(model, office, construction)).collect();
        row.put("branch_offices", offices);
    }
    districts(model, planet, colony, construction, &mut row);
    for (name, number) in [("total_housing", colony.total_housing), ("free_housing", colony.free_housing)] {
        if let Some(number) = number {
            row.put(name, round(number, 5));
        }
    }
    if let Some(designation) = &colony.designation {
        row.put("final_designation", designation.clone());
    }
    row
}

fn districts(model: &Model<'_>, planet: u32, colony: &Colony<'_>, construction: &Construction<'_>, row: &mut Object) {
    let districts = construction.districts(colony);
    match &districts {
        Ok(types) => {
            row.put("district_count", types.values().sum::<i64>()).why(model.explaining, || {
                let named = |(kind, count): (&Cow<'_, str>, &i64)| {
                    (format!("planets.planet.{planet}.district"), format!("{count} {kind}"))
                };
                let why =
                    Why::rule("Districts that the planet names; from 4.0 on the sum of the levels of its districts");
                if colony.districts.is_empty() {
                    why.from_all(types.iter().map(named))
                } else {
                    why.from_all(construction.levels(colony))
                }
            });
        }
        Err(section) => row.unknown("district_count", model.absent(section)),
    }
    if let Some(last) = &colony.last_building {
        row.put("last_building", last.clone());
    }
    if let Some(last) = &colony.last_district {
        row.put("last_district", last.clone());
    }
    match districts {
        Ok(types) => {
            let types: Object = types.into_iter().map(|(kind, count)| (kind.into_owned(), count)).collect();
            row.put("districts", types).why(model.explaining, || {
                Why::rule("The districts of district_count by their types")
                    .from(format!("planets.planet.{planet}"), "districts")
            });
        }
        Err(section) => row.unknown("districts", model.absent(section)),
    }
}

fn modifiers(colony: &Colony<'_>) -> Vec<Object> {
    let modifier = |(name, days): &(Cow<'_, str>, Option<f64>)| {
        let mut modifier = Object::new();
        modifier.put("name", name.clone());
        modifier.put("display_name", title_case(name));
        if let Some(days) = days {
            modifier.put("days", Fact::decimal(*days));
            modifier.put("permanent", *days < 0.0);
        }
        modifier
    };
    colony.modifiers.iter().map(modifier).collect()
}

fn branch_office(model: &Model<'_>, office: &Office<'_>, construction: &Construction<'_>) -> Object {
    let mut row = Object::new();
    row.put("owner_id", office.owner.to_string());
    row.put("owner_name", model.country_name(office.owner));
    row.put("owner_type", office.kind.clone());
    match construction.types(&office.buildings) {
        Ok(buildings) => {
            row.put("buildings", Fact::texts(buildings));
        }
        Err(section) => row.unknown("buildings", model.absent(section)),
    }
    row
}

/// `colonial_spirit` as "Colonial Spirit".
fn title_case(key: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    };
    key.split('_').filter_map(word).collect::<Vec<_>>().join(" ")
}
