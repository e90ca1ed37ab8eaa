//! How far the game has come.

use crate::{
    fact::{Object, Why},
    model::{Model, id_of},
};

/// The year from which on the next phase begins [H]: what players of the usual settings call so.
const PHASES: [(i32, &str); 4] = [(2230, "early"), (2300, "mid_early"), (2350, "mid_late"), (2400, "late")];

/// The year in which each game begins.
const FIRST_YEAR: i32 = 2200;

/// Puts in the year and the phases of the game.
pub(super) fn put(model: &Model<'_>, out: &mut Object) {
    let year = model.date.map(|date| date.year);
    let unknown = "the save states no date";
    let date = || model.date.map_or_else(String::new, |date| date.to_string());
    let phase = year.map(|year| PHASES.iter().find(|(end, _)| year < *end).map_or("endgame", |(_, phase)| phase));
    out.known_or("game_phase", phase, unknown).why(model.explaining, || {
        Why::heuristic("by the year: before 2230 early, 2300 mid_early, 2350 mid_late, 2400 late, then endgame")
            .from("date", date())
    });
    by_settings(model, year, out);
    out.known_or("year", year, unknown)
        .why(model.explaining, || Why::rule("the year of the date").from("date", date()));
}

fn by_settings(model: &Model<'_>, year: Option<i32>, out: &mut Object) {
    let galaxy = model.section("galaxy");
    let start = |key: &str| galaxy.and_then(|galaxy| id_of(galaxy, key)).and_then(|years| i32::try_from(years).ok());
    let starts = [
        ("mid_game_start", start("mid_game_start")),
        ("end_game_start", start("end_game_start")),
        ("victory_year", start("victory_year")),
    ];
    let phase = match (year, starts) {
        (Some(year), [(_, Some(mid)), (_, Some(end)), (_, victory)]) => {
            let passed = year.saturating_sub(FIRST_YEAR);
            Some(if victory.is_some_and(|victory| passed >= victory) {
                "after_victory_year"
            } else if passed >= end {
                "end_game"
            } else if passed >= mid {
                "mid_game"
            } else {
                "early_game"
            })
        }
        _ => None,
    };
    out.known_or("phase_by_settings", phase, "the save states no date, or no mid_game_start and end_game_start").why(
        model.explaining,
        || {
            let sources = starts.iter().map(|(key, years)| {
                (format!("galaxy.{key}"), years.map_or_else(|| "not there".to_owned(), |years| years.to_string()))
            });
            Why::rule("by the settings of the galaxy, in years after 2200: early_game, mid_game, end_game, after_victory_year")
                .from_all(sources)
        },
    );
}
