//! Starbases, ships, fleets, armies and wars.

use super::{
    plan::{Fleet, Plan, Role, id},
    writer::Writer,
};

const SIZES: &[&str] =
    &["starbase_outpost", "science", "constructor", "transport", "corvette", "destroyer", "cruiser", "battleship"];

fn design(fleet: &Fleet, ship: usize) -> usize {
    match fleet.role {
        Role::Starbase => 0,
        Role::Science => 1,
        Role::Construction => 2,
        Role::Transport => 3,
        Role::War => 4 + ship % 4,
    }
}

/// A number of a ship's entry.
fn ship_id(ship: usize) -> u32 {
    id(ship, ship % 3)
}

pub(super) fn starbases(plan: &Plan, writer: &mut Writer) {
    writer.block("starbase_mgr", |writer| {
        writer.block("starbases", |writer| {
            for (at, system) in plan.systems.iter().enumerate() {
                let Some(fleet) = system.starbase.and_then(|fleet| plan.fleets.get(fleet)) else { continue };
                let mut random = plan.random(30, at);
                writer.block(at, |writer| {
                    writer.text(
                        "level",
                        random.pick(&["starbase_level_outpost", "starbase_level_starport", "starbase_level_starhold"]),
                    );
                    writer.block("modules", |writer| writer.word(0, "shipyard"));
                    writer.block("buildings", |writer| writer.word(0, "crew_quarters"));
                    writer.word("station", ship_id(fleet.ships.start));
                });
            }
        });
    });
}

pub(super) fn ships(plan: &Plan, writer: &mut Writer) {
    writer.block("ships", |writer| {
        for fleet in &plan.fleets {
            for ship in fleet.ships.clone() {
                if ship % 60 == 59 {
                    writer.word(id(ship, 4), "none");
                }
                writer.block(ship_id(ship), |writer| one_ship(plan, fleet, ship, writer));
            }
        }
    });
}

fn one_ship(plan: &Plan, fleet: &Fleet, ship: usize, writer: &mut Writer) {
    let mut random = plan.random(31, ship);
    let system = plan.systems.get(fleet.system).map_or(0, |system| system.id);
    writer.word("fleet", fleet.id);
    writer.block("name", |writer| {
        writer.text("key", "%SEQ%");
        writer.list("variables", ["fmt", "num"], |writer, key| {
            writer.text("key", key);
            writer.block("value", |writer| writer.text("key", &ship.to_string()));
        });
    });
    writer.block("ship_design_implementation", |writer| {
        writer.number("design", design(fleet, ship));
        writer.word("upgrade", u32::MAX);
        writer.number("growth_stage", 0);
    });
    writer.text("graphical_culture", "humanoid_01");
    for (slot, template) in [("bow", "CRUISER_BOW_M2"), ("mid", "CRUISER_MID_S3"), ("stern", "CRUISER_STERN_S2")] {
        writer.block("section", |writer| {
            writer.text("design", template);
            writer.text("slot", slot);
            for weapon in 0..2usize {
                writer.block("weapon", |writer| {
                    writer.number("index", weapon);
                    writer.text("template", "SMALL_MASS_DRIVER_1");
                    writer.text("component_slot", &format!("SMALL_GUN_0{weapon}"));
                    writer.block("targeting_module", |_| {});
                });
            }
        });
    }
    writer.coordinate("coordinate", random.coordinate(), random.coordinate(), system);
    writer.coordinate("target_coordinate", random.coordinate(), random.coordinate(), system);
    writer.word("hitpoints", format_args!("{}.00000", 200 + random.below(3000)));
    writer.word("max_hitpoints", "3200.00000");
    writer.word("shield_hitpoints", "120.5");
    writer.word("armor_hitpoints", "80");
    writer.block("auras", |_| {});
}

pub(super) fn fleets(plan: &Plan, writer: &mut Writer) {
    writer.block("fleet", |writer| {
        for (at, fleet) in plan.fleets.iter().enumerate() {
            if at % 40 == 39 {
                writer.word(id(at, 5), "none");
            }
            writer.block(fleet.id, |writer| one_fleet(plan, at, fleet, writer));
        }
    });
}

