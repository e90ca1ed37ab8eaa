//! Fleets, armies, megastructures; and what a save lacks.
use serde_json::{Value, json};

use crate::{
    saves::{Country, brief, explained},
    wars::WAR,
};

/// Ships 1 to 6, their designs in the way of 3.x, and the fleets that hold them.
const FLEETS: &str = r#"
fleet={
  20={ name="Second" ships={ 2 3 99 } military_power=80 }
  3={ name="First" ships={ 1 } military_power=250.4 }
  4={ name="Base" ships={ 4 } station=yes civilian=yes military_power=900 }
  5={ name="Diggers" ships={ 5 } civilian=yes military_power=200 }
  6={ name="Carriers" ships={ 6 } military_power=28.6 }
  7={ name="Foreign" ships={ 1 } military_power=5000 }
}
ships={
  1={ fleet=3 ship_design=101 }
  2={ fleet=20 ship_design=100 }
  3={ fleet=20 ship_design=102 }
  4={ fleet=4 ship_design=103 }
  5={ fleet=5 ship_design=104 }
  6={ fleet=6 ship_design=102 }
}
ship_design={
  100={ ship_size="corvette" }
  102={ ship_size="transport" }
  103={ ship_size="starbase_outpost" }
  104={ ship_size="constructor" }
}
"#;

fn fleets_of(country: &str) -> Value {
    let mut briefing = brief(&Country(country), FLEETS);
    briefing["military"]["fleets"].take()
}

#[test]
fn a_fleet_is_of_war_by_a_warship_or_by_power_and_never_as_station_or_civilian() {
    let country =
        "fleets_manager={ owned_fleets={ { fleet=20 } { fleet=3 } { fleet=4 } { fleet=5 } { fleet=6 } { fleet=77 } } }";
    let fleets = fleets_of(country);
    // Number 20 has little power but a corvette; 99 is a ship that is gone; 101 a design that is gone.
    assert_eq!(
        fleets["fleets"],
        json!([
            { "id": "3", "name": "First", "ships": 1, "military_power": 250.0, "ship_classes": { "unknown": 1 } },
            { "id": "20", "name": "Second", "ships": 2, "military_power": 80.0, "ship_classes": { "corvette": 1 } },
        ])
    );
    assert_eq!(fleets["count"], 2);
    assert_eq!(fleets["military_fleet_count"], 2);
    assert_eq!(fleets["military_ships"], 3);
    assert_eq!(fleets["total_military_power"], 330.4);
    assert_eq!(fleets["fleet_names"], json!(["First", "Second"]));
    assert_eq!(fleets["civilian_fleet_count"], 2);
    assert_eq!(fleets["transport_fleet_count"], 1);
}

#[test]
fn fleets_are_found_as_2_3_lists_them() {
    let briefing = brief(&Country("owned_fleets={ 20 3 4 5 6 }"), FLEETS);
    assert_eq!(briefing["military"]["military_fleets"], 2);
    assert_eq!(briefing["military"]["military_ships"], 3);
    assert_eq!(briefing["military"]["ship_classes"], json!({ "corvette": 1, "unknown": 1 }));
}

#[test]
fn classes_come_from_the_first_growth_stage_from_4_0_on() {
    let save = r#"
fleet={ 1={ name="Wing" ships={ 1 } military_power=10 } }
ships={ 1={ fleet=1 ship_design_implementation={ design=9 upgrade=4294967295 growth_stage=0 } } }
ship_design={ 9={ name="x" growth_stages={ { ship_size="frigate" } { ship_size="battleship" } } } }
"#;
    let briefing = brief(&Country("owned_fleets={ 1 }"), save);
    assert_eq!(briefing["military"]["ship_classes"], json!({ "frigate": 1 }));
}

#[test]
fn megastructures_tell_their_state_and_ruins_of_any_owner_are_listed() {
    let save = r#"
megastructures={
  12={ type="gateway_ruined" owner=4 planet=4294967295 build_queue=4294967295 }
  2={ type="dyson_sphere_3" owner=0 planet=77 build_queue=4294967295 }
  3={ type="gateway_restored" owner=0 }
  4={ type="think_tank_site" owner=0 }
  5={ type="spy_orb_1" owner=0 build_queue=8 }
  6={ type="ring_world_1" owner=0 upgrade={ upgrade_to="ring_world_2" progress=0 } }
  7={ type="ring_world_1" owner=0 upgrade={ progress=0 } }
  8={ type="lgate_base" owner=0 }
  9={ type="orbital_arc_furnace_destroyed" owner=0 planet=5 }
  10=none
  11={ type="spy_orb_ruined" owner=4294967295 }
}
"#;
    let briefing = brief(&Country("owned_megastructures={ 2 3 4 5 6 7 8 9 }"), save);
    let facts = &briefing["military"]["megastructures"];
    assert_eq!(
        facts["megastructures"],
        json!([
            { "id": "2", "type": "dyson_sphere_3", "display_type": "dyson_sphere", "status": "complete", "planet_id": "77" },
            { "id": "3", "type": "gateway_restored", "display_type": "gateway", "status": "restored" },
            { "id": "4", "type": "think_tank_site", "display_type": "think_tank", "status": "under_construction" },
            { "id": "5", "type": "spy_orb_1", "display_type": "spy_orb", "status": "under_construction" },
            { "id": "6", "type": "ring_world_1", "display_type": "ring_world", "status": "under_construction" },
            { "id": "7", "type": "ring_world_1", "display_type": "ring_world", "status": "complete" },
            { "id": "8", "type": "lgate_base", "display_type": "lgate_base", "status": "complete", "natural": true },
            {
                "id": "9", "type": "orbital_arc_furnace_destroyed", "display_type": "orbital_arc_furnace",
                "status": "ruined", "planet_id": "5"
            },
        ])
    );
    assert_eq!(facts["count"], 8);
    assert_eq!(facts["by_type"]["ring_world"], 2);
    assert_eq!(
        facts["ruined_available"],
        json!([
            { "id": "9", "type": "orbital_arc_furnace_destroyed", "owner": 0, "planet_id": "5" },
            { "id": "11", "type": "spy_orb_ruined", "owner": null },
            { "id": "12", "type": "gateway_ruined", "owner": 4 },
        ])
    );
    assert_eq!(briefing["_unknown"]["military.megastructures.ruined_available.1.owner"], "nobody owns it");
}

