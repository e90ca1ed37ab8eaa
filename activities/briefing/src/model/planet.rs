//! Planets, stars and habitats.

use std::borrow::Cow;

use save_parsing::{Raw, RawBlock, RawField};

use super::{Table, id::id};

/// A planet as all parts need it. What only one part needs it reads from [`Planet::block`].
#[derive(Debug, Clone)]
pub struct Planet<'s> {
    /// The whole entry.
    pub block: RawBlock<'s>,
    /// Its name, to be resolved by the model.
    pub name: Option<Raw<'s>>,
    /// `pc_...` as written.
    pub class: Cow<'s, str>,
    /// The country that owns it.
    pub owner: Option<u32>,
    /// The country that controls it.
    pub controller: Option<u32>,
    /// The system that it lies in.
    pub system: Option<u32>,
}

pub(super) fn planets(section: RawBlock<'_>) -> Table<Planet<'_>> {
    let begin =
        |block| Planet { block, name: None, class: Cow::Borrowed(""), owner: None, controller: None, system: None };
    Table::new(section.rows_within("planet", begin, |planet, RawField { key, value }| match key.unwrap_or_default() {
        b"name" => planet.name = Some(value),
        b"planet_class" => planet.class = value.text().unwrap_or_default(),
        b"owner" => planet.owner = id(value),
        b"controller" => planet.controller = id(value),
        b"coordinate" => planet.system = value.block().and_then(|place| id(place.get("origin")?)),
        _ => {}
    }))
}

/// More pops are no size of a group, and might not add up.
const MOST_POPS: i64 = 1 << 32;

/// Pops of one kind on one planet; from 4.0 on, before that each pop has an entry of its own.
#[derive(Debug, Clone)]
pub struct PopGroup<'s> {
    /// Where they live.
    pub planet: Option<u32>,
    /// How many they are: about a hundred for one pop of the versions before.
    pub size: i64,
    /// Their species.
    pub species: Option<u32>,
    /// `worker`, `specialist_unemployment`, ... as written.
    pub category: Cow<'s, str>,
    /// From 0 to 1; not written of those who have none.
    pub happiness: Option<f64>,
}

pub(super) fn pop_groups(section: RawBlock<'_>) -> Table<PopGroup<'_>> {
    let mut rows = Vec::new();
    section.each_numbered(|number, value| {
        let Some(block) = value.block() else { return };
        let mut group = PopGroup { planet: None, size: 0, species: None, category: Cow::Borrowed(""), happiness: None };
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"key" => {
                let Some(kind) = value.block() else { return };
                group.species = kind.get("species").and_then(id);
                group.category = kind.text("category").unwrap_or_default();
            }
            b"planet" => group.planet = id(value),
            b"size" => group.size = value.integer().unwrap_or_default().clamp(0, MOST_POPS),
            b"happiness" => group.happiness = value.number(),
            _ => {}
        });
        rows.push((number, group));
    });
    Table::new(rows)
}
