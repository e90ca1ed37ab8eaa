//! Countries: empires, and everything else that the game treats as one, such as fauna, marauders, enclaves.

use std::borrow::Cow;

use save_parsing::{Raw, RawBlock, RawField};

use super::{
    Table,
    id::{id, ids},
};

/// A country as all parts need it. What only one part needs it reads from [`Country::block`].
#[derive(Debug, Clone)]
pub struct Country<'s> {
    /// The whole entry.
    pub block: RawBlock<'s>,
    /// Its name, to be resolved by the model.
    pub name: Option<Raw<'s>>,
    /// `default` for an ordinary empire, `fallen_empire`, `guardian_dragon`, ...; empty where it has none.
    pub kind: Cow<'s, str>,
    /// `ethic_...` as written, in the order of the file.
    pub ethics: Vec<Cow<'s, str>>,
    /// `gov_...` as written.
    pub government: Option<Cow<'s, str>>,
    /// `auth_...` as written.
    pub authority: Option<Cow<'s, str>>,
    /// `civic_...` as written.
    pub civics: Vec<Cow<'s, str>>,
    /// `origin_...` as written.
    pub origin: Option<Cow<'s, str>>,
    /// Id of its founder species; before 3.0 the position in the list of species.
    pub founder_species: Option<u32>,
    /// The game's own figure.
    pub military_power: Option<f64>,
    /// Ids of the fleets that it owns, those that are gone among them.
    pub fleets: Vec<u32>,
    /// Its flags: names with the moment when they were set.
    pub flags: Option<RawBlock<'s>>,
    /// Its relations to other countries, `relation={ ... }` one by one.
    pub relations: Option<RawBlock<'s>>,
}

impl<'s> Country<'s> {
    fn begin(block: RawBlock<'s>) -> Self {
        Self {
            block,
            name: None,
            kind: Cow::Borrowed(""),
            ethics: Vec::new(),
            government: None,
            authority: None,
            civics: Vec::new(),
            origin: None,
            founder_species: None,
            military_power: None,
            fleets: Vec::new(),
            flags: None,
            relations: None,
        }
    }

    fn read(&mut self, RawField { key, value }: RawField<'s>) {
        match key.unwrap_or_default() {
            b"name" => self.name = Some(value),
            b"type" => self.kind = value.text().unwrap_or_default(),
            b"ethos" => {
                let ethics = value.block().map(|ethos| ethos.all("ethic")).unwrap_or_default();
                self.ethics = ethics.into_iter().filter_map(Raw::text).collect();
            }
            b"government" => {
                let Some(government) = value.block() else { return };
                self.government = government.text("type");
                self.authority = government.text("authority");
                self.origin = government.text("origin");
                let civics = government.block("civics").map(RawBlock::items).unwrap_or_default();
                self.civics = civics.into_iter().filter_map(Raw::text).collect();
            }
            b"founder_species_ref" | b"species_index" => self.founder_species = id(value),
            b"military_power" => self.military_power = value.number(),
            b"owned_fleets" => self.fleets = value.block().map(ids).unwrap_or_default(),
            b"fleets_manager" => {
                let owned = value.block().and_then(|manager| manager.block("owned_fleets"));
                if let Some(owned) = owned {
                    let fleet = |item: Raw<'_>| id(item.block()?.get("fleet")?);
                    self.fleets = owned.items().into_iter().filter_map(fleet).collect();
                }
            }
            b"flags" => self.flags = value.block(),
            b"relations_manager" => self.relations = value.block(),
            _ => {}
        }
    }

    /// Whether it is an empire that one can meet as such: an ordinary one or a fallen one, awakened or not.
    pub fn is_empire(&self) -> bool {
        matches!(&*self.kind, "default" | "fallen_empire" | "awakened_fallen_empire")
    }

    /// Whether it has a flag of this name.
    pub fn has_flag(&self, name: &str) -> bool {
        self.flags.is_some_and(|flags| flags.get(name).is_some())
    }

    /// Its relations in the order of the file, each with the country that it is to. Those of another `owner` are left out.
    pub fn partners(&self, own_id: u32) -> Vec<(u32, RawBlock<'s>)> {
        let mut partners = Vec::new();
        let Some(relations) = self.relations else { return partners };
        relations.each(|RawField { key, value }| {
            let (Some(b"relation"), Some(relation)) = (key, value.block()) else { return };
            let (mut owner, mut partner) = (None, None);
            relation.each(|RawField { key, value }| match key.unwrap_or_default() {
                b"owner" => owner = id(value),
                b"country" => partner = id(value),
                _ => {}
            });
            if owner.is_none_or(|owner| owner == own_id) {
                partners.extend(partner.map(|partner| (partner, relation)));
            }
        });
        partners
    }

    /// Its `relation` to another country.
    pub fn relation_to(&self, other: u32) -> Option<RawBlock<'s>> {
        let mut found = None;
        self.relations?.each(|member| {
            if member.key == Some(b"relation")
                && let Some(relation) = member.value.block()
                && relation.get("country").and_then(id) == Some(other)
            {
                found = Some(relation);
            }
        });
        found
    }

    /// Whether one of its relations says what it thinks of the other country.
    fn has_opinions(&self) -> bool {
        let mut found = false;
        if let Some(relations) = self.relations {
            relations.each(|RawField { value, .. }| {
                found = found || value.block().is_some_and(|relation| relation.get("relation_current").is_some());
            });
        }
        found
    }
}

/// Whether the save holds opinions (`relation_current`), which versions before 3.0 do not write. Where it does, a relation without
/// one has the opinion 0, for zeros are left out.
pub fn holds_opinions(countries: &Table<Country<'_>>) -> bool {
    countries.iter().any(|(_, country)| country.has_opinions())
}

/// All countries of a section.
pub(super) fn countries(section: RawBlock<'_>) -> Table<Country<'_>> {
    Table::new(section.rows(Country::begin, Country::read))
}
