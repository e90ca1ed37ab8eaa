//! What soldiers and their like bring.

use super::{
    country::{self, Technologies},
    sources::Sources,
};
use crate::model::Model;

/// Adds all of it.
pub(super) fn add(model: &Model<'_>, technologies: &Technologies, sources: &mut Sources) {
    let jobs = match model.jobs() {
        Ok(jobs) => jobs,
        Err(section) => return sources.unresolved("jobs", "pop_jobs", model.absent(section)),
    };
    let trained = if technologies.has("tech_ground_defense_planning") { 1.0 } else { 0.0 };
    let warriors = country::civics(model).contains("warrior_culture");
    let has_flag = |name: &str| model.own_country().is_some_and(|country| country.has_flag(name));
    let telepath = if has_flag("eater_covenant_rank_1") {
        1.5
    } else if has_flag("eater_covenant_confirmed") {
        1.0
    } else {
        0.0
    };
    let section = if model.save.section("pop_jobs").is_some() { "pop_jobs" } else { "pop" };
    for (job, done) in jobs.by_type.iter().filter(|(_, done)| **done > 0.0) {
        let count = done / jobs.unit;
        let (label, each) = match &**job {
            "soldier" => ("Soldier jobs", 2.0 + trained),
            "warrior_drone" => ("Warrior drone jobs", 4.0 + trained),
            "duelist" => ("Duelist jobs", 2.0),
            "knight" => ("Knight jobs", 4.0),
            "knight_commander" => ("Knight Commander jobs", 4.0),
            "telepath" if telepath > 0.0 => ("Telepath jobs", telepath),
            "telepath_drone" if telepath > 0.0 => ("Telepath drone jobs", telepath),
            "entertainer" if warriors => ("Entertainer/Duelist jobs", 2.0),
            "entertainer" => {
                sources.unresolved("specialist_entertainer_variants", section, job.clone());
                continue;
            }
            "experiment_engineer" | "skywatcher" | "skywatcher_drone" | "squire" => {
                sources.unresolved("specialist_job_variants", section, job.clone());
                continue;
            }
            _ => continue,
        };
        sources.flat("jobs", label, count * each, section.to_owned(), format!("{count} {job} at {each}"));
    }
}
