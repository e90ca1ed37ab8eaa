//! What the save says of a planet of the player, in one pass over its entry.

use std::borrow::Cow;

use save_parsing::{Raw, RawBlock, RawField};

use crate::model::{id, ids, ids_of};

/// What the save says of a planet of the player.
#[derive(Debug, Default)]
pub(super) struct Colony<'s> {
    /// How many pops it lists itself, up to 3.x.
    pub(super) pops: usize,
    /// Numbers by the names of the briefing.
    pub(super) size: Option<f64>,
    pub(super) stability: Option<f64>,
    pub(super) amenities: Option<f64>,
    pub(super) free_amenities: Option<f64>,
    pub(super) crime: Option<f64>,
    pub(super) total_housing: Option<f64>,
    pub(super) free_housing: Option<f64>,
    /// `pm_...`.
    pub(super) planet_modifier: Option<Cow<'s, str>>,
    /// Names and days.
    pub(super) modifiers: Vec<(Cow<'s, str>, Option<f64>)>,
    /// Ids of buildings that it lists itself, up to 3.x.
    pub(super) buildings: Vec<u32>,
    /// Buildings of others.
    pub(super) offices: Vec<Office<'s>>,
    /// Its districts by their types, up to 3.x.
    pub(super) named_districts: Vec<Cow<'s, str>>,
    /// Ids of its districts, from 4.0 on.
    pub(super) districts: Vec<u32>,
    pub(super) last_building: Option<Cow<'s, str>>,
    pub(super) last_district: Option<Cow<'s, str>>,
    pub(super) designation: Option<Cow<'s, str>>,
}

/// What another country owns on a planet.
#[derive(Debug)]
pub(super) struct Office<'s> {
    pub(super) owner: u32,
    pub(super) kind: Cow<'s, str>,
    pub(super) buildings: Vec<u32>,
}

impl<'s> Colony<'s> {
    /// Reads the planet.
    pub(super) fn of(block: RawBlock<'s>) -> Self {
        let mut colony = Self::default();
        let mut branch_owner = None;
        let mut branch_buildings = Vec::new();
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"pop" => colony.pops = value.block().map(ids).unwrap_or_default().len(),
            b"planet_size" => colony.size = value.number(),
            b"stability" => colony.stability = value.number(),
            b"amenities" => colony.amenities = value.number(),
            b"free_amenities" => colony.free_amenities = value.number(),
            b"crime" => colony.crime = value.number(),
            b"total_housing" => colony.total_housing = value.number(),
            b"free_housing" => colony.free_housing = value.number(),
            b"planet_modifier" => colony.planet_modifier = value.text(),
            b"timed_modifier" => {
                let Some(block) = value.block() else { return };
                // One container with items, or one container for each.
                let items = block.block("items").map(RawBlock::items);
                let items = items.unwrap_or_else(|| vec![value]);
                colony.modifiers.extend(items.into_iter().filter_map(Raw::block).filter_map(modifier));
            }
            b"buildings" => colony.buildings = value.block().map(ids).unwrap_or_default(),
            b"branch_office_owner" => branch_owner = id(value),
            b"branch_office_buildings" => branch_buildings = value.block().map(ids).unwrap_or_default(),
            b"externally_owned_buildings" => {
                let items = value.block().map(RawBlock::items).unwrap_or_default();
                colony.offices.extend(items.into_iter().filter_map(Raw::block).filter_map(office));
            }
            b"district" => colony.named_districts.extend(value.text()),
            b"districts" => colony.districts = value.block().map(ids).unwrap_or_default(),
            b"last_building_changed" => colony.last_building = value.text(),
            b"last_district_changed" => colony.last_district = value.text(),
            b"final_designation" => colony.designation = value.text(),
            _ => {}
        });
        if let Some(owner) = branch_owner {
            // Before others than megacorporations could own something, their kind was not written.
            colony.offices.push(Office { owner, kind: Cow::Borrowed("corporate"), buildings: branch_buildings });
        }
        colony
    }
}

fn modifier(block: RawBlock<'_>) -> Option<(Cow<'_, str>, Option<f64>)> {
    Some((block.text("modifier")?, block.number("days")))
}

fn office(block: RawBlock<'_>) -> Option<Office<'_>> {
    Some(Office {
        owner: id(block.get("building_owner")?)?,
        kind: block.text("owner_type").unwrap_or(Cow::Borrowed("unknown")),
        buildings: ids_of(block, "buildings"),
    })
}
