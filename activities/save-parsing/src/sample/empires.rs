//! The empires, their federations and their leaders.

use super::{
    plan::{Empire, Plan, id},
    writer::Writer,
};

const TECHNOLOGIES: &[&str] = &[
    "tech_space_exploration",
    "tech_corvettes",
    "tech_starbase_1",
    "tech_starbase_2",
    "tech_assault_armies",
    "tech_ship_armor_1",
    "tech_destroyers",
    "tech_cruisers",
    "tech_housing_1",
    "tech_cloning",
    "tech_lasers_2",
    "tech_shields_3",
    "tech_colonization_1",
    "tech_gene_tailoring",
    "tech_robotic_workers",
    "tech_zero_point_power",
];
const RESOURCES: &[&str] = &[
    "energy",
    "minerals",
    "food",
    "consumer_goods",
    "alloys",
    "influence",
    "unity",
    "physics_research",
    "society_research",
    "engineering_research",
];
const ETHICS: &[&str] =
    &["ethic_militarist", "ethic_xenophobe", "ethic_materialist", "ethic_egalitarian", "ethic_spiritualist"];

pub(super) fn countries(plan: &Plan, writer: &mut Writer) {
    // Real saves have such a line, and the section after it.
    writer.number("last_created_country", plan.empires.len());
    writer.block("country", |writer| {
        for (at, empire) in plan.empires.iter().enumerate() {
            writer.block(empire.id, |writer| one(plan, at, empire, writer));
            if at == 3 {
                writer.word(id(200, 1), "none");
            }
        }
    });
}

fn one(plan: &Plan, at: usize, empire: &Empire, writer: &mut Writer) {
    let mut random = plan.random(20, at);
    writer.block("flag", |writer| {
        writer.block("icon", |writer| {
            writer.text("category", "domination");
            writer.text("file", "domination_22.dds");
        });
        writer.texts("colors", &["teal", "brown", "black", "null"]);
    });
    writer.literal(&empire.name);
    writer.block("tech_status", |writer| {
        for technology in TECHNOLOGIES.iter().take(8 + random.below(9)) {
            writer.text("technology", technology);
            writer.number("level", 1);
        }
        writer.list("physics_queue", ["tech_sensors_2"], |writer, technology| {
            writer.word("progress", "812.5");
            writer.text("technology", technology);
            writer.text("date", "2311.02.01");
        });
        writer.text("always_available_tech", "tech_gene_tailoring");
    });
    writer.block("budget", |writer| {
        for month in ["current_month", "last_month"] {
            writer.block(month, |writer| {
                for side in ["income", "expenses", "balance"] {
                    writer.block(side, |writer| {
                        for source in ["country_base", "orbital_mining_deposits", "planet_farmers", "ships"] {
                            writer.block(source, |writer| {
                                for resource in RESOURCES {
                                    writer
                                        .word(resource, format_args!("{}.{:02}", random.below(300), random.below(100)));
                                }
                            });
                        }
                    });
                }
            });
        }
    });
    let power = 100 + random.below(90_000);
    writer.word("military_power", format_args!("{power}.25000"));
    writer.word("economy_power", format_args!("{}.5", random.below(5000)));
    writer.number("victory_rank", at + 1);
    writer.word("tech_power", format_args!("{}.0", random.below(9000)));
    let ships = |role: fn(super::plan::Role) -> bool| -> usize {
        let fleets = empire.fleets.iter().filter_map(|fleet| plan.fleets.get(*fleet));
        fleets.filter(|fleet| role(fleet.role)).map(|fleet| fleet.ships.len()).sum()
    };
    let war = ships(|role| role == super::plan::Role::War);
    writer.number("fleet_size", war);
    writer.number("used_naval_capacity", war);
    writer.number("empire_size", 20 + empire.systems.len() * 3);
    writer.word("capital", plan.planets.get(empire.capital).map_or(0, |planet| planet.id));
    writer.word("founder_species_ref", empire.species);
    writer.block("ethos", |writer| {
        for step in 0..2usize {
            writer.text("ethic", ETHICS.get((at + step * 2) % ETHICS.len()).copied().unwrap_or_default());
        }
    });
    writer.block("government", |writer| {
        writer.text("type", "gov_military_dictatorship");
        writer.text("authority", random.pick(&["auth_dictatorial", "auth_democratic", "auth_machine_intelligence"]));
        writer.texts("civics", &["civic_anglers", "civic_cutthroat_politics"]);
        writer.text("origin", "origin_lost_colony");
    });
    writer.text("personality", if empire.fallen { "fallen_empire_spiritualist" } else { "hegemonic_imperialists" });
    writer.numbers("visited_objects", plan.systems.iter().filter(|_| random.below(3) > 0).map(|system| system.id));
    writer.numbers("intel_level", (0..plan.systems.len()).map(|system| system % 5));
    writer.block("flags", |writer| {
        for flag in ["custom_start_screen", "first_rare_tech", "encountered_first_gateway"] {
            writer.number(flag, 62_808_000);
        }
    });
    writer.block("variables", |writer| writer.split("first_contact_skill_variable", at));
    writer.numbers("sensor_range_fleets", fleet_ids(plan, empire));
    writer.list("policy_groups", ["war_philosophy"], |writer, policy| {
        writer.text("policy", policy);
        writer.text("selected", "unrestricted_wars");
    });
    writer.text("type", if empire.fallen { "fallen_empire" } else { "default" });
    writer.block("modules", |writer| {
        writer.block("standard_economy_module", |writer| {
            writer.block("resources", |writer| {
                for resource in RESOURCES {
                    writer.word(resource, format_args!("{}.{:03}", random.below(20_000), random.below(1000)));
                }
            });
        });
        writer.block("standard_diplomacy_module", |writer| writer.word("contact_rule", "always"));
    });
    let systems = empire.systems.first().and_then(|system| plan.systems.get(*system));
    writer.word("starting_system", systems.map_or(0, |system| system.id));
    writer.numbers("owned_leaders", &empire.leaders);
    let planets: Vec<u32> = empire.planets.iter().filter_map(|at| plan.planets.get(*at)).map(|one| one.id).collect();
    writer.numbers("owned_planets", &planets);
    writer.numbers("controlled_planets", &planets);
    writer.texts("traditions", &["tr_supremacy_adopt", "tr_supremacy_finish", "tr_discovery_adopt"]);
    writer.texts("ascension_perks", &["ap_lord_of_war", "ap_technological_ascendancy"]);
    writer.block("fleets_manager", |writer| {
        writer.list("owned_fleets", fleet_ids(plan, empire), |writer, fleet| writer.word("fleet", fleet));
    });
    relations(plan, at, empire, writer);
}

