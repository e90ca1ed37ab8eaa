//! What the save says of itself, the species, the systems, and what repeats itself at the top level.

use super::{
    plan::{NOBODY, Plan, id},
    writer::Writer,
};

const DATE: &str = "2312.01.01";

/// The first lines, which the `meta` entry has as well.
pub(super) fn stated(plan: &Plan, writer: &mut Writer) {
    writer.text("version", "Phoenix v4.0.1");
    writer.number("version_control_revision", 108);
    writer.text("name", plan.empires.get(plan.player).map_or("", |empire| &empire.name));
    writer.text("date", DATE);
    writer.texts("required_dlcs", &["Ancient Relics Story Pack", "Federations", "Utopia"]);
}

pub(super) fn head(plan: &Plan, writer: &mut Writer) {
    stated(plan, writer);
    let player = plan.empires.get(plan.player).map_or(0, |empire| empire.id);
    writer.list("player", [player], |writer, player| {
        writer.text("name", "Sample Player");
        writer.word("country", player);
    });
    writer.number("tick", 5);
    writer.word("cheated_on_save", "no");
}

pub(super) fn species(plan: &Plan, writer: &mut Writer) {
    writer.block("species_db", |writer| {
        writer.block(0, |writer| writer.block("traits", |_| {}));
        for (at, empire) in plan.empires.iter().enumerate() {
            let mut random = plan.random(1, at);
            writer.block(empire.species, |writer| {
                writer.text("name_list", "HUM2");
                writer.literal(empire.name.split(' ').next().unwrap_or_default());
                writer.text("class", random.pick(&["HUM", "AVI", "MOL", "LITHOID", "MACHINE"]));
                writer.text("portrait", "humanoid_hp_06");
                writer.block("traits", |writer| {
                    for name in ["trait_quick_learners", "trait_talented", "trait_adaptive"] {
                        writer.text("trait", name);
                    }
                });
                writer.block("home_planet", |_| {});
                writer.word("gender", "not_set");
            });
        }
    });
}

pub(super) fn systems(plan: &Plan, writer: &mut Writer) {
    for at in 0..plan.systems.len().min(7) {
        let mut random = plan.random(2, at);
        writer.block("nebula", |writer| {
            writer.coordinate("coordinate", random.coordinate(), random.coordinate(), u32::MAX);
            writer.literal(&format!("Nebula {at}"));
            writer.number("radius", 30);
            for _ in 0..3 {
                let system = plan.systems.get(random.below(plan.systems.len())).map_or(0, |system| system.id);
                writer.word("galactic_object", system);
            }
        });
    }
    let count = plan.systems.len();
    writer.block("galactic_object", |writer| {
        for (at, system) in plan.systems.iter().enumerate() {
            let mut random = plan.random(3, at);
            writer.block(system.id, |writer| {
                writer.coordinate("coordinate", random.coordinate(), random.coordinate(), u32::MAX);
                writer.word("type", "star");
                writer.literal(&system.name);
                for planet in plan.planets.get(system.planets.clone()).unwrap_or_default() {
                    writer.word("planet", planet.id);
                }
                writer.text("star_class", random.pick(&["sc_g", "sc_m", "sc_k", "sc_b"]));
                let neighbours = [at.checked_sub(1), Some(at + 1).filter(|next| *next < count)];
                let neighbours = neighbours.into_iter().flatten().filter_map(|other| plan.systems.get(other));
                writer.list("hyperlane", neighbours, |writer, other| {
                    writer.word("to", other.id);
                    writer.number("length", 12 + random.below(40));
                });
                let starbase = system.starbase.and_then(|fleet| plan.fleets.get(fleet));
                writer.numbers("fleet_presence", starbase.map(|fleet| fleet.id));
                writer.number("inner_radius", 320);
                writer.numbers("starbases", [starbase.map_or(NOBODY, |_| id(at, 0))]);
                writer.word("sector", u32::MAX);
                writer.number("index", at);
            });
        }
    });
}

/// What comes after everything else, most of it many times over.
pub(super) fn tail(plan: &Plan, writer: &mut Writer) {
    writer.block("megastructures", |writer| {
        for (at, system) in plan.systems.iter().step_by(40).enumerate() {
            let mut random = plan.random(4, at);
            writer.block(at, |writer| {
                writer.text(
                    "type",
                    random.pick(&["ring_world_ruined", "lgate_base", "gateway_ruined", "dyson_sphere_2"]),
                );
                writer.coordinate("coordinate", random.coordinate(), random.coordinate(), system.id);
                writer.word("owner", plan.owner_id(system.owner));
                writer.word("planet", u32::MAX);
            });
        }
    });
    writer.block("galaxy", |writer| {
        writer.text("template", "medium");
        writer.text("shape", "elliptical");
        writer.number("num_empires", plan.empires.len());
        writer.word("difficulty", "ensign");
        writer.text("name", &format!("{:08x}-0000-4000-8000-000000000000", plan.seed & 0xffff_ffff));
        writer.word("ironman", "no");
    });
    writer.block("archaeological_sites", |writer| {
        writer.block("sites", |writer| {
            for (at, planet) in plan.planets.iter().step_by(97).enumerate() {
                writer.block(at, |writer| {
                    writer.block("location", |writer| {
                        writer.number("type", 2);
                        writer.word("id", planet.id);
                    });
                    writer.text("type", "site_precursor_vultaum_1");
                    writer.number("index", at % 5);
                });
            }
        });
    });
    for at in 0..24usize {
        let system = plan.systems.get(at % plan.systems.len().max(1)).map_or(0, |system| system.id);
        writer.block("saved_event_target", |writer| {
            writer.word("type", "galactic_object");
            writer.word("id", system);
            writer.text("name", &format!("event_target_{at}"));
        });
    }
    for empire in &plan.empires {
        writer.block("used_species_names", |writer| writer.text("name", &empire.name));
    }
    for at in 0..12usize {
        writer.numbers("used_color", [at, at * 7 % 13]);
    }
    writer.word("random_seed", plan.seed & 0x7fff_ffff);
    writer.block("market", |writer| {
        writer.word("enabled", "yes");
        writer.numbers("fluctuations", (0..10).map(|at| id(at, 0)));
    });
    writer.block("galactic_community", |writer| {
        let members = plan.empires.iter().filter(|empire| !empire.fallen).map(|empire| empire.id);
        writer.numbers("members", members);
        writer.text("community_formed", "2261.04.11");
    });
}
