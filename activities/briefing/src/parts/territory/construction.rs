//! What is built on the player's planets. Up to 3.x a planet names its districts and lists its buildings; from 4.0 on it
//! lists its districts, a district its zones and a zone its buildings, each in a section of its own.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
};

use save_parsing::RawBlock;

use super::colony::Colony;
use crate::model::{Model, ids_of};

/// More levels are none of a district, and might not add up.
const MOST_LEVELS: i64 = 1 << 32;

/// The entries that the player's planets name, of all sections of construction.
#[derive(Debug, Default)]
pub(super) struct Construction<'s> {
    districts: Option<HashMap<u32, RawBlock<'s>>>,
    zones: Option<HashMap<u32, RawBlock<'s>>>,
    buildings: Option<HashMap<u32, Cow<'s, str>>>,
}

impl<'s> Construction<'s> {
    /// Of these colonies.
    pub(super) fn of(model: &Model<'s>, colonies: &[(u32, Colony<'s>)]) -> Self {
        let districts: HashSet<u32> = colonies.iter().flat_map(|(_, colony)| &colony.districts).copied().collect();
        let districts = entries(model, "districts", &districts);
        let of = |blocks: &Option<HashMap<u32, RawBlock<'s>>>, list: &str| -> HashSet<u32> {
            blocks.iter().flat_map(HashMap::values).flat_map(|block| ids_of(*block, list)).collect()
        };
        let zones = entries(model, "zones", &of(&districts, "zones"));
        let mut buildings = of(&zones, "buildings");
        for (_, colony) in colonies {
            buildings.extend(&colony.buildings);
            buildings.extend(colony.offices.iter().flat_map(|office| &office.buildings));
        }
        let buildings = entries(model, "buildings", &buildings).map(|buildings| {
            buildings.into_iter().filter_map(|(number, block)| Some((number, block.text("type")?))).collect()
        });
        Self { districts, zones, buildings }
    }

    /// How many districts of each type there are; an error names the section that cannot be read.
    pub(super) fn districts(&self, colony: &Colony<'s>) -> Result<BTreeMap<Cow<'s, str>, i64>, &'static str> {
        let mut types = BTreeMap::new();
        for district in &colony.named_districts {
            *types.entry(district.clone()).or_default() += 1;
        }
        if colony.districts.is_empty() {
            return Ok(types);
        }
        let districts = self.districts.as_ref().ok_or("districts")?;
        for district in colony.districts.iter().filter_map(|district| districts.get(district)) {
            let kind = district.text("type").unwrap_or(Cow::Borrowed("unknown"));
            *types.entry(kind).or_default() += district.integer("level").unwrap_or_default().clamp(0, MOST_LEVELS);
        }
        Ok(types)
    }

    /// Where the levels of the districts stand, with the levels.
    pub(super) fn levels(&self, colony: &Colony<'s>) -> Vec<(String, i64)> {
        let level = |number: &u32| {
            let level = self.districts.as_ref()?.get(number)?.integer("level");
            Some((format!("districts.{number}.level"), level.unwrap_or_default()))
        };
        colony.districts.iter().filter_map(level).collect()
    }

    /// The types of the buildings without `building_`, in the order of the planet; an error names the section that cannot be
    /// read.
    pub(super) fn buildings(&self, colony: &Colony<'s>) -> Result<Vec<String>, &'static str> {
        let mut listed = colony.buildings.clone();
        if !colony.districts.is_empty() {
            let districts = self.districts.as_ref().ok_or("districts")?;
            let zones = self.zones.as_ref().ok_or("zones")?;
            for district in colony.districts.iter().filter_map(|district| districts.get(district)) {
                for zone in ids_of(*district, "zones").iter().filter_map(|zone| zones.get(zone)) {
                    listed.extend(ids_of(*zone, "buildings"));
                }
            }
        }
        self.types(&listed)
    }

    /// The types of these buildings without `building_`.
    pub(super) fn types(&self, listed: &[u32]) -> Result<Vec<String>, &'static str> {
        if listed.is_empty() {
            return Ok(Vec::new());
        }
        let buildings = self.buildings.as_ref().ok_or("buildings")?;
        let kind = |building: &u32| buildings.get(building).map(|kind| without(kind, "building_").to_owned());
        Ok(listed.iter().filter_map(kind).collect())
    }
}

/// The entries of a section that are wanted, in one pass; none if there is no such section.
fn entries<'s>(model: &Model<'s>, section: &str, wanted: &HashSet<u32>) -> Option<HashMap<u32, RawBlock<'s>>> {
    let section = model.section(section)?;
    let mut found = HashMap::new();
    if !wanted.is_empty() {
        section.each_numbered(|number, value| {
            if let Some(block) = value.block().filter(|_| wanted.contains(&number)) {
                found.insert(number, block);
            }
        });
    }
    Some(found)
}

/// A type without what all types of its kind begin with.
pub(super) fn without<'t>(kind: &'t str, prefix: &str) -> &'t str {
    kind.strip_prefix(prefix).unwrap_or(kind)
}
