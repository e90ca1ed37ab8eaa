//! The rules of guardians and fauna.

use briefing::{fact::Fact, parts::leviathans::leviathans};

use crate::part::Part;

/// Countries with a fleet of one ship each, named as given; a ship of 0 is gone.
fn of(countries: &str, fleets: &str, systems: &str) -> Part {
    Part::of(
        leviathans,
        &format!(
            "country={{ 0={{ }} {countries} }}\nfleet={{ {fleets} }}\nships={{ 1={{ }} }}\ngalactic_object={{ {systems} }}"
        ),
    )
}

/// Type and status of each row.
fn rows(leviathans: &Part) -> Vec<(String, String)> {
    let row = |at: usize| {
        let text = |name: &str| leviathans.text(&format!("leviathans.{at}.{name}"));
        text("type").zip(text("status"))
    };
    (0..leviathans.count("leviathans").unwrap()).filter_map(row).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(kind, status)| ((*kind).to_owned(), (*status).to_owned())).collect()
}

#[test]
fn a_guardian_is_alive_while_a_fleet_of_its_country_has_a_ship() {
    let leviathans = of(
        "9={ type=\"guardian_horror\" } 7={ type=\"guardian_dreadnought\" military_power=51778.25 }",
        "1={ owner=7 ships={ 1 } } 2={ owner=9 ships={ 44 } }",
        "",
    );
    assert_eq!(rows(&leviathans), pairs(&[("automated_dreadnought", "alive"), ("dimensional_horror", "defeated")]));
    assert_eq!(leviathans.number("leviathans.0.country_id"), Some(7.0));
    assert_eq!(leviathans.number("leviathans.0.military_power"), Some(51778.25));
    assert_eq!(leviathans.number("alive_count"), Some(1.0));
    assert_eq!(leviathans.number("defeated_count"), Some(1.0));
    assert_eq!(leviathans.number("total_count"), Some(2.0));
}

#[test]
fn the_name_of_the_fleet_tells_the_shard_from_the_drake() {
    let leviathans = of(
        "5={ type=\"guardian_dragon\" } 6={ type=\"guardian_dragon\" }",
        "1={ owner=5 name=\"Ether Drake\" ships={ 1 } } 2={ owner=6 name=\"Shard\" ships={ 1 } }",
        "",
    );
    assert_eq!(rows(&leviathans), pairs(&[("ether_drake", "alive"), ("shard", "alive")]));
}

#[test]
fn a_guardian_whose_country_is_gone_is_defeated_unless_it_comes_later() {
    let leviathans = of(
        "",
        "",
        "1={ flags={ guardians_technosphere_system=1 } } 2={ flags={ guardians_wraith_system=1 } }
        3={ flags={ guardians_stellarite_system=1 } } 4={ flags={ guardians_curators_system=1 } }",
    );
    assert_eq!(
        rows(&leviathans),
        pairs(&[("stellarite", "not_spawned"), ("wraith", "not_spawned"), ("infinity_machine", "defeated")])
    );
}

#[test]
fn who_killed_a_guardian_bears_a_flag() {
    let leviathans = of("25={ flags={ killed_wraith=63704664 } }", "", "2={ flags={ guardians_wraith_system=1 } }");
    assert_eq!(rows(&leviathans), pairs(&[("wraith", "defeated")]));
    assert_eq!(leviathans.number("leviathans.0.defeated_by"), Some(25.0));
}

#[test]
fn a_fortress_that_somebody_disabled_is_disabled() {
    let country = "29={ type=\"guardian_fortress\" military_power=0 }";
    let fleet = "1={ owner=29 ships={ 1 } }";
    assert_eq!(rows(&of(country, fleet, "")), pairs(&[("enigmatic_fortress", "alive")]));
    let flagged = format!("{country} 3={{ flags={{ disabled_enigmatic_fortress=63774360 }} }}");
    let leviathans = of(&flagged, fleet, "");
    assert_eq!(rows(&leviathans), pairs(&[("enigmatic_fortress", "disabled")]));
    assert_eq!(leviathans.number("alive_count"), Some(1.0));
}

#[test]
fn names_in_the_text_of_a_save_are_no_guardians() {
    let leviathans = of("3={ name=\"stellarite\" type=\"enigmatic_cache\" }", "1={ name=\"guardian_wraith\" }", "");
    assert_eq!(leviathans.number("total_count"), Some(0.0));
}

#[test]
fn what_a_guardian_is_worth_is_not_known_of_all() {
    let leviathans = of("7={ type=\"guardian_sphere\" }", "1={ owner=7 ships={ 1 } }", "");
    assert_eq!(leviathans.at("leviathans.0.reward"), Some(Fact::Null));
    assert!(leviathans.reason("leviathans.0.threat").is_some());
}

#[test]
fn without_fleets_nothing_is_known() {
    let leviathans = Part::of(leviathans, "country={ 0={ } 7={ type=\"guardian_sphere\" } }");
    assert!(leviathans.reason("alive_count").is_some());
}

#[test]
fn every_number_says_why_it_is_so() {
    let leviathans = of(
        "7={ type=\"guardian_sphere\" flags={ killed_wraith=1 } }",
        "1={ owner=7 ships={ 1 } military_power=5 }",
        "2={ flags={ guardians_wraith_system=1 } }",
    );
    assert_eq!(leviathans.unexplained(), Vec::<String>::new());
}
