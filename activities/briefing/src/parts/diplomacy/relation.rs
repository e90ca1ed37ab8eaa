//! One relation of the player's country: what its flags say of the two.

use std::collections::HashSet;

use save_parsing::{RawBlock, RawField};

use crate::{
    fact::{Object, Why},
    model::{Country, Date, Model, id, ids},
};

use super::NO_OPINIONS;

/// A key of a relation that is `yes`, or the date since when it is so.
pub(super) struct Flag {
    /// As the save has it.
    pub(super) key: &'static str,
    /// As the briefing has it.
    pub(super) field: &'static str,
    /// Whether it is listed among the treaties.
    pub(super) treaty: bool,
}

const fn treaty(key: &'static str, field: &'static str) -> Flag {
    Flag { key, field, treaty: true }
}

const fn state(key: &'static str, field: &'static str) -> Flag {
    Flag { key, field, treaty: false }
}

/// The flags in the order in which rows and treaties have them.
pub(super) const FLAGS: [Flag; 17] = [
    state("embassy", "embassy"),
    treaty("defensive_pact", "defensive_pact"),
    state("alliance", "federation_member"),
    treaty("non_aggression_pledge", "non_aggression_pact"),
    treaty("commercial_pact", "commercial_pact"),
    treaty("migration_access", "migration_treaty"),
    treaty("research_agreement", "research_agreement"),
    treaty("is_rival", "rival"),
    treaty("closed_borders", "closed_borders"),
    state("hostile", "hostile"),
    state("neutral", "neutral"),
    state("friendly", "friendly"),
    state("borders", "borders"),
    state("guarantee", "guarantee"),
    state("forced_open_borders", "forced_open_borders"),
    state("secret_fealty", "secret_fealty"),
    state("communications", "has_contact"),
];

/// The truces that still are: ended ones are `none` or gone. None if the section cannot be read.
pub(super) fn truces(model: &Model<'_>) -> Option<HashSet<u32>> {
    let mut truces = HashSet::new();
    model.section("truce")?.each_numbered(|number, value| {
        if value.block().is_some() {
            truces.insert(number);
        }
    });
    Some(truces)
}

/// The other country of a relation, and the relation.
pub(super) struct Partner<'m, 's> {
    pub(super) id: u32,
    pub(super) name: String,
    /// Ours of them; 0 where none is written.
    pub(super) opinion: f64,
    country: Option<&'m Country<'s>>,
    trust: f64,
    /// Nobody knows of one that is named and cannot be looked up.
    has_truce: Option<bool>,
    fields: Vec<&'static str>,
    /// Their relation to us.
    theirs: Option<RawBlock<'s>>,
}

impl<'m, 's> Partner<'m, 's> {
    pub(super) fn of(
        model: &'m Model<'s>,
        partner: u32,
        relation: RawBlock<'s>,
        truces: Option<&HashSet<u32>>,
    ) -> Self {
        let country = model.countries.get(partner);
        let mut read = Self {
            id: partner,
            name: model.country_name(partner),
            opinion: 0.0,
            country,
            trust: 0.0,
            has_truce: Some(false),
            fields: Vec::new(),
            theirs: country.and_then(|country| country.relation_to(model.player)),
        };
        relation.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"relation_current" => read.opinion = value.number().unwrap_or_default(),
            b"trust" => read.trust = value.number().unwrap_or_default(),
            b"truce" => {
                read.has_truce = id(value).map_or(Some(false), |truce| Some(truces?.contains(&truce)));
            }
            key => {
                let flag = FLAGS.iter().find(|flag| flag.key.as_bytes() == key);
                read.fields.extend(flag.filter(|_| value.is_yes() || Date::of(value).is_some()).map(|flag| flag.field));
            }
        });
        read
    }

    /// Whether the flag with this field name is set.
    pub(super) fn is(&self, field: &str) -> bool {
        self.fields.contains(&field)
    }

    /// `{id, name}`
    pub(super) fn named(&self) -> Object {
        let mut named = Object::new();
        named.put("id", self.id);
        named.put("name", self.name.clone());
        named
    }

    /// The path of a field of the relation.
    pub(super) fn path(&self, model: &Model<'_>, field: &str) -> String {
        model.own_path(&format!("relations_manager.relation[country={}].{field}", self.id))
    }

    /// The row of the relation.
    pub(super) fn row(&self, model: &Model<'_>, opinions: bool) -> Object {
        let mut row = Object::new();
        row.put("country_id", self.id);
        row.put("empire_name", self.name.clone());
        match self.country {
            Some(country) => {
                row.put("country_type", &*country.kind);
                row.known_or("authority", country.authority.as_deref(), "the country has no authority");
                row.put("is_megacorp", country.authority.as_deref() == Some("auth_corporate"));
                let ethics =
                    country.ethics.iter().map(|ethic| ethic.strip_prefix("ethic_").unwrap_or(ethic).to_owned());
                row.put("ethics", ethics.collect::<Vec<_>>());
            }
            None => {
                for name in ["country_type", "authority", "is_megacorp", "ethics"] {
                    row.unknown(name, "the section `country` has no entry of this id");
                }
            }
        }
        row.put("trust", self.trust).why(model.explaining, || {
            Why::rule("`trust` of the relation; 0 where the game leaves it out")
                .from(self.path(model, "trust"), self.trust)
        });
        row.known_or("opinion", opinions.then_some(self.opinion), NO_OPINIONS).why(model.explaining, || {
            Why::rule("`relation_current` of our relation to them; 0 where the game leaves it out")
                .from(self.path(model, "relation_current"), self.opinion)
        });
        self.opinion_of_us(model, opinions, &mut row);
        for flag in FLAGS.iter().filter(|flag| self.is(flag.field)) {
            row.put(flag.field, true);
        }
        self.subject(model, &mut row);
        if self.theirs.is_some_and(|theirs| theirs.is_yes("closed_borders")) {
            row.put("their_borders_closed", true);
        }
        if self.has_truce != Some(false) {
            row.known_or("has_truce", self.has_truce, model.absent("truce"));
        }
        row
    }

    fn opinion_of_us(&self, model: &Model<'_>, opinions: bool, row: &mut Object) {
        let reason = if opinions { "they have no relation to us" } else { NO_OPINIONS };
        let opinion = self.theirs.map(|theirs| theirs.number("relation_current").unwrap_or_default());
        row.known_or("opinion_of_us", opinion.filter(|_| opinions), reason).why(model.explaining, || {
            let path =
                format!("country.{}.relations_manager.relation[country={}].relation_current", self.id, model.player);
            Why::rule("`relation_current` of their relation to us; 0 where the game leaves it out")
                .from(path, opinion.unwrap_or_default())
        });
    }

    /// Which of the two is the overlord; the relation itself only says that one of them is.
    fn subject(&self, model: &Model<'_>, row: &mut Object) {
        let subjects = model.own.block("subjects").map(ids).unwrap_or_default();
        let (role, listed) = if subjects.contains(&self.id) {
            ("overlord", model.own_path("subjects"))
        } else if model.own.get("overlord").and_then(id) == Some(self.id) {
            ("subject", model.own_path("overlord"))
        } else {
            return;
        };
        let why = || {
            Why::rule("what we are to them: overlord of our `subjects`, subject of our `overlord`")
                .from(listed.clone(), self.id)
        };
        row.put(role, true).why(model.explaining, why);
        row.put("our_role", role).why(model.explaining, why);
    }
}
