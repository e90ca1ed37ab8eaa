//! A difference as a sheet.

use crate::sheet::{Cell, Column, Look, Section, Sheet, Tone, figure, figures_of, signed, title_case, words, words_of};

pub(super) fn sheet(look: Look<'_>) -> Sheet {
    let span = match look.number("days") {
        Some(days) if days < 0.0 => format!("{} days back in time: the first save is the later one", figure(-days)),
        Some(days) if days >= 360.0 => format!("{} years", figure(days / 360.0)),
        Some(days) => format!("{} days", figure(days)),
        None => String::new(),
    };
    let subtitle = vec![
        format!("{} to {}, {span}", look.text("old.date"), look.text("new.date"))
            .trim_end_matches([' ', ','])
            .to_owned(),
    ];
    let mut sections = vec![
        scores(look),
        resources(look),
        wars(look),
        treaties(look),
        planets(look),
        fleets(look),
        technology(look),
        people(look),
    ];
    if sections.iter().all(|section| section.blocks.is_empty()) {
        let mut nothing = Section::new("Nothing changed");
        nothing.text("The two briefings say the same.");
        sections.push(nothing);
    }
    Sheet { title: format!("{}: what changed", look.text("new.empire_name")), subtitle, sections, notes: Vec::new() }
}

/// `12 to 15 (+3)`; nothing if it did not change.
fn change(look: Look<'_>) -> String {
    let unknown = || "unknown".to_owned();
    match (look.number("old"), look.number("new"), look.number("change")) {
        (_, _, Some(0.0)) | (None, None, _) => String::new(),
        (old, new, change) => {
            let by = change.map(|change| format!(" ({})", signed(change))).unwrap_or_default();
            format!("{} to {}{by}", old.map_or_else(unknown, figure), new.map_or_else(unknown, figure))
        }
    }
}

fn scores(look: Look<'_>) -> Section {
    let mut section = Section::new("Scores");
    let all = look.members("scores").into_iter().chain(look.members("pops"));
    section.pairs(all.map(|(name, score)| (title_case(name), change(score))));
    section
}

const RESOURCES: [Column; 5] = [
    words_of("Resource"),
    figures_of("Stock"),
    figures_of("Change"),
    figures_of("Net a month"),
    figures_of("Change of the net"),
];

fn resources(look: Look<'_>) -> Section {
    let mut section = Section::new("Resources");
    let changed = |resource: &Look<'_>| {
        ["stock.change", "net.change"].iter().any(|path| resource.number(path).is_some_and(|change| change != 0.0))
    };
    let row = |(name, resource): (&str, Look<'_>)| {
        vec![
            Cell::from(title_case(name.trim_start_matches("sr_"))),
            resource.figure("stock.new").into(),
            Cell::net(resource.number("stock.change")),
            Cell::net(resource.number("net.new")),
            Cell::net(resource.number("net.change")),
        ]
    };
    let all = look.members("resources").into_iter().filter(|(_, resource)| changed(resource));
    section.table(&RESOURCES, all.map(row).collect(), usize::MAX);
    section
}

fn wars(look: Look<'_>) -> Section {
    let mut section = Section::new("Wars");
    let told = |war: Look<'_>| format!("{} (we are the {})", war.text("name"), war.text("our_side"));
    section.pairs(look.items("wars.begun").map(|war| ("Begun", Cell::new(told(war), Tone::Bad))));
    section.pairs(look.items("wars.ended").map(|war| ("Ended", Cell::new(told(war), Tone::Good))));
    for war in look.items("wars.going_on") {
        let stats = war.at("battle_stats");
        let lines: Vec<(String, String)> = stats
            .all()
            .into_iter()
            .map(|(name, stat)| (title_case(name), change(stat)))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        if !lines.is_empty() {
            section.text(war.text("name"));
            section.pairs(lines);
        }
    }
    section
}

