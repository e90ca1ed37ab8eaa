//! Fleets, their ships and what class a ship is of.

use std::{borrow::Cow, collections::HashMap};

use save_parsing::{Raw, RawBlock, RawField};

use super::{
    Country, Model, Table,
    id::{id, id_of, ids},
};

/// A fleet. Stations are fleets too.
#[derive(Debug, Clone)]
pub struct Fleet<'s> {
    /// The whole entry.
    pub block: RawBlock<'s>,
    /// Its name, to be resolved by the model.
    pub name: Option<Raw<'s>>,
    /// The country whose list of owned fleets has it.
    pub owner: Option<u32>,
    /// Ids of its ships, those that are gone among them.
    pub ships: Vec<u32>,
    /// It stands still: a starbase, a mining station.
    pub station: bool,
    /// It has no weapons by design.
    pub civilian: bool,
    /// The game's own figure; 0 where it is not written.
    pub military_power: f64,
}

/// What a fleet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FleetClass {
    /// It stands still: a starbase, a mining station.
    Station,
    /// It explores, builds, carries armies.
    Civilian,
    /// It fights.
    Military,
}

/// A fleet with more power than this is one of war, whatever its ships: the few guns of transports and of science ships stay
/// below it. A guess.
const WARLIKE_POWER: f64 = 100.0;

/// Sizes of ships that are built to fight.
const WARSHIPS: [&str; 8] =
    ["corvette", "frigate", "destroyer", "cruiser", "battleship", "titan", "colossus", "juggernaut"];

/// A ship.
#[derive(Debug, Clone)]
pub struct Ship<'s> {
    /// Its fleet.
    pub fleet: Option<u32>,
    /// `corvette`, `starbase_outpost`, `military_station_small`, ...: the size of its design; `unknown` if the design is gone.
    pub class: Cow<'s, str>,
}

impl Ship<'_> {
    /// Whether it is built to fight.
    pub fn is_warship(&self) -> bool {
        WARSHIPS.contains(&&*self.class)
    }

    /// Whether it carries armies.
    pub fn is_transport(&self) -> bool {
        self.class == "transport"
    }

    /// Whether it is a platform that defends a starbase.
    pub fn is_platform(&self) -> bool {
        self.class.starts_with("military_station_") || self.class == "ion_cannon"
    }
}

impl<'s> Model<'s> {
    /// The ships of a fleet that exist, in the order of the file.
    pub fn ships_of<'m>(&'m self, fleet: &'m Fleet<'s>) -> impl Iterator<Item = &'m Ship<'s>> {
        fleet.ships.iter().filter_map(|ship| self.ships.get(*ship))
    }

    /// What a fleet is for. The save marks stations and most civilians; of the others those fight that have a ship built for
    /// it, or much power \[H\].
    pub fn class_of(&self, fleet: &Fleet<'s>) -> FleetClass {
        // A few stations are marked as civilian too.
        if fleet.station {
            FleetClass::Station
        } else if !fleet.civilian
            && (fleet.military_power > WARLIKE_POWER || self.ships_of(fleet).any(Ship::is_warship))
        {
            FleetClass::Military
        } else {
            FleetClass::Civilian
        }
    }
}

/// All fleets, with their owners.
pub(super) fn fleets<'s>(section: RawBlock<'s>) -> Table<Fleet<'s>> {
    let begin = |block| Fleet {
        block,
        name: None,
        owner: None,
        ships: Vec::new(),
        station: false,
        civilian: false,
        military_power: 0.0,
    };
    Table::new(section.rows(begin, |fleet, RawField { key, value }| match key.unwrap_or_default() {
        b"name" => fleet.name = Some(value),
        b"owner" => fleet.owner = id(value),
        b"ships" => fleet.ships = value.block().map(ids).unwrap_or_default(),
        b"station" => fleet.station = value.is_yes(),
        b"civilian" => fleet.civilian = value.is_yes(),
        b"military_power" => fleet.military_power = value.number().unwrap_or_default(),
        _ => {}
    }))
}

/// Writes the owners into the fleets: the countries' lists win over what a fleet says of itself.
pub(super) fn own(fleets: &mut Table<Fleet<'_>>, countries: &Table<Country<'_>>) {
    for (country, row) in countries.iter() {
        for fleet in &row.fleets {
            if let Some(fleet) = fleets.get_mut(*fleet) {
                fleet.owner = Some(country);
            }
        }
    }
}

/// A ship with its design still to be looked up.
pub(super) struct Designed {
    fleet: Option<u32>,
    design: Option<u32>,
}

pub(super) fn ships(section: RawBlock<'_>) -> Vec<(u32, Designed)> {
    let begin = |_| Designed { fleet: None, design: None };
    section.rows(begin, |ship, RawField { key, value }| match key.unwrap_or_default() {
        b"fleet" => ship.fleet = id(value),
        b"ship_design" => ship.design = id(value),
        b"ship_design_implementation" => ship.design = value.block().and_then(|block| id_of(block, "design")),
        _ => {}
    })
}

/// The sizes of the designs: `ship_size`, from 4.0 on that of the first growth stage.
pub(super) fn designs(section: RawBlock<'_>) -> HashMap<u32, Cow<'_, str>> {
    let sizes = section.rows(
        |_| None,
        |size, RawField { key, value }| match key.unwrap_or_default() {
            b"ship_size" => *size = value.text(),
            b"growth_stages" => {
                let first = value.block().and_then(|stages| stages.items().first()?.block());
                *size = first.and_then(|stage| stage.text("ship_size"));
            }
            _ => {}
        },
    );
    sizes.into_iter().filter_map(|(number, size)| Some((number, size?))).collect()
}

pub(super) fn with_classes<'s>(ships: Vec<(u32, Designed)>, designs: &HashMap<u32, Cow<'s, str>>) -> Table<Ship<'s>> {
    let class = |ship: &Designed| {
        ship.design.and_then(|design| designs.get(&design)).cloned().unwrap_or(Cow::Borrowed("unknown"))
    };
    Table::new(
        ships.into_iter().map(|(number, ship)| (number, Ship { class: class(&ship), fleet: ship.fleet })).collect(),
    )
}
