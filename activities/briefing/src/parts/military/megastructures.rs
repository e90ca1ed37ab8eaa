//! Megastructures: the player's, and the ruins of the galaxy.

use std::{borrow::Cow, collections::BTreeMap};

use save_parsing::{RawBlock, RawField};

use crate::{
    fact::{Object, Why},
    model::{Model, Table, id},
};

/// What a megastructure is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Ruined,
    Restored,
    UnderConstruction,
    Complete,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Ruined => "ruined",
            Self::Restored => "restored",
            Self::UnderConstruction => "under_construction",
            Self::Complete => "complete",
        }
    }
}

/// A megastructure as the save has it.
pub(super) struct Megastructure<'s> {
    pub(super) kind: Cow<'s, str>,
    pub(super) owner: Option<u32>,
    planet: Option<u32>,
    building: bool,
}

impl<'s> Megastructure<'s> {
    fn of(block: RawBlock<'s>) -> Self {
        let mut megastructure = Self { kind: Cow::Borrowed("unknown"), owner: None, planet: None, building: false };
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"type" => megastructure.kind = value.text().unwrap_or("unknown".into()),
            b"owner" => megastructure.owner = id(value),
            b"planet" => megastructure.planet = id(value),
            b"build_queue" => megastructure.building |= id(value).is_some(),
            b"upgrade" => {
                let Some(upgrade) = value.block() else { return };
                let target = upgrade.text("upgrade_to").is_some_and(|target| !target.is_empty());
                megastructure.building |= target || upgrade.number("progress").unwrap_or_default() > 0.0;
            }
            _ => {}
        });
        megastructure
    }

    /// Its type without what tells the state: one of `_ruined`, `_restored`, `_site`, `_destroyed` and the number of the stage.
    fn display_type(&self) -> &str {
        let kind = &*self.kind;
        let plain = ["_ruined", "_restored", "_site", "_destroyed"].iter().find_map(|state| kind.strip_suffix(state));
        let stage =
            kind.rsplit_once('_').filter(|(_, end)| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit()));
        plain.or(stage.map(|(plain, _)| plain)).unwrap_or(kind)
    }

    pub(super) fn status(&self) -> Status {
        if self.kind.contains("ruined") || self.kind.contains("destroyed") {
            Status::Ruined
        } else if self.kind.ends_with("_restored") {
            Status::Restored
        } else if self.building || self.kind.ends_with("_site") {
            Status::UnderConstruction
        } else {
            Status::Complete
        }
    }
}

/// All megastructures of the galaxy.
pub(super) fn all<'s>(model: &Model<'s>) -> Option<Table<Megastructure<'s>>> {
    let mut rows = Vec::new();
    model.section("megastructures")?.each_numbered(|id, value| {
        if let Some(block) = value.block() {
            rows.push((id, Megastructure::of(block)));
        }
    });
    Some(Table::new(rows))
}

const STATUS: &str = "status: ruined where the type says ruined or destroyed; restored where it ends in _restored; \
                      under_construction where there is a build_queue or an upgrade, or the type ends in _site; else complete";

/// The facts on megastructures.
///
/// # Errors
/// Why they are not known.
pub(super) fn megastructures(model: &Model<'_>) -> Result<Object, String> {
    let all = all(model).ok_or_else(|| model.absent("megastructures"))?;
    let own = || all.iter().filter(|(_, megastructure)| megastructure.owner == Some(model.player));
    let types = || own().map(|(id, megastructure)| (format!("megastructures.{id}.type"), &megastructure.kind));
    let mut by_type = BTreeMap::<&str, usize>::new();
    for (_, megastructure) in own() {
        *by_type.entry(megastructure.display_type()).or_default() += 1;
    }
    let rows: Vec<_> = own()
        .map(|(id, megastructure)| {
            let mut row = Object::new();
            row.put("id", id.to_string());
            row.put("type", &*megastructure.kind);
            row.put("display_type", megastructure.display_type());
            row.put("status", megastructure.status().name());
            if let Some(planet) = megastructure.planet {
                row.put("planet_id", planet.to_string());
            }
            if megastructure.kind == "lgate_base" {
                row.put("natural", true);
            }
            row
        })
        .collect();
    let ruined = || all.iter().filter(|(_, megastructure)| megastructure.status() == Status::Ruined);
    let ruins: Vec<_> = ruined()
        .map(|(id, megastructure)| {
            let mut row = Object::new();
            row.put("id", id.to_string());
            row.put("type", &*megastructure.kind);
            row.known_or("owner", megastructure.owner, "nobody owns it");
            if let Some(planet) = megastructure.planet {
                row.put("planet_id", planet.to_string());
            }
            row
        })
        .collect();

    let mut facts = Object::new();
    facts.put("megastructures", rows).why(model.explaining, || {
        Why::rule(format!("the megastructures whose owner is the player; {STATUS}; natural: no country built it"))
            .from_all(types())
    });
    facts
        .put("count", own().count())
        .why(model.explaining, || Why::rule("number of megastructures whose owner is the player").from_all(types()));
    let by_type: Object = by_type.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect();
    facts.put("by_type", by_type).why(model.explaining, || {
        Why::rule("those of the player by display_type, the type without its state or stage").from_all(types())
    });
    facts.put("ruined_available", ruins).why(model.explaining, || {
        let ruins = ruined().map(|(id, megastructure)| (format!("megastructures.{id}.type"), &megastructure.kind));
        Why::rule("the megastructures of the galaxy, of any owner, whose type says ruined or destroyed").from_all(ruins)
    });
    Ok(facts)
}
