//! Species.

use std::borrow::Cow;

use save_parsing::{Raw, RawBlock, RawField};

use super::Table;

/// A species.
#[derive(Debug, Clone)]
pub struct Species<'s> {
    /// The whole entry.
    pub block: RawBlock<'s>,
    /// Its name, to be resolved by the model.
    pub name: Option<Raw<'s>>,
    /// `HUM`, `MOL`, ...; none for the placeholder.
    pub class: Option<Cow<'s, str>>,
    /// `trait_...` as written, in the order of the file.
    pub traits: Vec<Cow<'s, str>>,
}

impl<'s> Species<'s> {
    fn of(block: RawBlock<'s>) -> Self {
        let mut species = Self { block, name: None, class: None, traits: Vec::new() };
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"name" => species.name = Some(value),
            b"class" => species.class = value.text(),
            b"traits" => {
                let traits = value.block().map(|traits| traits.all("trait")).unwrap_or_default();
                species.traits = traits.into_iter().filter_map(Raw::text).collect();
            }
            _ => {}
        });
        species
    }
}

/// From 3.0 on by id (`species_db`), before that by the position in a list without names (`species`).
pub(super) fn species(section: RawBlock<'_>) -> Table<Species<'_>> {
    let mut rows = Vec::new();
    let mut position = 0;
    section.each(|member| {
        let (number, next) = match member.number() {
            Some(number) => (number, position),
            None => (position, position + 1),
        };
        position = next;
        if let Some(block) = member.value.block() {
            rows.push((number, Species::of(block)));
        }
    });
    Table::new(rows)
}
