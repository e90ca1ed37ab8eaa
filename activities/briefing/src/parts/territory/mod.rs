//! Planets, colonies, claims, digs.

mod archaeology;
mod claims;
mod colonies;
mod colony;
mod construction;
mod planets;
mod population;

use crate::{
    fact::{Object, Why},
    model::{Model, ids},
};

/// Planets, colonies, claims, digs.
pub fn territory(model: &Model<'_>) -> Object {
    let mut territory = Object::new();
    let controlled = model.own.block("controlled_planets").map(|planets| ids(planets).len());
    territory.known_or("celestial_bodies_in_territory", controlled, "the country does not list what it controls").why(
        model.explaining,
        || {
            Why::rule("Planets, moons, asteroids and stars that the country controls")
                .from(model.own_path("controlled_planets"), format!("{} ids", controlled.unwrap_or_default()))
        },
    );
    if model.section("planets").is_some() {
        let planets = planets::planets(model);
        territory.put("colonies", colonies::colonies(model, &planets));
        territory.put("planets", planets::listed(model, planets));
    } else {
        territory.unknown("colonies", model.absent("planets"));
        territory.unknown("planets", model.absent("planets"));
    }
    match model.section("galactic_object") {
        Some(_) => {
            territory.put("claims", claims::claims(model));
        }
        None => territory.unknown("claims", model.absent("galactic_object")),
    }
    archaeology::put(model, &mut territory);
    territory
}
