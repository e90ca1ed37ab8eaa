//! The galaxy around: old powers, creatures, stories.

use crate::sheet::{Cell, Column, Look, Section, Tone, figures_of, title_case, words, words_of};

const POWERS: [Column; 5] = [
    words_of("Fallen empire"),
    words_of("Archetype"),
    words_of("Status"),
    figures_of("Power"),
    figures_of("Times ours"),
];

pub(super) fn powers(look: Look<'_>) -> Section {
    let mut section = Section::new("Powers of the galaxy");
    let row = |empire: Look<'_>| {
        let status = empire.text("status");
        vec![
            Cell::from(empire.text("name")),
            empire.text("archetype").into(),
            Cell::new(status, if status == "awakened" { Tone::Bad } else { Tone::Plain }),
            empire.figure("military_power").into(),
            empire.figure("power_ratio").into(),
        ]
    };
    section.table(&POWERS, look.items("fallen_empires.fallen_empires").map(row).collect(), 12);
    let lgate = look.at("endgame.lgate");
    let gate = match lgate.at("lgate_enabled").0.as_bool() {
        Some(true) if lgate.is("lgate_opened") => Cell::new("open", Tone::Bad),
        Some(true) => {
            let of = lgate.figure("insights_required");
            Cell::from(format!("closed, {} of {of} insights", lgate.figure("insights_collected")))
        }
        Some(false) => Cell::from("none in this galaxy"),
        None => Cell::from(""),
    };
    let khan = look.at("endgame.great_khan");
    let marauders = match khan.text("khan_status") {
        "" => khan.figure("marauder_count"),
        status => format!("{}, the great khan is {status}", khan.figure("marauder_count")),
    };
    let heaven = if look.is("fallen_empires.war_in_heaven") { "yes" } else { "" };
    let threats: Vec<String> = look.texts("endgame.crisis.other_threats").into_iter().map(words).collect();
    section.pairs([
        ("War in heaven", Cell::new(heaven, Tone::Bad)),
        ("L-cluster", gate),
        ("Marauder clans", marauders.into()),
        ("Other threats", Cell::new(threats.join(", "), Tone::Bad)),
    ]);
    section
}

const CREATURES: [Column; 4] = [words_of("Creature"), words_of("Status"), words_of("Threat"), words_of("Reward")];

pub(super) fn creatures(look: Look<'_>) -> Section {
    let mut section = Section::new("Guardians and fauna");
    let row = |creature: Look<'_>| {
        vec![
            Cell::from(creature.text("name")),
            creature.text("status").into(),
            creature.text("threat").into(),
            creature.text("reward").into(),
        ]
    };
    section.table(&CREATURES, look.items("leviathans.leviathans").map(row).collect(), 20);
    section
}

const PROJECTS: [Column; 2] = [words_of("Special project"), figures_of("Days left")];

pub(super) fn undertakings(look: Look<'_>) -> Section {
    let mut section = Section::new("Projects and stories");
    let row = |project: Look<'_>| {
        let days = project.figure("days_left");
        vec![
            Cell::from(title_case(&project.text("name").to_lowercase())),
            if days.is_empty() { "no limit".into() } else { days.into() },
        ]
    };
    section.table(&PROJECTS, look.items("projects.active_projects").map(row).collect(), 12);
    let precursors: Vec<String> = look
        .members("projects.precursor_progress")
        .into_iter()
        .map(|(_, one)| {
            format!("{}: {}, {} artifacts", one.text("name"), words(one.text("stage")), one.figure("artifacts"))
        })
        .collect();
    let digs = look.items("territory.archaeology");
    let (all, active) =
        digs.fold((0usize, 0usize), |(all, active), dig| (all + 1, active + usize::from(dig.is("active_excavation"))));
    let digs = if all == 0 { String::new() } else { format!("{all} sites, {active} being dug") };
    section.pairs([("Precursors", precursors.join("; ")), ("Archaeology", digs)]);
    section
}