fn one_fleet(plan: &Plan, at: usize, fleet: &Fleet, writer: &mut Writer) {
    let mut random = plan.random(32, at);
    let system = plan.systems.get(fleet.system);
    match fleet.role {
        Role::Starbase => writer.literal(&format!("{} Starbase", system.map_or("", |system| &system.name))),
        _ => writer.literal(&format!("Fleet {at}")),
    }
    let system = system.map_or(0, |system| system.id);
    writer.numbers("ships", fleet.ships.clone().map(ship_id));
    writer.block("combat", |writer| {
        writer.coordinate("coordinate", random.coordinate(), random.coordinate(), system);
        writer.block("formation", |writer| {
            writer.word("root", ship_id(fleet.ships.start));
            writer.numbers("ships", fleet.ships.clone().map(ship_id));
        });
        writer.text("start_date", "0.01.01");
    });
    match fleet.role {
        Role::Starbase => writer.word("station", "yes"),
        Role::Science | Role::Construction => writer.word("civilian", "yes"),
        Role::Transport | Role::War => writer.text("ground_support_stance", "selective"),
    }
    writer.block("movement_manager", |writer| {
        writer.coordinate("coordinate", random.coordinate(), random.coordinate(), system);
        writer.word("state", "move_idle");
        writer.block("orbit", |writer| writer.word("index", "-1"));
    });
    let power = match fleet.role {
        Role::War => 150 + random.below(40_000),
        Role::Starbase => 120 + random.below(5000),
        _ => 0,
    };
    writer.word("hit_points", "5000.00000");
    writer.word("military_power", format_args!("{power}.50000"));
    writer.number("cached_killed_ships", random.below(5));
    writer.word("can_take_orders", "yes");
}

pub(super) fn armies(plan: &Plan, writer: &mut Writer) {
    writer.block("army", |writer| {
        for (at, planet) in plan.planets.iter().filter(|planet| planet.owner.is_some()).enumerate() {
            writer.block(at, |writer| {
                writer.literal(&format!("Guard of {}", planet.name));
                writer.text("type", "defense_army");
                writer.number("health", 200);
                writer.number("max_health", 200);
                writer.word("owner", plan.owner_id(planet.owner));
                writer.word("planet", planet.id);
            });
        }
    });
}

pub(super) fn wars(plan: &Plan, writer: &mut Writer) {
    writer.block("war", |writer| {
        for (at, war) in plan.wars.iter().enumerate() {
            let mut random = plan.random(33, at);
            let empire = |at: usize| plan.owner_id(Some(at));
            writer.block(war.id, |writer| {
                writer.literal(&format!("War of {at}"));
                writer.text("start_date", "2297.12.18");
                for (side, members) in [("attackers", &war.attackers), ("defenders", &war.defenders)] {
                    writer.list(side, members, |writer, member| {
                        writer.word("call_type", "primary");
                        writer.word("country", empire(*member));
                        writer.word("caller", u32::MAX);
                    });
                }
                writer.list("battles", 0..3 + random.below(9), |writer, battle| {
                    writer.numbers("defenders", war.defenders.iter().map(|member| empire(*member)));
                    writer.numbers("attackers", war.attackers.iter().map(|member| empire(*member)));
                    let system = plan.systems.get(battle * 3 % plan.systems.len().max(1)).map_or(0, |system| system.id);
                    writer.word("system", system);
                    writer.word("planet", u32::MAX);
                    writer.word("attacker_victory", if random.below(2) == 0 { "yes" } else { "no" });
                    writer.text("date", &format!("2299.0{}.12", 1 + battle % 9));
                    writer.number("attacker_losses", random.below(12));
                    writer.number("defender_losses", random.below(12));
                    writer.word("type", if battle % 4 == 3 { "armies" } else { "ships" });
                });
                writer.block("attacker_war_goal", |writer| writer.text("type", "wg_conquest"));
                writer.word("attacker_war_exhaustion", "0.25");
                writer.word("defender_war_exhaustion", "0.125");
            });
        }
    });
}

pub(super) fn designs(plan: &Plan, writer: &mut Writer) {
    writer.block("ship_design", |writer| {
        for (at, size) in SIZES.iter().enumerate() {
            writer.block(at, |writer| {
                writer.literal(&format!("Class {at}"));
                writer.word("auto_gen_design", "yes");
                writer.list("growth_stages", [size], |writer, size| {
                    writer.text("ship_size", size);
                    writer.block("section", |writer| {
                        writer.text("template", "CORVETTE_MID_S3");
                        for component in ["SMALL_MASS_DRIVER_1", "LARGE_SHIELD_2", "LARGE_ARMOR_3"] {
                            writer.block("component", |writer| writer.text("template", component));
                        }
                    });
                    writer.text("required_component", "COLD_FUSION_REACTOR");
                    writer.text("required_component", "SENSOR_1");
                });
            });
        }
        writer.word(id(plan.ships, 4), "none");
    });
}
