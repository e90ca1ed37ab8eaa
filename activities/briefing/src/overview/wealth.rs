//! Resources, planets, pops.

use crate::sheet::{Cell, Column, Look, Section, Tone, figure, figures_of, title_case, words, words_of};

use super::counts;

/// The order in which people look for resources; others follow by name.
const FIRST: [&str; 11] = [
    "energy",
    "minerals",
    "food",
    "alloys",
    "consumer_goods",
    "trade",
    "influence",
    "unity",
    "physics_research",
    "society_research",
    "engineering_research",
];

const RESOURCES: [Column; 5] =
    [words_of("Resource"), figures_of("Stock"), figures_of("Income"), figures_of("Expenses"), figures_of("Net")];

pub(super) fn economy(look: Look<'_>) -> Section {
    let mut section = Section::new("Economy, by the month");
    let all = ["stockpiles", "monthly_income", "monthly_expenses"];
    let mut found: Vec<&str> =
        all.iter().flat_map(|kind| look.members(&format!("economy.resources.{kind}"))).map(|(name, _)| name).collect();
    found.sort_unstable();
    found.dedup();
    found.sort_by_key(|name| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
    let at = |kind: &str, name: &str| look.number(&format!("economy.{kind}.{name}"));
    found.retain(|name| {
        let some = |kind: &&str| at(&format!("resources.{kind}"), name).is_some_and(|amount| amount != 0.0);
        all.iter().any(some)
    });
    let row = |name: &&str| {
        let amount = |kind: &str| at(kind, name).map(figure).unwrap_or_default();
        vec![
            Cell::from(title_case(name.trim_start_matches("sr_"))),
            amount("resources.stockpiles").into(),
            amount("resources.monthly_income").into(),
            amount("resources.monthly_expenses").into(),
            Cell::net(at("net_monthly", name)),
        ]
    };
    section.table(&RESOURCES, found.iter().map(row).collect(), usize::MAX);
    section.pairs([
        ("Economy", Cell::from(look.figure("economy.economy_power"))),
        ("Research a month", look.figure("economy.key_resources.research_total").into()),
    ]);
    section
}

const PLANETS: [Column; 8] = [
    words_of("Planet"),
    words_of("Type"),
    figures_of("Size"),
    figures_of("Pops"),
    figures_of("Districts"),
    figures_of("Stability"),
    figures_of("Crime"),
    figures_of("Free housing"),
];

pub(super) fn planets(look: Look<'_>) -> Section {
    let mut section = Section::new("Planets");
    let mut planets: Vec<Look<'_>> = look.items("territory.planets.planets").collect();
    planets.sort_by(|one, other| {
        let pops = |planet: &Look<'_>| planet.number("population").unwrap_or_default();
        pops(other).total_cmp(&pops(one))
    });
    let row = |planet: &Look<'_>| {
        let below = |path: &str, least: f64| match planet.number(path) {
            Some(number) if number < least => Cell::new(figure(number.round()), Tone::Bad),
            Some(number) => figure(number.round()).into(),
            None => "".into(),
        };
        let crime = planet.number("crime").unwrap_or_default();
        vec![
            Cell::from(planet.text("name")),
            words(planet.text("type")).into(),
            planet.figure("size").into(),
            planet.figure("population").into(),
            planet.figure("district_count").into(),
            below("stability", 25.0),
            Cell::new(figure(crime.round()), if crime >= 30.0 { Tone::Bad } else { Tone::Plain }),
            below("free_housing", 0.0),
        ]
    };
    section.table(&PLANETS, planets.iter().map(row).collect(), 15);
    section.pairs([
        ("Colonies", Cell::from(look.figure("territory.colonies.total_count"))),
        ("Habitats", look.figure("territory.colonies.habitats.count").replace('0', "").into()),
        ("Bodies in territory", look.figure("territory.celestial_bodies_in_territory").into()),
    ]);
    section
}

pub(super) fn pops(look: Look<'_>) -> Section {
    let mut section = Section::new("Pops");
    let unemployed = look.number("economy.pop_statistics.unemployed_pops");
    let idle = match unemployed {
        Some(idle) if idle > 0.0 => Cell::new(figure(idle), Tone::Bad),
        Some(_) => "none".into(),
        None => "".into(),
    };
    let happiness = look.number("economy.pop_statistics.happiness_avg").map(|mean| format!("{mean} %"));
    section.pairs([
        ("Pops", Cell::from(look.figure("economy.pop_statistics.total_pops"))),
        ("Without work", idle),
        ("Happiness", happiness.unwrap_or_default().into()),
        ("Strata", counts(look, "economy.pop_statistics.by_stratum").into()),
        ("Species", counts(look, "economy.pop_statistics.by_species").into()),
    ]);
    section
}
