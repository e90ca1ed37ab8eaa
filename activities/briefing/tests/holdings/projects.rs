//! The rules of special projects, chains of events and precursors.

use briefing::{fact::Fact, parts::projects::projects};

use crate::part::Part;

/// The projects of country 0 with these events and flags, whose starting system lies in the realm of the Inetians.
fn of(events: &str, flags: &str) -> Part {
    Part::of(
        projects,
        &format!(
            "country={{ 0={{ events={{ {events} }} flags={{ {flags} }} starting_system=83 }} }}
            galactic_object={{ 83={{ flags={{ precursor_inetian=62808000 }} }} }}"
        ),
    )
}

#[test]
fn every_special_project_counts_and_one_without_days_has_no_limit() {
    let projects = of(
        "special_project={ id=40 days_left=1076 debris=83886127 }
        special_project={ id=6 special_project=\"DIG\" status=completed }
        special_project={ id=39 days_left=699 debris=67108896 } next_special_project_id=45",
        "",
    );
    assert_eq!(projects.number("active_count"), Some(3.0));
    assert_eq!(projects.number("soonest_completion"), Some(699.0));
    assert_eq!(projects.names("active_projects.0"), ["id", "name", "status"]);
    assert_eq!(projects.number("active_projects.2.debris_id"), Some(83_886_127.0));
}

#[test]
fn without_a_limit_of_time_nothing_is_soonest() {
    let projects = of("special_project={ id=1 }", "");
    assert_eq!(projects.at("soonest_completion"), Some(Fact::Null));
    assert!(projects.reason("soonest_completion").is_some());
}

#[test]
fn completed_chains_are_told_and_known_stories_named() {
    let projects = of(
        "completed_event_chain=\"market_founding_chain\" completed_event_chain=\"other_chain\"
        event_chain={ event_chain=\"cybrex_chain\" scope={ id=1 } counter={ cybrex_artifacts=1 } }",
        "",
    );
    assert_eq!(projects.texts("completed_chains"), ["market_founding_chain", "other_chain"]);
    assert_eq!(projects.texts("notable_completed"), ["Galactic Market Founding"]);
    assert_eq!(projects.number("event_chains.0.counter.cybrex_artifacts"), Some(1.0));
}

#[test]
fn artifacts_are_counted_by_the_chain_and_sites_by_the_flags() {
    let projects = of(
        "event_chain={ event_chain=\"cybrex_chain\" counter={ cybrex_artifacts=1 } }",
        "cybrex_intro=1 cybrex_7=1 cybrex_6=1",
    );
    assert_eq!(projects.number("precursor_progress.cybrex.artifacts"), Some(1.0));
    assert_eq!(projects.number("precursor_progress.cybrex.sites_found"), Some(2.0));
    assert_eq!(projects.text("precursor_progress.cybrex.stage").as_deref(), Some("started"));
}

#[test]
fn the_last_stage_of_a_precursor_wins() {
    let stage = |events: &str, flags: &str| of(events, flags).text("precursor_progress.zroni.stage").unwrap();
    assert_eq!(stage("", "zroni_2=1"), "collecting_artifacts");
    assert_eq!(stage("", "zroni_2=1 zroni_intro=1"), "started");
    assert_eq!(stage("", "zroni_world_found=1 zroni_intro=1"), "homeworld_found");
    assert_eq!(stage("", "zroni_system=1 zroni_homeworld=1 zroni_intro=1"), "system_located");
    assert_eq!(stage("completed_event_chain=\"zroni_homeworld_chain\"", "zroni_system=1"), "completed");
}

#[test]
fn the_precursor_of_the_starting_system_is_assigned_before_it_is_met() {
    let projects = of("", "");
    assert_eq!(projects.names("precursor_progress"), ["inetian"]);
    assert_eq!(projects.at("precursor_progress.inetian.assigned"), Some(Fact::Bool(true)));
    assert_eq!(projects.at("precursor_progress.inetian.found"), Some(Fact::Bool(false)));
    assert_eq!(projects.text("precursor_progress.inetian.stage").as_deref(), Some("not_begun"));
}

#[test]
fn a_chain_that_is_over_took_its_counter_with_it() {
    let projects = of("completed_event_chain=\"cybrex_chain\"", "cybrex_intro=1");
    assert!(projects.reason("precursor_progress.cybrex.artifacts").is_some());
}

#[test]
fn a_country_without_events_is_unknown() {
    let projects = Part::of(projects, "country={ 0={ } }");
    assert!(projects.reason("active_count").is_some());
}

#[test]
fn every_number_says_why_it_is_so() {
    let projects = of(
        "special_project={ id=39 days_left=699 } event_chain={ event_chain=\"cybrex_chain\" counter={ cybrex_artifacts=1 } }",
        "cybrex_7=1",
    );
    assert_eq!(projects.unexplained(), Vec::<String>::new());
}