#[test]
fn armies_are_on_ships_before_they_are_on_planets() {
    let save = r#"
army={
  1={ type="assault_army" max_health=200.25 ship=4 planet=9 }
  2={ type="defense_army" max_health=300 planet=9 ship=4294967295 }
  3={ type="defense_army" planet=9 }
  4={ type="defense_army" max_health=900 planet=9 }
}
"#;
    let briefing = brief(&Country("owned_armies={ 3 2 1 55 }"), save);
    let armies = &briefing["military"]["armies"];
    assert_eq!(armies["count"], 3);
    assert_eq!(armies["total_strength"], 500.3);
    assert_eq!(armies["by_type"], json!({ "assault_army": 1, "defense_army": 2 }));
    assert_eq!(armies["transportable"]["count"], 1);
    assert_eq!(armies["garrisoned"]["count"], 2);
    assert_eq!(armies["garrisoned"]["strength"], 300.0);
}

#[test]
fn what_a_save_lacks_is_null_with_a_reason_and_never_zero() {
    let briefing = brief(&Country(""), "");
    for (path, reason) in [
        ("military_power", "the country has no `military_power`"),
        ("military_fleets", "the save has no section `fleet`"),
        ("fleets", "the save has no section `fleet`"),
        ("ship_classes", "the save has no section `fleet`"),
        ("wars", "the save has no section `war`"),
        ("megastructures", "the save has no section `megastructures`"),
        ("armies", "the save has no section `army`"),
    ] {
        assert_eq!(briefing["military"][path], Value::Null, "{path}");
        assert_eq!(briefing["_unknown"][format!("military.{path}")], reason);
    }
    assert_eq!(briefing["military"]["naval_capacity"]["used"], Value::Null);
}

#[test]
fn an_empty_section_is_nothing_and_that_is_known() {
    let briefing = brief(&Country(""), "fleet={ } war={ } megastructures={ } army={ }");
    assert_eq!(briefing["military"]["military_fleets"], 0);
    assert_eq!(briefing["military"]["wars"]["player_at_war"], false);
    assert_eq!(briefing["military"]["megastructures"]["count"], 0);
    assert_eq!(briefing["military"]["armies"]["total_strength"], 0.0);
}

#[test]
fn every_number_says_why() {
    let save = format!(
        "{FLEETS}{WAR}army={{ 1={{ type=a max_health=4 ship=3 }} }} megastructures={{ 1={{ type=x owner=0 }} }}"
    );
    let country =
        "military_power=4 fleet_size=1 victory_rank=3 owned_fleets={ 3 20 } owned_armies={ 1 } starbase_capacity=4";
    assert_eq!(explained(&Country(country), &save, "military"), Vec::<String>::new());
}

#[test]
fn nonsense_where_containers_should_be_is_passed_over() {
    let save = r#"
fleet={ 1=4 2={ ships=yes name={ } military_power="many" } }
war={ 1={ attackers=yes defenders={ 0 { country=0 } } battles={ 4 { attackers=5 system=x } } start_date=never } 2=5 }
army={ 1=x 2={ } } megastructures={ 1={ type={ } owner=0 upgrade=9 } }
ships=5 galactic_object={ 1=2 } starbase_mgr={ starbases=none }
agreements={ agreements=4 } galactic_community={ members=0 } leaders=3 pop_jobs={ x }
"#;
    let country =
        "owned_fleets={ 1 2 x } owned_armies=4 tech_status=no traditions=x edicts={ 4 } timed_modifier=5 federation=x";
    let briefing = brief(&Country(country), save);
    assert_eq!(briefing["military"]["fleets"]["civilian_fleet_count"], 1);
    assert_eq!(briefing["military"]["armies"]["count"], 0);
    let war = &briefing["military"]["wars"]["wars"][0];
    assert_eq!(war["our_side"], "defender");
    assert_eq!(war["duration_days"], Value::Null);
    assert_eq!(briefing["military"]["megastructures"]["megastructures"][0]["type"], "unknown");
}
