//! Where the empire lies, its neighbours and chokepoints.

mod border;
mod place;
#[cfg(test)]
mod tests;

use crate::{
    fact::{Fact, Object, Why},
    model::Model,
};

use border::{Border, Neighbour};
use place::{centroids, direction};

/// More neighbours than these are left out.
const MAX_NEIGHBOURS: usize = 15;

/// More chokepoints than these are left out.
const MAX_CHOKEPOINTS: usize = 10;

/// Where the empire lies, its neighbours and chokepoints.
pub fn strategic_geography(model: &Model<'_>) -> Object {
    let mut out = Object::new();
    if let Some(reason) = unreadable(model) {
        for name in ["border_neighbors", "chokepoints", "empire_centroid", "total_player_systems"] {
            out.unknown(name, reason.clone());
        }
        return out;
    }
    let border = Border::of(model);
    let ours = model.own_systems().count();
    neighbours(model, &border, &mut out);
    chokepoints(model, &border, &mut out);
    centroid(model, ours, &mut out);
    out.put("total_player_systems", ours).why(model.explaining, || {
        Why::rule("systems that we control: the station of the first starbase is in a fleet of ours")
            .from_all(model.own_systems().map(|(id, _)| (format!("galactic_object.{id}"), model.system_name(id))))
    });
    out
}

/// Why nothing is known of who controls which system: one of the sections that tell it cannot be read.
fn unreadable(model: &Model<'_>) -> Option<String> {
    const TELLING: [&[&str]; 4] =
        [&["galactic_object"], &["starbase_mgr", "starbases"], &["ships", "ship"], &["fleet"]];
    TELLING.iter().find(|names| names.iter().all(|name| model.section(name).is_none())).map(|names| {
        // Of two names the damaged section is the one to tell of.
        let present = |name: &&str| model.save.section(name).is_some();
        let name = names.iter().copied().find(present).or(names.first().copied());
        model.absent(name.unwrap_or_default())
    })
}

fn neighbours(model: &Model<'_>, border: &Border, out: &mut Object) {
    let centroids = centroids(model);
    let place = |country: u32| centroids.get(&country).and_then(|centroid| centroid.place());
    let ours = place(model.player);
    let row = |(id, neighbour): (u32, &Neighbour)| {
        let mut row = Object::new();
        row.put("empire_name", model.country_name(id));
        row.put("empire_id", id);
        let towards = ours.zip(place(id)).map(|(from, to)| direction(from, to));
        row.known_or("direction", towards, "its systems have no coordinates").why(model.explaining, || {
            let shown = |place: Option<(f64, f64)>| place.map_or_else(String::new, |(x, y)| format!("{x:.1}, {y:.1}"));
            Why::heuristic("between the means of the coordinates of all systems; +x is taken as west, +y as south")
                .from("our galactic_object.*.coordinate", shown(ours))
                .from("their galactic_object.*.coordinate", shown(place(id)))
        });
        let systems = |of: &std::collections::BTreeSet<u32>| {
            of.iter().map(|id| (format!("galactic_object.{id}"), model.system_name(*id))).collect::<Vec<_>>()
        };
        row.put("shared_border_systems", neighbour.ours.len()).why(model.explaining, || {
            Why::rule("our systems with a hyperlane to theirs").from_all(systems(&neighbour.ours))
        });
        row.put("hyperlanes", neighbour.lanes).why(model.explaining, || {
            Why::rule("hyperlanes between our systems and theirs, bridges included; wormholes and gateways are none")
                .from_all(
                    neighbour.ours.iter().map(|id| (format!("galactic_object.{id}.hyperlane"), model.system_name(*id))),
                )
        });
        row.put("their_systems", neighbour.theirs.len()).why(model.explaining, || {
            Why::rule("their systems with a hyperlane to ours").from_all(systems(&neighbour.theirs))
        });
        let kind = model.countries.get(id).map(|country| country.kind.to_string());
        row.known_or("country_type", kind, "the section `country` has no entry of this id");
        row
    };
    let rows = border.by_lanes().into_iter().take(MAX_NEIGHBOURS).map(row);
    out.put("border_neighbors", rows.collect::<Vec<_>>()).why(model.explaining, || {
        Why::rule(
            "controllers of the systems one hyperlane away from ours, those with the most lanes first, at most 15",
        )
        .from("galactic_object.*.hyperlane", format!("{} neighbours", border.neighbours.len()))
    });
}

fn chokepoints(model: &Model<'_>, border: &Border, out: &mut Object) {
    let chokepoints = border.chokepoints();
    let rows = chokepoints.iter().take(MAX_CHOKEPOINTS).map(|(id, system)| {
        let mut row = Object::new();
        row.put("system_name", model.system_name(*id));
        row.put("system_id", *id);
        row.put("friendly_connections", system.friendly).why(model.explaining, || {
            Why::rule("hyperlanes to other systems of ours")
                .from(format!("galactic_object.{id}.hyperlane"), system.friendly)
        });
        row.put("enemy_neighbors", Fact::texts(system.neighbours.iter().map(|country| model.country_name(*country))));
        row
    });
    out.put("chokepoints", rows.collect::<Vec<_>>()).why(model.explaining, || {
        Why::heuristic(
            "our systems at the border to a neighbour that borders at most two of ours, by their lanes to systems of ours, then by \
             id, at most 10",
        )
        .from("galactic_object.*.hyperlane", format!("{} systems", chokepoints.len()))
    });
}

fn centroid(model: &Model<'_>, systems: usize, out: &mut Object) {
    let place = centroids(model).get(&model.player).and_then(|centroid| centroid.place());
    let centroid = place.map(|(x, y)| {
        let mut place = Object::new();
        place.put("x", Fact::rounded(x, 1));
        place.put("y", Fact::rounded(y, 1));
        place
    });
    out.known_or("empire_centroid", centroid, "the empire controls no system").why(model.explaining, || {
        Why::rule("mean of the coordinates of our systems, one decimal")
            .from("galactic_object.*.coordinate", format!("{systems} systems"))
    });
}
