//! Wars, fleets, starbases, armies.

use crate::sheet::{Cell, Column, Look, Section, Tone, figure, figures_of, title_case, words, words_of};

use super::counts;

const BATTLES: [Column; 4] = [words_of("Where"), figures_of("Battles"), figures_of("Ships lost"), words_of("")];

pub(super) fn wars(look: Look<'_>) -> Section {
    let mut section = Section::new("Wars");
    for war in look.items("military.wars.wars") {
        let side = |side: &str| war.texts(&format!("participants.{side}")).join(", ");
        let percent = |path: &str| war.number(path).map(|share| format!("{} %", figure((share * 100.0).round())));
        let exhaustion = percent("attacker_war_exhaustion").zip(percent("defender_war_exhaustion"));
        let stats = war.at("battle_stats");
        let (won, lost) =
            (stats.number("our_victories").unwrap_or_default(), stats.number("their_victories").unwrap_or_default());
        section.text(Cell::new(war.text("name"), Tone::Bad));
        section.pairs([
            ("Since", Cell::from(format!("{}, we are the {}", war.text("start_date"), war.text("our_side")))),
            ("Attackers", side("attackers").into()),
            ("Defenders", side("defenders").into()),
            ("War goal", words(war.text("war_goal").trim_start_matches("wg_")).into()),
            (
                "Battles",
                Cell::new(
                    format!("{} won, {} lost", figure(won), figure(lost)),
                    if lost > won { Tone::Bad } else { Tone::Plain },
                ),
            ),
            (
                "Ships lost",
                format!("{} ours, {} theirs", stats.figure("our_ship_losses"), stats.figure("their_ship_losses"))
                    .into(),
            ),
            ("Exhaustion", exhaustion.map(|(a, d)| format!("{a} attackers, {d} defenders")).unwrap_or_default().into()),
        ]);
        let places = stats.items("battle_locations").map(|place| {
            vec![
                Cell::from(place.text("system")),
                place.figure("battles").into(),
                place.figure("total_losses").into(),
                "".into(),
            ]
        });
        section.table(&BATTLES, places.collect(), 5);
    }
    section
}

const FLEETS: [Column; 4] = [words_of("Fleet"), figures_of("Ships"), figures_of("Power"), words_of("Classes")];

pub(super) fn fleets(look: Look<'_>) -> Section {
    let mut section = Section::new("Fleets and armies");
    let mut fleets: Vec<Look<'_>> = look.items("military.fleets.fleets").collect();
    fleets.sort_by(|one, other| {
        let power = |fleet: &Look<'_>| fleet.number("military_power").unwrap_or_default();
        power(other).total_cmp(&power(one))
    });
    let row = |fleet: &Look<'_>| {
        vec![
            Cell::from(fleet.text("name")),
            fleet.figure("ships").into(),
            fleet.figure("military_power").into(),
            counts(*fleet, "ship_classes").into(),
        ]
    };
    section.table(&FLEETS, fleets.iter().map(row).collect(), 10);
    let naval = look.at("military.naval_capacity");
    let limit = match (naval.number("analysis.limit"), naval.number("analysis.derived_limit")) {
        (Some(limit), _) => format!(" of {}", figure(limit)),
        (None, Some(limit)) => format!(", limit estimated at {}", figure(limit)),
        (None, None) => String::new(),
    };
    let over = naval.number("analysis.derived_over_by").is_some();
    let capacity = naval.number("used").map(|used| format!("{}{limit}", figure(used))).unwrap_or_default();
    section.pairs([
        ("Warships", Cell::from(look.figure("military.military_ships"))),
        ("Fleet power", look.figure("military.military_power").into()),
        ("Classes", counts(look, "military.ship_classes").into()),
        ("Naval capacity", Cell::new(capacity, if over { Tone::Bad } else { Tone::Plain })),
        ("Civilian fleets", look.figure("military.fleets.civilian_fleet_count").into()),
        ("Armies", counts(look, "military.armies.by_type").into()),
    ]);
    let structures: Vec<String> = look
        .items("military.megastructures.megastructures")
        .map(|one| format!("{} ({})", title_case(one.text("display_type")), words(one.text("status"))))
        .collect();
    section.pairs([("Megastructures", structures.join(", "))]);
    section
}

pub(super) fn starbases(look: Look<'_>) -> Section {
    let mut section = Section::new("Starbases");
    section.pairs([
        ("Levels", Cell::from(counts(look, "defense.by_level"))),
        ("Upgraded", {
            let upgraded = look.figure("military.naval_capacity.used_starbase_capacity");
            let most = look.figure("military.naval_capacity.starbase_capacity");
            if most.is_empty() { upgraded.into() } else { format!("{upgraded} of {most}").into() }
        }),
        ("Defense score", look.figure("defense.total_defense_score").into()),
    ]);
    section
}
