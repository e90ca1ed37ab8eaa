//! Armies by type and by where they are.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

use save_parsing::{RawBlock, RawField};

use crate::{
    fact::{Fact, Object, Why},
    model::{Model, id, ids},
};

struct Army<'s> {
    kind: Cow<'s, str>,
    /// Its health when it is whole.
    strength: f64,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Ship,
    Planet,
    Unknown,
}

impl<'s> Army<'s> {
    fn of(block: RawBlock<'s>) -> Self {
        let (mut kind, mut strength, mut ship, mut planet) = (None, 0.0, None, None);
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"type" => kind = value.text(),
            b"max_health" => strength = value.number().unwrap_or_default(),
            b"ship" => ship = id(value),
            b"planet" => planet = id(value),
            _ => {}
        });
        let place = if ship.is_some() {
            Place::Ship
        } else if planet.is_some() {
            Place::Planet
        } else {
            Place::Unknown
        };
        Self { kind: kind.unwrap_or("unknown".into()), strength, place }
    }
}

/// The facts on the player's armies.
///
/// # Errors
/// Why they are not known.
pub(super) fn armies(model: &Model<'_>) -> Result<Object, String> {
    let section = model.section("army").ok_or_else(|| model.absent("army"))?;
    let owned = model.own.block("owned_armies").map(ids).unwrap_or_default();
    let wanted: HashSet<u32> = owned.iter().copied().collect();
    let mut armies = BTreeMap::new();
    section.each_numbered(|id, value| {
        if wanted.contains(&id)
            && let Some(block) = value.block()
        {
            armies.insert(id, Army::of(block));
        }
    });
    let mut by_type = BTreeMap::<&str, usize>::new();
    for army in armies.values() {
        *by_type.entry(&army.kind).or_default() += 1;
    }
    let owned_path = model.own_path("owned_armies");
    let strengths = |place: Option<Place>| {
        let here = armies.iter().filter(move |(_, army)| place.is_none_or(|place| army.place == place));
        here.map(|(id, army)| (format!("army.{id}.max_health"), army.strength))
    };
    let sum = |place| Fact::rounded(strengths(place).map(|(_, strength)| strength).sum(), 1);
    let at = |place, note: &str| {
        let mut facts = Object::new();
        facts.put("count", strengths(Some(place)).count());
        facts.put("strength", sum(Some(place)));
        facts.put("note", note);
        facts
    };

    let mut facts = Object::new();
    facts.put("count", armies.len()).why(model.explaining, || {
        Why::rule("the owned armies that exist").from(owned_path, format!("{} armies", owned.len()))
    });
    facts
        .put("total_strength", sum(None))
        .why(model.explaining, || Why::rule("sum of max_health of the owned armies").from_all(strengths(None)));
    let kinds: Object = by_type.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect();
    facts.put("by_type", kinds).why(model.explaining, || {
        Why::rule("the owned armies by type")
            .from_all(armies.iter().map(|(id, army)| (format!("army.{id}.type"), &army.kind)))
    });
    facts
        .put("transportable", at(Place::Ship, "Armies on transport ships, available for planetary invasion"))
        .why(model.explaining, || {
            Why::rule("owned armies with a `ship`; strength: sum of max_health").from_all(strengths(Some(Place::Ship)))
        });
    facts.put("garrisoned", at(Place::Planet, "Armies stationed on planets for defense")).why(model.explaining, || {
        Why::rule("owned armies with a `planet` and no `ship`; strength: sum of max_health")
            .from_all(strengths(Some(Place::Planet)))
    });
    facts.put(
        "_note",
        "Army data is summarized by type and location. Per-planet garrison assignments are not included in this briefing.",
    );
    Ok(facts)
}