fn fleet_ids(plan: &Plan, empire: &Empire) -> Vec<u32> {
    empire.fleets.iter().filter_map(|fleet| plan.fleets.get(*fleet)).map(|fleet| fleet.id).collect()
}

fn at_war(plan: &Plan, one: usize, other: usize) -> bool {
    plan.wars.iter().any(|war| {
        war.attackers.contains(&one) && war.defenders.contains(&other)
            || war.attackers.contains(&other) && war.defenders.contains(&one)
    })
}

fn relations(plan: &Plan, at: usize, empire: &Empire, writer: &mut Writer) {
    writer.block("relations_manager", |writer| {
        for (other_at, other) in plan.empires.iter().enumerate().filter(|(other, _)| *other != at) {
            let mut random = plan.random(21, at * 100 + other_at);
            writer.block("relation", |writer| {
                writer.word("owner", empire.id);
                writer.word("country", other.id);
                writer.number("trust", random.below(100));
                writer.word("relation_current", i64::try_from(random.below(1200)).unwrap_or(0) - 600);
                writer.word("contact", "yes");
                writer.word("communications", "yes");
                writer.number("border_range", random.below(50));
                if at_war(plan, at, other_at) {
                    writer.word("hostile", "yes");
                    writer.word("is_rival", "yes");
                }
            });
        }
    });
}

pub(super) fn federations(plan: &Plan, writer: &mut Writer) {
    writer.block("federation", |writer| {
        writer.block(0, |writer| {
            writer.literal("Galactic Defence League");
            writer.block("federation_progression", |writer| {
                writer.text("federation_type", "military_federation");
                writer.word("experience", "6329.87");
                writer.number("cohesion", 100);
                writer.block("laws", |writer| {
                    writer.word("law_category_centralization", "centralization_medium");
                });
                writer.number("levels", 3);
            });
            let members: Vec<u32> = plan.empires.iter().skip(plan.player).take(2).map(|empire| empire.id).collect();
            writer.numbers("members", &members);
            writer.word("leader", members.first().copied().unwrap_or(0));
            writer.text("start_date", "2288.10.12");
        });
    });
}

pub(super) fn leaders(plan: &Plan, writer: &mut Writer) {
    writer.block("leaders", |writer| {
        for (at, empire) in plan.empires.iter().enumerate() {
            for (number, leader) in empire.leaders.iter().enumerate() {
                let mut random = plan.random(22, at * 100 + number);
                writer.block(leader, |writer| {
                    writer.block("name", |writer| {
                        writer.block("full_names", |writer| {
                            writer.text("key", random.pick(&["Ôla Krût", "Jane \"Ace\" Doe", "AQUATIC3_CHR_Gershama"]));
                        });
                    });
                    writer.word("species", empire.species);
                    writer.word("gender", random.pick(&["male", "female", "indeterminable"]));
                    writer.word("country", empire.id);
                    writer.text("class", random.pick(&["commander", "official", "scientist"]));
                    writer.word("experience", format_args!("{}.25", random.below(9000)));
                    writer.text("date", "2265.01.01");
                    writer.text("recruitment_date", &format!("22{:02}.04.26", random.below(100)));
                    writer.number("age", 25 + random.below(60));
                    for name in ["leader_trait_scout", "leader_trait_unyielding"] {
                        writer.text("traits", name);
                    }
                    writer.number("level", 1 + random.below(9));
                });
            }
        }
    });
}
