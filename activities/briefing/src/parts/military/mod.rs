//! What the empire fights with: fleets, wars, megastructures, armies, naval capacity.
//!
//! | module | knows |
//! | --- | --- |
//! | `fleets` | the fleets of war, what they consist of, starbases by level |
//! | `wars` | the wars that the player is in |
//! | `battles` | who won their battles and what they cost |
//! | `megastructures` | those of the player, and the ruins of the galaxy |
//! | `armies` | armies by type and by where they are |
//! | `naval_capacity` | what is used of it, and an estimate of its limit |

mod armies;
mod battles;
mod fleets;
mod megastructures;
mod naval_capacity;
mod wars;

use crate::{
    fact::{Fact, Object, Why},
    model::Model,
};

/// Fleets, wars, megastructures, armies, naval capacity.
pub fn military(model: &Model<'_>) -> Object {
    let mut part = Object::new();
    figure(model, &mut part, "military_power", "the game's own figure for all fleets of the country");
    let fleets = fleets::fleets(model);
    let of_fleets = |name: &str| fleets.as_ref().ok().and_then(|fleets| fleets.named(name));
    match &fleets {
        Ok(_) => {
            part.copy("military_fleets", of_fleets("count"));
            part.copy("military_ships", of_fleets("military_ships"));
        }
        Err(reason) => {
            part.unknown("military_fleets", reason.clone());
            part.unknown("military_ships", reason.clone());
        }
    }
    figure(
        model,
        &mut part,
        "fleet_size",
        "the game's own figure for the fleets of the country; the naval capacity that they use",
    );
    figure(model, &mut part, "victory_rank", "the game's own ranking of the countries");
    part.put("naval_capacity", naval_capacity::naval_capacity(model)).why(model.explaining, || {
        Why::rule(
            "what the fleets use of the naval capacity is stored, its limit is not and is estimated under `analysis`",
        )
    });
    match fleets {
        Ok(fleets) => {
            part.put("fleets", fleets).why(model.explaining, || {
                Why::rule("the fleets of the country's list of owned fleets that exist, by `station`, `civilian`, power and ships")
            });
            part.known_or("ship_classes", fleets::ship_classes(model), model.absent("ships")).why(model.explaining, || {
                Why::rule("ships of the fleets of war by the size of their designs, without transports; sums of the fleets' ship_classes")
            });
        }
        Err(reason) => {
            part.unknown("fleets", reason.clone());
            part.unknown("ship_classes", reason);
        }
    }
    for (name, facts, rule) in [
        ("wars", wars::wars(model), "the wars of the section `war` that the player is in"),
        ("megastructures", megastructures::megastructures(model), "the entries of the section `megastructures`"),
        ("armies", armies::armies(model), "the entries of the section `army` that the country's owned_armies names"),
    ] {
        match facts {
            Ok(facts) => part.put(name, facts).why(model.explaining, || Why::rule(rule)),
            Err(reason) => part.unknown(name, reason),
        }
    }
    part
}

/// A figure that the game writes into the country itself.
fn figure(model: &Model<'_>, part: &mut Object, key: &'static str, rule: &'static str) {
    let value = model.own.number(key);
    let fact = value.map(|value| if key == "victory_rank" { Fact::decimal(value) } else { Fact::from(value) });
    part.known_or(key, fact, format!("the country has no `{key}`"))
        .why(model.explaining, || Why::rule(rule).from(model.own_path(key), value.unwrap_or_default()));
}