fn treaties(look: Look<'_>) -> Section {
    let mut section = Section::new("Treaties and rivals");
    let told = |treaty: Look<'_>| format!("{} with {}", words(treaty.text("type")), treaty.text("empire_name"));
    section.pairs(look.items("treaties.gained").map(|treaty| ("Made", told(treaty))));
    section.pairs(look.items("treaties.lost").map(|treaty| ("Ended", told(treaty))));
    let name = |one: Look<'_>| one.text("name").to_owned();
    section.pairs(look.items("rivals.gained").map(|rival| ("New rival", name(rival))));
    section.pairs(look.items("rivals.lost").map(|rival| ("Rival no more", name(rival))));
    let federation = look.at("treaties.federation");
    if !federation.0.is_null() {
        let joined = federation.at("old").0.is_null();
        section.pairs([("Federation", if joined { "joined" } else { "left or changed" })]);
    }
    let claim = |claim: Look<'_>| format!("{} by {}", claim.text("system_name"), claim.text("claimant_name"));
    section.pairs(look.items("claims_against.gained").map(|one| ("New claim on", claim(one))));
    section.pairs(look.items("claims_against.lost").map(|one| ("Claim gone on", claim(one))));
    section
}

/// Names of what came or went, with a figure of each.
fn listed(look: Look<'_>, path: &str, number: &str, unit: &str) -> String {
    let told = |item: Look<'_>| match item.number(number) {
        Some(count) => format!("{} ({} {unit})", item.text("name"), figure(count)),
        None => item.text("name").to_owned(),
    };
    look.items(path).map(told).collect::<Vec<_>>().join(", ")
}

const PLANETS: [Column; 4] = [words_of("Planet"), words_of("Pops"), words_of("Stability"), words_of("Districts")];

fn planets(look: Look<'_>) -> Section {
    let mut section = Section::new("Planets");
    section.pairs([
        ("Gained", Cell::new(listed(look, "planets.gained", "population", "pops"), Tone::Good)),
        ("Lost", Cell::new(listed(look, "planets.lost", "population", "pops"), Tone::Bad)),
    ]);
    let row = |planet: Look<'_>| {
        let cell = |name: &str| Cell::from(change(planet.at(name)));
        vec![planet.text("name").into(), cell("population"), cell("stability"), cell("district_count")]
    };
    section.table(&PLANETS, look.items("planets.changed").map(row).collect(), 20);
    section
}

const FLEETS: [Column; 3] = [words_of("Fleet"), words_of("Ships"), words_of("Power")];

fn fleets(look: Look<'_>) -> Section {
    let mut section = Section::new("Fleets and starbases");
    section.pairs([
        ("New", Cell::from(listed(look, "fleets.gained", "ships", "ships"))),
        ("Gone", Cell::new(listed(look, "fleets.lost", "ships", "ships"), Tone::Bad)),
    ]);
    let row = |fleet: Look<'_>| {
        vec![
            Cell::from(fleet.text("name")),
            change(fleet.at("ships")).into(),
            change(fleet.at("military_power")).into(),
        ]
    };
    section.table(&FLEETS, look.items("fleets.changed").map(row).collect(), 20);
    let counts = look.members("ship_classes").into_iter().chain(look.members("starbases"));
    section.pairs(counts.map(|(name, count)| (title_case(name), change(count))));
    section
}

fn technology(look: Look<'_>) -> Section {
    let mut section = Section::new("Technology and traditions");
    let list = |path: &str, prefix: &str| {
        let cut = |key: &str| words(key.strip_prefix(prefix).unwrap_or(key));
        look.texts(path).into_iter().map(cut).collect::<Vec<_>>().join(", ")
    };
    section.pairs([
        ("Researched", list("technology.gained", "tech_")),
        ("No longer known", list("technology.lost", "tech_")),
        ("Traditions", list("traditions.gained", "tr_")),
        ("Ascension perks", list("ascension_perks.gained", "ap_")),
        ("Relics", list("relics.gained", "r_")),
        ("Relics lost", list("relics.lost", "r_")),
    ]);
    section.pairs(
        look.members("technology.repeatables").into_iter().map(|(name, level)| (title_case(name), change(level))),
    );
    section.pairs(
        look.members("technology.research_speed")
            .into_iter()
            .map(|(area, speed)| (format!("{} a month", title_case(area)), change(speed))),
    );
    section
}

fn people(look: Look<'_>) -> Section {
    let mut section = Section::new("Leaders");
    let names = |path: &str| {
        let told = |leader: Look<'_>| format!("{} ({})", leader.text("name"), leader.text("class"));
        look.items(path).map(told).collect::<Vec<_>>().join(", ")
    };
    section.pairs([("New", names("leaders.gained")), ("Gone", names("leaders.lost"))]);
    section
}
