//! Starbases and what defends them.

use serde_json::{Value, json};

use crate::saves::{Country, brief, explained};

/// Systems 1 and 2 are the player's by the fleets of their stations; 2 has a ring; 3 is another's.
const SAVE: &str = r#"
fleet={
  10={ ships={ 1 11 12 13 } station=yes military_power=900.5 }
  20={ ships={ 2 } station=yes }
  21={ ships={ 3 } station=yes }
  30={ ships={ 4 } station=yes }
  40={ ships={ 5 } civilian=yes }
}
ships={
  1={ fleet=10 ship_design=1 } 11={ fleet=10 ship_design=2 } 12={ fleet=10 ship_design=2 } 13={ fleet=10 ship_design=3 }
  2={ fleet=20 ship_design=1 } 3={ fleet=21 ship_design=1 } 4={ fleet=30 ship_design=1 } 5={ fleet=40 ship_design=1 }
}
ship_design={
  1={ ship_size="starbase_starport" } 2={ ship_size="military_station_small" } 3={ ship_size="ion_cannon" }
}
galactic_object={
  2={ name="Rigel" starbases={ 8 100 } }
  1={ name="Sol" starbases={ 7 } }
  3={ name="Vega" starbases={ 9 } }
}
starbase_mgr={ starbases={
  100={ level="orbital_ring_tier_1" station=3 }
  8={ level="starbase_level_outpost" station=2 }
  7={
    level="starbase_level_starhold" type="sfortress" station=1
    modules={ 2=missile_battery 0=gun_battery 1=hangar_bay 3=shipyard }
    buildings={ 0=crew_quarters 1=defense_grid }
    orbitals={ 0=40 1=4294967295 }
  }
  9={ level="starbase_level_citadel" station=4 }
} }
"#;

const OWNED: &str = "owned_fleets={ 10 20 21 40 }";

#[test]
fn a_starbase_is_weighed_by_level_modules_and_platforms() {
    let briefing = brief(&Country(OWNED), SAVE);
    let defense = &briefing["defense"];
    assert_eq!(
        defense["starbases"][0],
        json!({
            "id": "7",
            "level": "starhold",
            "system_id": 1,
            "system_name": "Sol",
            "type": "sfortress",
            "modules": ["gun_battery", "hangar_bay", "missile_battery", "shipyard"],
            "buildings": ["crew_quarters", "defense_grid"],
            "defense_modules": ["gun_battery", "hangar_bay", "missile_battery"],
            "defense_buildings": ["defense_grid"],
            "defense_platform_count": 3,
            "defense_score": 200 + 100 + 80 + 90 + 3 * 50,
            "military_power": 900.5,
        })
    );
    assert_eq!(defense["total_defense_score"], 620);
}

#[test]
fn the_starbases_of_systems_that_the_player_controls_are_listed_by_their_ids() {
    let briefing = brief(&Country(OWNED), SAVE);
    let defense = &briefing["defense"];
    assert_eq!(defense["starbase_ids"], json!(["7", "8", "100"]));
    assert_eq!(defense["count"], 3);
    assert_eq!(defense["by_level"], json!({ "orbital_ring_tier_1": 1, "outpost": 1, "starhold": 1 }));
    let counts = &briefing["military"]["fleets"]["starbases"];
    assert_eq!(counts["starholds"], 1);
    assert_eq!(counts["outposts"], 1);
    assert_eq!(counts["orbital_rings"], 1);
    assert_eq!(counts["total_upgraded"], 1);
    assert_eq!(counts["total_systems"], 2);
    assert_eq!(counts["total"], 3);
    assert_eq!(briefing["military"]["fleets"]["starbase_count"], 1);
}

#[test]
fn a_starbase_of_2_3_says_whose_it_was_before_it_was_occupied() {
    let save = r#"
fleet={ 1={ ships={ 1 } station=yes } 2={ ships={ 2 } station=yes } }
ships={ 1={ fleet=1 } 2={ fleet=2 } }
galactic_object={ 1={ name="Sol" starbase=1 } 2={ name="Vega" starbase=2 } }
starbases={
  1={ level="starbase_level_starport" station=1 system=1 owner=6 }
  2={ level="starbase_level_outpost" station=2 system=2 owner=0 }
}
"#;
    let briefing = brief(&Country("owned_fleets={ 1 2 }"), save);
    let rows = &briefing["defense"]["starbases"];
    assert_eq!(rows[0]["occupied_from"], 6);
    assert_eq!(rows[0]["system_name"], "Sol");
    assert_eq!(rows[1].get("occupied_from"), None);
    assert_eq!(briefing["military"]["fleets"]["starbases"]["starports"], 1);
}

#[test]
fn a_deep_space_citadel_is_no_citadel() {
    let save = SAVE.replace("orbital_ring_tier_1", "starbase_level_deep_space_citadel_3");
    let briefing = brief(&Country(OWNED), &save);
    let counts = &briefing["military"]["fleets"]["starbases"];
    assert_eq!(counts["citadels"], 0);
    assert_eq!(counts["other_levels"], json!({ "deep_space_citadel_3": 1 }));
    assert_eq!(briefing["defense"]["starbases"][2]["defense_score"], 0);
}

#[test]
fn a_save_without_starbases_says_so() {
    let briefing = brief(&Country(OWNED), "fleet={ } galactic_object={ 1={ } }");
    assert_eq!(briefing["defense"]["starbases"], Value::Null);
    assert_eq!(briefing["_unknown"]["defense.count"], "the save has no section `starbase_mgr`");
    assert_eq!(briefing["military"]["fleets"]["starbases"], Value::Null);
    assert_eq!(briefing["military"]["fleets"]["civilian_fleet_count"], 0);
}

#[test]
fn without_ships_nobody_knows_who_controls_what() {
    let save = SAVE.replace("\nships=", "\nformer_ships=");
    let briefing = brief(&Country(OWNED), &save);
    assert_eq!(briefing["defense"]["count"], Value::Null);
    assert_eq!(briefing["_unknown"]["defense.count"], "the save has no section `ships`");
    assert_eq!(briefing["military"]["ship_classes"], Value::Null);
}

#[test]
fn without_designs_platforms_are_not_known() {
    let save = SAVE.replace("ship_design={\n", "former_design={\n");
    let briefing = brief(&Country(OWNED), &save);
    assert_eq!(briefing["defense"]["count"], 3);
    assert_eq!(briefing["defense"]["starbases"][0]["defense_platform_count"], Value::Null);
    assert_eq!(briefing["defense"]["total_defense_score"], Value::Null);
}

#[test]
fn every_number_says_why() {
    assert_eq!(explained(&Country(OWNED), SAVE, "defense"), Vec::<String>::new());
    assert_eq!(explained(&Country(OWNED), SAVE, "military"), Vec::<String>::new());
}
