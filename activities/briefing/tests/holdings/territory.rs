//! The rules of planets, colonies, claims and digs.

use briefing::{fact::Fact, parts::territory::territory};

use crate::part::Part;

fn of(sections: &str) -> Part {
    Part::of(
        territory,
        &format!("country={{ 0={{ name=\"Us\" controlled_planets={{ 1 2 3 }} }} 5={{ name=\"Them\" }} }}\n{sections}"),
    )
}

const OLD: &str = "planets={ planet={
    20={ name=\"Late\" planet_class=\"pc_habitat_2\" planet_size=6 owner=0 pop={ 9 } crime=2.26 }
    3={ name=\"Home\" planet_class=\"pc_tropical\" planet_size=19 owner=0 pop={ 1 2 3 } stability=82.04
        planet_modifier=\"pm_titanic_life\" branch_office_owner=5 branch_office_buildings={ 13 }
        buildings={ 4 2 } district=\"district_city\" district=\"district_mining\" district=\"district_city\"
        timed_modifier={ multiplier=1.6 modifier=\"assist_research\" days=-1 }
        timed_modifier={ modifier=\"feast\" days=30.5 }
        last_building_changed=\"building_temple\" free_housing=6 final_designation=\"col_rural\" }
    4={ planet_class=\"pc_star\" owner=5 pop={ 7 8 } }
} }
buildings={ 2={ type=\"building_temple\" } 4={ type=\"building_capital\" } 13={ type=\"building_forum\" } }";

#[test]
fn up_to_3_x_a_planet_lists_its_pops_districts_and_buildings() {
    let territory = of(OLD);
    assert_eq!(territory.number("celestial_bodies_in_territory"), Some(3.0));
    assert_eq!(territory.text("planets.planets.0.id").as_deref(), Some("3"));
    assert_eq!(territory.text("planets.planets.0.type").as_deref(), Some("tropical"));
    assert_eq!(territory.number("planets.planets.0.population"), Some(3.0));
    assert_eq!(territory.number("planets.planets.0.district_count"), Some(3.0));
    assert_eq!(territory.number("planets.planets.0.districts.district_city"), Some(2.0));
    assert_eq!(territory.texts("planets.planets.0.buildings"), ["capital", "temple"]);
    assert_eq!(territory.text("planets.planets.0.planet_modifier").as_deref(), Some("titanic_life"));
    assert_eq!(territory.number("planets.planets.1.crime"), Some(2.3));
    assert_eq!(territory.number("planets.total_pops"), Some(4.0));
}

#[test]
fn before_3_6_each_timed_modifier_is_a_container_of_its_own() {
    let territory = of(OLD);
    assert_eq!(territory.text("planets.planets.0.modifiers.0.display_name").as_deref(), Some("Assist Research"));
    assert_eq!(territory.at("planets.planets.0.modifiers.0.permanent"), Some(Fact::Bool(true)));
    assert_eq!(territory.number("planets.planets.0.modifiers.1.days"), Some(30.5));
}

#[test]
fn in_2_x_a_branch_office_stands_on_the_planet_itself() {
    let territory = of(OLD);
    assert_eq!(territory.text("planets.planets.0.branch_offices.0.owner_name").as_deref(), Some("Them"));
    assert_eq!(territory.texts("planets.planets.0.branch_offices.0.buildings"), ["forum"]);
}

#[test]
fn habitats_are_counted_apart_from_planets() {
    let territory = of(OLD);
    for (path, expected) in [
        ("total_count", 2.0),
        ("total_population", 4.0),
        ("avg_pops_per_colony", 2.0),
        ("habitats.count", 1.0),
        ("habitats.population", 1.0),
        ("planets.avg_pops", 3.0),
    ] {
        assert_eq!(territory.number(&format!("colonies.{path}")), Some(expected), "{path}");
    }
}

const NEW: &str = "pop_groups={ 1={ planet=3 size=200 } 2={ planet=3 size=11 } 3={ planet=9 size=5 } }
planets={ planet={ 3={ name=\"Home\" planet_class=\"pc_ocean\" owner=0 pop_groups={ 1 2 } districts={ 7 8 99 }
    timed_modifier={ items={ { modifier=\"feast\" days=31 } } }
    externally_owned_buildings={ { building_owner=5 owner_type=subject_holding buildings={ 13 } } } } } }
districts={ 8={ type=\"district_farming\" level=2 } 7={ type=\"district_city\" level=10 zones={ 1 } } 9={ level=4 } }
zones={ 1={ type=\"zone_default\" buildings={ 4 2 } } }
buildings={ 2={ type=\"building_temple\" } 4={ type=\"building_capital\" } 13={ type=\"building_forum\" } }";

#[test]
fn from_4_0_on_districts_have_levels_and_buildings_stand_in_their_zones() {
    let territory = of(NEW);
    assert_eq!(territory.number("planets.planets.0.population"), Some(211.0));
    assert_eq!(territory.number("planets.planets.0.district_count"), Some(12.0));
    assert_eq!(territory.number("planets.planets.0.districts.district_city"), Some(10.0));
    assert_eq!(territory.texts("planets.planets.0.buildings"), ["capital", "temple"]);
}

#[test]
fn from_3_6_on_timed_modifiers_are_items_and_what_others_own_is_a_list() {
    let territory = of(NEW);
    assert_eq!(territory.number("planets.planets.0.modifiers.0.days"), Some(31.0));
    assert_eq!(territory.text("planets.planets.0.branch_offices.0.owner_type").as_deref(), Some("subject_holding"));
    assert_eq!(territory.texts("planets.planets.0.branch_offices.0.buildings"), ["forum"]);
}

#[test]
fn what_needs_an_absent_section_is_unknown_and_the_rest_is_told() {
    let territory = of(&NEW.replace("\nzones=", "\nother=").replace("\ndistricts=", "\nelse="));
    assert!(territory.reason("planets.planets.0.district_count").unwrap().contains("districts"));
    assert!(territory.reason("planets.planets.0.buildings").unwrap().contains("districts"));
    assert_eq!(territory.number("planets.planets.0.population"), Some(211.0));
    let nothing = of("");
    for path in ["colonies", "planets", "claims", "archaeology"] {
        assert!(nothing.reason(path).is_some(), "{path}");
    }
}

/// Three systems: ours, theirs, and one of ours that they hold.
const GALAXY: &str = "galactic_object={
    1={ name=\"Zeta\" starbase=1 claims={ { owner=5 date=\"2250.01.01\" claims=2 } { owner=6 } } }
    2={ name=\"Beta\" starbase=2 claims={ { owner=0 date=\"2251.01.01\" claims=10 } { owner=6 claims=1 } } }
    3={ name=\"Alpha\" starbase=3 claims={ { owner=0 } { owner=5 claims=1 } } }
    4={ name=\"Empty\" claims={ { owner=0 claims=1 } } }
}
starbases={ 1={ station=1 owner=0 } 2={ station=2 owner=5 } 3={ station=3 owner=0 } }
ships={ 1={ fleet=1 } 2={ fleet=2 } 3={ fleet=3 } }
fleet={ 1={ owner=0 } 2={ owner=5 } 3={ owner=5 } }";

#[test]
fn claims_against_us_lie_on_systems_that_we_control_or_own_by_law() {
    let territory = of(GALAXY);
    assert_eq!(territory.number("claims.claims_against_count"), Some(3.0));
    assert_eq!(territory.text("claims.claims_against_player.0.system_name").as_deref(), Some("Alpha"));
    assert_eq!(territory.number("claims.claims_against_player.1.strength"), Some(2.0));
    assert_eq!(territory.number("claims.claims_against_player.2.claimant_id"), Some(6.0));
}

#[test]
fn our_claims_tell_who_controls_the_system_now() {
    let territory = of(GALAXY);
    assert_eq!(territory.number("claims.player_claims_count"), Some(3.0));
    assert_eq!(territory.number("claims.player_claims.0.current_owner"), Some(5.0));
    assert_eq!(territory.number("claims.player_claims.0.strength"), Some(1.0));
    assert_eq!(territory.number("claims.player_claims.1.strength"), Some(10.0));
    assert_eq!(territory.text("claims.player_claims.2.system_name").as_deref(), Some("Empty"));
    assert!(territory.reason("claims.player_claims.2.current_owner").is_some());
}

#[test]
fn digs_have_decimal_days_and_count_their_chapters() {
    let sites = "archaeological_sites={ sites={
        18={ type=\"site_b\" clues=1 difficulty=5 days_left=51.5 locked=no excavator_fleet=7 visible_to={ 4 0 }
            location={ type=2 id=3 } completed={ { country=5 date=\"2250.01.01\" } { country=0 date=\"2251.01.01\" } } }
        9={ type=\"site_a\" days_left=90.000 excavator_fleet=4294967295 visible_to={ 0 } completed={ { country=5 } } }
        2={ type=\"site_hidden\" visible_to={ 5 } }
    } }
    planets={ planet={ 3={ coordinate={ origin=1 } } } }";
    let territory = of(&format!("{sites}\ngalactic_object={{ 1={{ name=\"Zipir\" }} }}"));
    assert_eq!(territory.count("archaeology"), Some(2));
    assert_eq!(territory.text("archaeology.0.site_id").as_deref(), Some("9"));
    assert_eq!(territory.at("archaeology.0.player_completed"), Some(Fact::Bool(false)));
    assert_eq!(territory.at("archaeology.0.active_excavation"), Some(Fact::Bool(false)));
    assert_eq!(territory.number("archaeology.0.days_left"), Some(90.0));
    assert_eq!(territory.number("archaeology.1.days_left"), Some(51.5));
    assert_eq!(territory.number("archaeology.1.completed_count"), Some(2.0));
    assert_eq!(territory.at("archaeology.1.player_completed"), Some(Fact::Bool(true)));
    assert_eq!(territory.text("archaeology.1.system_name").as_deref(), Some("Zipir"));
}

#[test]
fn more_sites_than_fifty_are_looked_at() {
    let hidden: String = (0..60).map(|site| format!("{site}={{ visible_to={{ 5 }} }} ")).collect();
    let territory =
        of(&format!("archaeological_sites={{ sites={{ {hidden} 60={{ type=\"x\" visible_to={{ 0 }} }} }} }}"));
    assert_eq!(territory.count("archaeology"), Some(1));
}

#[test]
fn every_number_says_why_it_is_so() {
    let sites = "archaeological_sites={ sites={ 18={ type=\"b\" days_left=51.5 visible_to={ 0 } } } }";
    assert_eq!(of(&format!("{OLD}\n{GALAXY}\n{sites}")).unexplained(), Vec::<String>::new());
    assert_eq!(of(NEW).unexplained(), Vec::<String>::new());
}
