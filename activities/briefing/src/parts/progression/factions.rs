//! The factions within the empire.

use std::borrow::Cow;

use save_parsing::{Raw, RawBlock, RawField};

use crate::{
    fact::{Object, Why},
    model::{Model, id, ids},
    parts::identity::is_gestalt,
};

struct Faction<'s> {
    id: u32,
    kind: Cow<'s, str>,
    name: Option<Raw<'s>>,
    support: f64,
    power: Option<f64>,
    approval: f64,
    members: usize,
    /// In 2.x only the support is written, under another name.
    old: bool,
}

impl<'s> Faction<'s> {
    /// The faction, if it is one of this country.
    fn of(number: u32, block: RawBlock<'s>, country: u32) -> Option<Self> {
        let mut owner = None;
        let mut faction = Self {
            id: number,
            kind: Cow::Borrowed(""),
            name: None,
            support: 0.0,
            power: None,
            approval: 0.0,
            members: 0,
            old: false,
        };
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"country" => owner = id(value),
            b"type" => faction.kind = value.text().unwrap_or_default(),
            b"name" => faction.name = Some(value),
            b"support_percent" => faction.support = value.number().unwrap_or_default(),
            b"support" => {
                faction.support = value.number().unwrap_or_default();
                faction.old = true;
            }
            b"support_power" => faction.power = value.number(),
            b"faction_approval" => faction.approval = value.number().unwrap_or_default(),
            b"members" => faction.members = value.block().map_or(0, |members| ids(members).len()),
            _ => {}
        });
        (owner == Some(country)).then_some(faction)
    }

    fn row(&self, model: &Model<'s>) -> Object {
        let mut row = Object::new();
        row.put("id", self.id.to_string());
        row.put("country_id", model.player);
        row.put("type", self.kind.clone());
        row.put("name", model.name(self.name, &format!("Faction {}", self.id)));
        row.put("support_percent", self.support);
        let power = self.power.or((!self.old).then_some(0.0));
        row.known_or("support_power", power, "2.x does not write the power of factions");
        row.put("approval", self.approval);
        row.put("members_count", self.members);
        row
    }
}

/// Adds the factions by their support, the strongest first.
pub(super) fn put(model: &Model<'_>, out: &mut Object) {
    let gestalt = model.own_country().is_some_and(is_gestalt);
    let mut facts = Object::new();
    facts
        .put("is_gestalt", gestalt)
        .why(model.explaining, || Why::rule("as in identity").from("identity.is_gestalt", gestalt));
    let section = model.section("pop_factions");
    if section.is_none() && !gestalt {
        facts.unknown("factions", model.absent("pop_factions"));
        facts.unknown("count", model.absent("pop_factions"));
    } else {
        let mut factions = Vec::new();
        if let Some(section) = section.filter(|_| !gestalt) {
            section.each_numbered(|id, value| {
                factions.extend(value.block().and_then(|block| Faction::of(id, block, model.player)));
            });
        }
        factions.sort_by(|a, b| b.support.total_cmp(&a.support).then(a.id.cmp(&b.id)));
        let sources = || factions.iter().map(|faction| (format!("pop_factions.{}", faction.id), faction.support));
        facts.put("factions", factions.iter().map(|faction| faction.row(model)).collect::<Vec<_>>()).why(model.explaining, || {
            Why::rule(
                "those whose `country` is the player's, by support_percent (in 2.x `support`), then by id; the approval is \
                 faction_approval, 0 where it is not written; none for gestalt empires",
            )
            .from_all(sources())
        });
        facts
            .put("count", factions.len())
            .why(model.explaining, || Why::rule("how many the country has").from_all(sources()));
    }
    out.put("factions", facts);
}
