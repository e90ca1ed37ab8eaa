//! Research, leaders, traditions, politics.

use crate::sheet::{Cell, Column, Look, Section, figures_of, title_case, words, words_of};

use super::{counts, list};

const RESEARCH: [Column; 4] =
    [words_of("Area"), words_of("In research"), figures_of("Progress"), figures_of("A month")];

fn technology_name(key: &str) -> String {
    words(key.trim_start_matches("tech_"))
}

pub(super) fn technology(look: Look<'_>) -> Section {
    let mut section = Section::new("Technology");
    let row = |area: &str| {
        let at = look.at("technology.in_progress").at(area);
        vec![
            Cell::from(title_case(area)),
            technology_name(at.text("tech")).into(),
            at.figure("progress").into(),
            look.figure(&format!("technology.research_speed.{area}")).into(),
        ]
    };
    section.table(&RESEARCH, ["physics", "society", "engineering"].into_iter().map(row).collect(), 3);
    section.pairs([
        ("Researched", look.figure("technology.completed_count")),
        ("Repeatables", counts(look, "technology.repeatables")),
    ]);
    section
}

const LEADERS: [Column; 5] =
    [words_of("Leader"), words_of("Class"), figures_of("Level"), figures_of("Age"), words_of("Traits")];

pub(super) fn leaders(look: Look<'_>) -> Section {
    let mut section = Section::new("Leaders");
    let row = |leader: Look<'_>| {
        let traits: Vec<&str> = leader
            .texts("traits")
            .into_iter()
            .map(|name| name.trim_start_matches("leader_").trim_start_matches("trait_"))
            .collect();
        let class = match leader.text("class") {
            class if leader.is("is_ruler") && class != "ruler" => format!("{class}, ruler"),
            class => class.to_owned(),
        };
        vec![
            Cell::from(leader.text("name")),
            class.into(),
            leader.figure("level").into(),
            leader.figure("age").into(),
            list(&traits).into(),
        ]
    };
    section.table(&LEADERS, look.items("leadership.leaders").map(row).collect(), 20);
    section
}

pub(super) fn traditions(look: Look<'_>) -> Section {
    let mut section = Section::new("Traditions and perks");
    let trees: Vec<String> = look
        .members("progression.traditions.by_tree")
        .into_iter()
        .map(|(tree, state)| {
            let picked = state.items("picked").len();
            let done = if state.is("finished") { "finished".to_owned() } else { format!("{picked} picked") };
            format!("{} ({done})", words(tree))
        })
        .collect();
    let cut = |path: &str, prefix: &str| {
        look.texts(path).into_iter().map(|key| key.strip_prefix(prefix).unwrap_or(key)).collect::<Vec<_>>()
    };
    section.pairs([
        ("Traditions", trees.join(", ")),
        ("Ascension perks", list(&cut("progression.ascension_perks.ascension_perks", "ap_"))),
        ("Relics", list(&cut("progression.relics.relics", "r_"))),
    ]);
    section
}

const FACTIONS: [Column; 4] = [words_of("Faction"), words_of("Type"), figures_of("Support"), figures_of("Approval")];

pub(super) fn politics(look: Look<'_>) -> Section {
    let mut section = Section::new("Politics");
    let percent = |faction: Look<'_>, path: &str| {
        let share = faction.number(path);
        share.map(|share| format!("{} %", (share * 100.0).round())).unwrap_or_default()
    };
    let row = |faction: Look<'_>| {
        vec![
            Cell::from(faction.text("name")),
            words(faction.text("type")).into(),
            percent(faction, "support_percent").into(),
            percent(faction, "approval").into(),
        ]
    };
    section.table(&FACTIONS, look.items("progression.factions.factions").map(row).collect(), 12);
    let community = look.at("progression.galactic_community");
    if community.is("community_formed") || community.number("members_count").is_some_and(|count| count > 0.0) {
        let names = |path: &str| community.items(path).map(|one| one.text("name")).collect::<Vec<_>>().join(", ");
        section.pairs([
            ("Galactic community", format!("{} members", community.figure("members_count"))),
            ("Voted on", community.text("voting_resolution_name").to_owned()),
            ("Proposed", names("resolutions.proposed")),
            ("Passed", names("resolutions.passed")),
        ]);
    }
    section
}
