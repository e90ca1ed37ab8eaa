//! What a Stellaris save says of its player's empire: eighteen parts, each figure with where it comes from.
//!
//! [`brief`] reads a [`save_parsing::Save`] once into a [`model::Model`] and lets each part of [`parts`] compute its facts from it.
//! A part knows a topic of the game and nothing of the others; one that builds on others ([`parts::situation`]) is given their
//! facts. What a version of the game does not write is null, with a reason in `_unknown`; what is damaged is left out and told in
//! `_warnings`.
//!
//! | module | knows |
//! | --- | --- |
//! | [`model`] | the save: countries, fleets, systems, planets, species by their ids |
//! | [`names`] | names as people read them |
//! | [`fact`] | the tree of facts, each with its rule and its sources |
//! | [`parts`] | the eighteen parts, a file for each |
//! | [`overview`] | a briefing as text and as a page |
//! | [`diff`] | what changed between two briefings |
//! | [`sheet`] | titles, tables and how they are drawn |

#[cfg(feature = "activities")]
mod activities;
pub mod diff;
mod explain;
pub mod fact;
pub mod model;
pub mod names;
pub mod overview;
pub mod parts;
pub mod sheet;
#[cfg(feature = "activities")]
pub mod steps;

use std::{path::PathBuf, sync::Arc};

use save_parsing::Save;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};

#[cfg(feature = "activities")]
pub use activities::{Briefings, register};
pub use explain::NotThere;

use crate::{
    fact::{Fact, Object},
    model::Model,
};

/// Version of the rules: the same save and the same version give the same briefing.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is briefed, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Another country than that of the first player.
    pub player: Option<u32>,
    /// A folder of the game's localisation files, for exact names.
    pub localisation: Option<Arc<PathBuf>>,
    /// Whether each fact says why it is so.
    pub explain: bool,
}

/// Why there is no briefing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BriefError {
    /// It is no save of this game, or of nobody who plays.
    #[error("the save names no player: brief a Stellaris save, or name the country with --player")]
    NoPlayer,
    /// The country to be briefed is not there.
    #[error("there is no country {country} in the save ({reason}): name one of `players`, or of the section `country`")]
    NoCountry {
        /// Its id.
        country: u32,
        /// What is known of the section of countries.
        reason: String,
    },
}

/// A briefing.
#[derive(Debug, Clone, PartialEq)]
pub struct Briefing {
    /// The eighteen parts by name, in their order.
    pub parts: Object,
    /// What could not be read, in words.
    pub warnings: Vec<String>,
}

/// Briefs the player's empire.
///
/// # Errors
/// When the save does not say whose briefing it would be.
pub fn brief(save: &Save, options: &Options) -> Result<Briefing, BriefError> {
    let model = Model::open(save, options)?;
    let parts = parts::all(&model);
    let warnings = save.damages().iter().map(|damage| {
        let section = damage.section.as_deref().unwrap_or("top level");
        format!("{section}, line {}, column {}: {}", damage.position.line, damage.position.col, damage.what)
    });
    let warnings = warnings.chain(model.names().warnings().iter().cloned());
    Ok(Briefing { parts, warnings: warnings.collect() })
}

/// The parts at the top level in their order, then `_unknown` and `_warnings`.
impl Serialize for Briefing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = self.parts.members();
        let mut map = serializer.serialize_map(Some(members.len() + 2))?;
        for part in members {
            map.serialize_entry(&part.name, &part.fact)?;
        }
        map.serialize_entry("_unknown", &self.reasons())?;
        map.serialize_entry("_warnings", &self.warnings)?;
        map.end()
    }
}

/// A briefing that went through JSON, written with its parts in their order again.
#[derive(Debug, Clone, Copy)]
pub struct InOrder<'v>(pub &'v Value);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(members) = self.0.as_object() else { return self.0.serialize(serializer) };
        let parts = parts::NAMES.iter().filter_map(|name| members.get_key_value(*name));
        let others = members.iter().filter(|(name, _)| !parts::NAMES.contains(&name.as_str()));
        serializer.collect_map(parts.chain(others))
    }
}

impl Briefing {
    /// The briefing as JSON: its parts at the top level, `_unknown` (a reason for each null, by path) and `_warnings`.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Why what is null is null, by path.
    pub fn reasons(&self) -> Map<String, Value> {
        let mut reasons = Map::new();
        for part in self.parts.members() {
            unknown(&part.fact, &part.name, &mut reasons);
        }
        reasons
    }
}

fn unknown(fact: &Fact, path: &str, reasons: &mut Map<String, Value>) {
    let below = |name: &str| format!("{path}.{name}");
    match fact {
        Fact::Object(object) => {
            for member in object.members() {
                let path = below(&member.name);
                if let Some(reason) = &member.unknown {
                    reasons.insert(path.clone(), Value::from(reason.as_ref()));
                }
                unknown(&member.fact, &path, reasons);
            }
        }
        Fact::List(items) => {
            for (at, item) in items.iter().enumerate() {
                unknown(item, &below(&at.to_string()), reasons);
            }
        }
        _ => {}
    }
}
