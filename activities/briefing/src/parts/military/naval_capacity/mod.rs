//! The naval capacity: what is used of it, and an estimate of its limit, which no save stores.
//!
//! The estimate \[H\] adds up what is known to change the limit: `round((50 + flat) * (1 + multipliers))`. It is right in as far as
//! the table of sources is, which holds the values of 4.x; what may matter and is not in the table is named as unresolved.
//!
//! | module | knows |
//! | --- | --- |
//! | `sources` | what has been added up |
//! | `country` | technologies, traditions, perks, policies, edicts, civics, difficulty |
//! | `holdings` | starbases and megastructures |
//! | `jobs` | soldiers and their like |
//! | `others` | federation, subjects, resolutions, relics, leaders, modifiers |
//! | `analysis` | the estimate and how sure it is |

mod analysis;
mod country;
mod holdings;
mod jobs;
mod others;
mod sources;

use crate::{
    fact::{Fact, Object, Why},
    model::Model,
};

const NOTE: &str = "used is current naval capacity in use, not the empire's naval capacity limit. Use analysis.confidence and \
                    safe_to_claim_* flags before stating whether the empire is under or over naval cap.";

/// The facts on naval capacity.
pub(super) fn naval_capacity(model: &Model<'_>) -> Object {
    let mut facts = Object::new();
    // Before 3.4 `fleet_size` is the capacity used.
    let (key, used) = ["used_naval_capacity", "fleet_size"]
        .iter()
        .find_map(|key| Some((*key, model.own.number(key)?)))
        .map_or(("used_naval_capacity", None), |(key, used)| (key, Some(used)));
    let estimate = analysis::Estimate::of(model, used);
    facts
        .known_or("used", used.map(Fact::decimal), "the country has neither `used_naval_capacity` nor `fleet_size`")
        .why(model.explaining, || {
            Why::rule("used_naval_capacity, in versions without it fleet_size")
                .from(model.own_path(key), used.unwrap_or_default())
        });
    facts
        .known_or(
            "max",
            estimate.claimed(),
            "no save stores the limit, and the estimate (analysis.derived_limit) is not sure enough to be claimed",
        )
        .why(model.explaining, || Why::heuristic("the estimate, where analysis.confidence is high_derived"));
    facts
        .put("max_is_unknown", estimate.claimed().is_none())
        .why(model.explaining, || Why::heuristic("whether the limit is neither stored nor sure enough to be claimed"));
    stored(model, &mut facts, "fleet_size", "fleet_size");
    stored(model, &mut facts, "starbase_capacity", "starbase_capacity");
    stored(model, &mut facts, "used_starbase_capacity", "num_upgraded_starbase");
    facts.put("_note", NOTE);
    facts.put("analysis", estimate.facts(model)).why(model.explaining, || {
        Why::heuristic(
            "an estimate of the limit from its known sources, which are listed in `breakdown`; see `formula`",
        )
    });
    facts
}

/// A figure that the game writes into the country itself.
fn stored(model: &Model<'_>, facts: &mut Object, name: &'static str, key: &'static str) {
    let value = model.own.number(key);
    facts.known_or(name, value.map(Fact::decimal), format!("the country has no `{key}`")).why(model.explaining, || {
        Why::rule("the game's own figure").from(model.own_path(key), value.unwrap_or_default())
    });
}
