//! Digs that the player can see.

use std::borrow::Cow;

use save_parsing::{Raw, RawBlock, RawField};

use crate::{
    fact::{Fact, Object, Why},
    model::{Model, id, id_of, ids},
};

/// What the save says of a dig.
#[derive(Debug, Default)]
struct Site<'s> {
    kind: Option<Cow<'s, str>>,
    clues: Option<f64>,
    difficulty: Option<f64>,
    days_left: Option<f64>,
    locked: bool,
    visible: bool,
    /// The countries that finished its chapters, one for each.
    chapters: Vec<Option<u32>>,
    excavated: bool,
    planet: Option<u32>,
}

/// Puts in the digs, by their ids.
pub(super) fn put(model: &Model<'_>, territory: &mut Object) {
    let sites = model.section("archaeological_sites").map(|section| section.block("sites"));
    let Some(sites) = sites else {
        territory.unknown("archaeology", model.absent("archaeological_sites"));
        return;
    };
    let mut rows = Vec::new();
    if let Some(sites) = sites {
        sites.each_numbered(|number, value| {
            let Some(block) = value.block() else { return };
            let site = Site::of(block, model.player);
            if site.visible {
                rows.push((number, row(model, number, &site)));
            }
        });
    }
    rows.sort_by_key(|(number, _)| *number);
    let rows: Vec<Object> = rows.into_iter().map(|(_, row)| row).collect();
    let count = rows.len();
    territory.put("archaeology", rows).why(model.explaining, || {
        Why::rule(
            "Sites with the player in visible_to. completed_count counts finished chapters, player_completed says that one \
             of them at least was the player's; whether a dig is finished is not saved",
        )
        .from("archaeological_sites.sites.*.visible_to", format!("{count} sites"))
    });
}

impl<'s> Site<'s> {
    fn of(block: RawBlock<'s>, player: u32) -> Self {
        let mut site = Self::default();
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"type" => site.kind = value.text(),
            b"clues" => site.clues = value.number(),
            b"difficulty" => site.difficulty = value.number(),
            b"days_left" => site.days_left = value.number(),
            b"locked" => site.locked = value.is_yes(),
            b"visible_to" => site.visible = value.block().is_some_and(|seen| ids(seen).contains(&player)),
            b"completed" => {
                let chapters = value.block().map(RawBlock::items).unwrap_or_default();
                let country = |chapter: RawBlock<'_>| id_of(chapter, "country");
                site.chapters = chapters.into_iter().filter_map(Raw::block).map(country).collect();
            }
            b"excavator_fleet" => site.excavated = id(value).is_some(),
            b"location" => site.planet = value.block().and_then(|place| id_of(place, "id")),
            _ => {}
        });
        site
    }
}

fn row(model: &Model<'_>, number: u32, site: &Site<'_>) -> Object {
    let mut row = Object::new();
    row.put("site_id", number.to_string());
    row.known_or("type", site.kind.clone(), "the site has no type");
    for (name, value) in [("clues", site.clues), ("difficulty", site.difficulty)] {
        row.put(name, Fact::decimal(value.unwrap_or_default()));
    }
    row.known_or("days_left", site.days_left.map(Fact::decimal), "the site does not say how many days are left");
    row.put("locked", site.locked);
    row.put("player_visible", site.visible);
    row.put("player_completed", site.chapters.contains(&Some(model.player)));
    row.put("completed_count", site.chapters.len());
    row.put("active_excavation", site.excavated);
    let system = site.planet.and_then(|planet| model.planets.get(planet)).and_then(|planet| planet.system);
    let name = system.map(|system| Fact::from(model.system_name(system)));
    row.known_or("system_name", name, "the planet of the site is not in the save");
    row
}
