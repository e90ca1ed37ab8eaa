//! Planets and who lives and works on them.

use super::{
    plan::{Plan, Planet, id},
    writer::Writer,
};

fn each_owned(plan: &Plan) -> impl Iterator<Item = &Planet> {
    plan.planets.iter().filter(|planet| planet.owner.is_some())
}

pub(super) fn pops(plan: &Plan, writer: &mut Writer) {
    writer.block("pop", |_| {});
    writer.block("pop_groups", |writer| {
        for planet in each_owned(plan) {
            let species = planet.owner.and_then(|owner| plan.empires.get(owner)).map_or(0, |empire| empire.species);
            for group in planet.pop_groups.clone() {
                let (category, size) = group_of(plan, group);
                let mut random = plan.random(13, group);
                if group % 50 == 49 {
                    writer.word(id(group, 2), "none");
                }
                writer.block(id(group, 1), |writer| {
                    writer.block("key", |writer| {
                        writer.word("species", species);
                        writer.text("category", category);
                        writer.block("ethos", |writer| writer.text("ethic", "ethic_materialist"));
                    });
                    writer.word("planet", planet.id);
                    writer.number("size", size);
                    writer.word("habitability", "1");
                    writer.word("happiness", format_args!("0.{:05}", random.below(100_000)));
                    writer.word("power", "0.05");
                    writer.number("housing_usage", 1 + random.below(90));
                });
            }
        }
    });
    writer.block("pop_jobs", |writer| {
        for planet in &plan.planets {
            for job in planet.jobs.clone() {
                let mut random = plan.random(11, job);
                writer.block(job, |writer| {
                    writer.text("type", random.pick(&["farmer", "miner", "technician", "politician", "researcher"]));
                    writer.word("planet", planet.id);
                    writer.number("workforce", random.below(400));
                    writer.number("max_workforce", 400);
                    writer.number("workforce_limit", 1000);
                    writer.word("bonus_workforce", format_args!("{}.{}", random.below(90), random.below(10)));
                    writer.block("pop_groups", |_| {});
                });
            }
        }
    });
}

pub(super) fn planets(plan: &Plan, writer: &mut Writer) {
    writer.block("planets", |writer| {
        writer.block("planet", |writer| {
            for (at, planet) in plan.planets.iter().enumerate() {
                writer.block(planet.id, |writer| one(plan, at, planet, writer));
            }
        });
    });
}

fn one(plan: &Plan, at: usize, planet: &Planet, writer: &mut Writer) {
    let mut random = plan.random(12, at);
    let system = plan.systems.get(planet.system).map_or(0, |system| system.id);
    writer.literal(&planet.name);
    let class = if planet.owner.is_some() {
        random.pick(&["pc_continental", "pc_ocean", "pc_desert", "pc_gaia"])
    } else {
        random.pick(&["pc_barren", "pc_gas_giant", "pc_molten", "pc_frozen"])
    };
    writer.text("planet_class", class);
    writer.coordinate("coordinate", random.coordinate(), random.coordinate(), system);
    writer.number("orbit", random.below(200));
    writer.number("planet_size", 8 + random.below(20));
    writer.number("bombardment_damage", 0);
    writer.text("last_bombardment", "0.01.01");
    writer.block("automation", |writer| writer.word("enabled", "no"));
    if planet.owner.is_some() {
        let owner = plan.owner_id(planet.owner);
        writer.word("owner", owner);
        writer.word("original_owner", owner);
        writer.word("controller", owner);
    }
    writer.numbers("pop_groups", planet.pop_groups.clone().map(|group| id(group, 1)));
    writer.numbers("pop_jobs", planet.jobs.clone());
    writer.block("pop_category_changes", |writer| {
        for kind in ["demotions", "promotions"] {
            writer.block(kind, |writer| planet.jobs.clone().for_each(|job| writer.unindented(job)));
        }
    });
    writer.numbers("districts", (0..random.below(6)).map(|number| at * 6 + number));
    if planet.owner.is_some() {
        writer
            .text("last_building_changed", random.pick(&["building_capital", "building_foundry_1", "building_temple"]));
        writer.text("last_district_changed", random.pick(&["district_generator", "district_farming", "district_city"]));
        writer.text("colonize_date", "2200.01.01");
        writer.block("timed_modifier", |writer| {
            writer.list("items", ["colonial_spirit_mod"], |writer, modifier| {
                writer.text("modifier", modifier);
                writer.word("days", "-1");
            });
        });
    }
    writer.block("variables", |writer| writer.split("ice_dumping_happened", random.below(5)));
    writer.numbers("deposits", (0..random.below(8)).map(|number| at * 8 + number));
    let sizes: usize = planet.pop_groups.clone().map(|group| group_of(plan, group).1).sum();
    writer.word("stability", format_args!("{}.{:04}", random.below(100), random.below(10_000)));
    writer.word("crime", format_args!("{}.{:04}", random.below(20), random.below(10_000)));
    let (amenities, used) = (random.below(9000), random.below(5000));
    writer.number("amenities", amenities);
    writer.number("amenities_usage", used);
    writer.word("free_amenities", amenities.saturating_sub(used));
    writer.number("free_housing", random.below(8000));
    writer.number("num_sapient_pops", sizes);
    writer.word("recalc_pops", "yes");
    writer.number("ascension_tier", random.below(6));
}

/// What a group of pops is and how many there are in it.
fn group_of(plan: &Plan, group: usize) -> (&'static str, usize) {
    let mut random = plan.random(10, group);
    let category = random.pick(&["civilian", "ruler", "specialist", "worker"]);
    (category, 1 + random.below(900))
}
