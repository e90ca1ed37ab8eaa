//! Systems and the starbases that decide who controls them.

use std::borrow::Cow;

use save_parsing::{Raw, RawBlock, RawField};

use super::{
    Fleet, Model, Ship, Table,
    id::{id, id_of, ids},
};

/// A system of the galaxy.
#[derive(Debug, Clone)]
pub struct System<'s> {
    /// The whole entry.
    pub block: RawBlock<'s>,
    /// Its name, to be resolved by the model.
    pub name: Option<Raw<'s>>,
    /// Where it lies, in the units of the save.
    pub x: f64,
    /// Where it lies, in the units of the save.
    pub y: f64,
    /// Ids of its starbases, orbital rings among them; the first that exists decides.
    pub starbases: Vec<u32>,
    /// Ids of the systems one lane away, bridges included.
    pub lanes: Vec<u32>,
    /// Ids of its planets and stars.
    pub planets: Vec<u32>,
    /// Its flags.
    pub flags: Option<RawBlock<'s>>,
    /// Claims on it, `{ owner date claims }` one by one.
    pub claims: Option<RawBlock<'s>>,
    /// The country that controls it: owner of the fleet of its starbase's station. Occupied systems are the occupier's.
    pub controller: Option<u32>,
    /// The country that owns its starbase by law; only known up to 3.0.
    pub legal_owner: Option<u32>,
}

/// A starbase: an outpost is one too.
#[derive(Debug, Clone)]
pub struct Starbase<'s> {
    /// The whole entry.
    pub block: RawBlock<'s>,
    /// `starbase_level_...` as written.
    pub level: Cow<'s, str>,
    /// The ship that is its station.
    pub station: Option<u32>,
    /// The country that it belongs to by law; only written up to 3.0.
    pub owner: Option<u32>,
    /// Its system.
    pub system: Option<u32>,
    /// The owner of its station's fleet.
    pub controller: Option<u32>,
}

impl<'s> Starbase<'s> {
    /// Its level without `starbase_level_`: `outpost`, `starport`, `orbital_ring_tier_1`, ...
    pub fn level(&self) -> &str {
        self.level.strip_prefix("starbase_level_").unwrap_or(&self.level)
    }

    /// What stands in its slots of a kind (`modules`, `buildings`), by the numbers of the slots.
    pub fn slots(&self, kind: &str) -> Vec<Cow<'s, str>> {
        let mut slots = Vec::new();
        if let Some(block) = self.block.block(kind) {
            block.each_numbered(|slot, value| slots.extend(value.text().map(|text| (slot, text))));
        }
        slots.sort_by_key(|(slot, _)| *slot);
        slots.into_iter().map(|(_, text)| text).collect()
    }
}

impl<'s> Model<'s> {
    /// The starbases in the systems that the player controls, orbital rings among them, the lowest id first; or why they are
    /// not known.
    ///
    /// # Errors
    /// A sentence on the section that is not there or is damaged.
    pub fn own_starbases(&self) -> Result<Vec<(u32, &Starbase<'s>)>, String> {
        let lacks =
            |rows: usize, section: &str| (rows == 0 && self.section(section).is_none()).then(|| self.absent(section));
        let missing =
            if self.section("starbases").is_some() { None } else { lacks(self.starbases.len(), "starbase_mgr") };
        // Who controls a system is told from the fleet of a ship.
        let missing = missing.or_else(|| lacks(self.systems.len(), "galactic_object"));
        let missing = missing.or_else(|| lacks(self.ships.len(), "ships"));
        if let Some(reason) = missing.or_else(|| lacks(self.fleets.len(), "fleet")) {
            return Err(reason);
        }
        let ids = self.own_systems().flat_map(|(_, system)| &system.starbases);
        let mut found: Vec<_> = ids.filter_map(|id| Some((*id, self.starbases.get(*id)?))).collect();
        found.sort_by_key(|(id, _)| *id);
        found.dedup_by_key(|(id, _)| *id);
        Ok(found)
    }

    /// The path of a field of a starbase, for explanations.
    pub fn starbase_path(&self, starbase: u32, field: &str) -> String {
        // Before 3.0 the section is `starbases`.
        let manager = if self.save.section("starbase_mgr").is_some() { "starbase_mgr." } else { "" };
        format!("{manager}starbases.{starbase}.{field}")
    }

    /// The fleet of a starbase's station, which holds its platforms too.
    pub fn station_fleet(&self, starbase: &Starbase<'s>) -> Option<(u32, &Fleet<'s>)> {
        let fleet = self.ships.get(starbase.station?)?.fleet?;
        Some((fleet, self.fleets.get(fleet)?))
    }
}

pub(super) fn systems(section: RawBlock<'_>) -> Table<System<'_>> {
    let mut rows = Vec::new();
    section.each_numbered(|number, value| {
        let Some(block) = value.block() else { return };
        let mut system = System {
            block,
            name: None,
            x: 0.0,
            y: 0.0,
            starbases: Vec::new(),
            lanes: Vec::new(),
            planets: Vec::new(),
            flags: None,
            claims: None,
            controller: None,
            legal_owner: None,
        };
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"name" => system.name = Some(value),
            b"coordinate" => {
                let Some(place) = value.block() else { return };
                (system.x, system.y) = (place.number("x").unwrap_or_default(), place.number("y").unwrap_or_default());
            }
            b"starbase" => system.starbases.extend(id(value)),
            b"starbases" => system.starbases = value.block().map(ids).unwrap_or_default(),
            b"hyperlane" => {
                let lanes = value.block().map(RawBlock::items).unwrap_or_default();
                system.lanes = lanes.into_iter().filter_map(|lane| id_of(lane.block()?, "to")).collect();
            }
            b"planet" => system.planets.extend(id(value)),
            b"flags" => system.flags = value.block(),
            b"claims" => system.claims = value.block(),
            _ => {}
        });
        rows.push((number, system));
    });
    Table::new(rows)
}

pub(super) fn starbases(section: RawBlock<'_>) -> Table<Starbase<'_>> {
    let mut rows = Vec::new();
    section.each_numbered(|number, value| {
        let Some(block) = value.block() else { return };
        let mut starbase =
            Starbase { block, level: Cow::Borrowed(""), station: None, owner: None, system: None, controller: None };
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"level" => starbase.level = value.text().unwrap_or_default(),
            b"station" => starbase.station = id(value),
            b"owner" => starbase.owner = id(value),
            b"system" => starbase.system = id(value),
            _ => {}
        });
        rows.push((number, starbase));
    });
    Table::new(rows)
}

/// Writes the controllers into starbases and systems, and the systems into starbases.
pub(super) fn control<'s>(
    systems: &mut Table<System<'s>>,
    starbases: &mut Table<Starbase<'s>>,
    ships: &Table<Ship<'s>>,
    fleets: &Table<Fleet<'s>>,
) {
    for (_, starbase) in starbases.iter_mut() {
        let ship = starbase.station.and_then(|station| ships.get(station));
        let fleet = ship.and_then(|ship| ship.fleet).and_then(|fleet| fleets.get(fleet));
        starbase.controller = fleet.and_then(|fleet| fleet.owner);
    }
    for (number, system) in systems.iter_mut() {
        let first = system.starbases.iter().find_map(|starbase| starbases.get(*starbase));
        if let Some(first) = first {
            (system.controller, system.legal_owner) = (first.controller, first.owner);
        }
        for starbase in &system.starbases {
            if let Some(starbase) = starbases.get_mut(*starbase) {
                starbase.system = Some(number);
            }
        }
    }
}
