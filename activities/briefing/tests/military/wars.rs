//! Wars and their battles.

use serde_json::json;

use crate::saves::{Country, brief, brief_as};

/// The player 0 and an ally attack 5 and 6.
pub(crate) const WAR: &str = r#"
war={
  7=none
  4={ name="Others' War" attackers={ { country=8 } } defenders={ { country=9 } } }
  3={
    name="Our War" start_date="2299.01.01"
    attackers={ { call_type=primary country=0 caller=4294967295 } { country=1 caller=0 } }
    defenders={ { call_type=primary country=5 caller=4294967295 } }
    battles={
      { defenders={ 0 } attackers={ 5 } system=11 attacker_victory=yes date="2299.02.01" attacker_losses=1 defender_losses=10 type=ships }
      { defenders={ 5 } attackers={ 0 } system=12 attacker_victory=no date="2299.03.01" attacker_losses=4 defender_losses=2 type=ships }
      { defenders={ 0 } attackers={ 5 } system=12 attacker_victory=yes date="2299.04.01" type=ships }
      { defenders={ 0 } attackers={ 5 } system=4294967295 planet=1 attacker_victory=yes date="0.01.01" attacker_losses=3 defender_losses=6 type=armies }
      { defenders={ 1 } attackers={ 5 } system=13 attacker_victory=yes date="2299.05.01" attacker_losses=0 defender_losses=7 type=ships }
    }
    attacker_war_goal={ type="wg_conquest" }
    defender_war_goal={ type="wg_humiliation" }
    attacker_war_exhaustion=0.25
  }
}
galactic_object={ 11={ name="Sol" } 12={ name="Rigel" } 13={ name="Vega" } }
"#;

#[test]
fn victories_and_losses_are_those_of_the_sides_of_the_war() {
    let briefing = brief(&Country(""), WAR);
    let wars = &briefing["military"]["wars"];
    assert_eq!(wars["count"], 1);
    assert_eq!(wars["active_war_count"], 1);
    assert_eq!(wars["player_at_war"], true);
    let war = &wars["wars"][0];
    assert_eq!(war["name"], "Our War");
    assert_eq!(war["start_date"], "2299.01.01");
    assert_eq!(war["duration_days"], 360);
    assert_eq!(war["our_side"], "attacker");
    assert_eq!(war["war_goal"], "wg_conquest");
    assert_eq!(war["defender_war_goal"], "wg_humiliation");
    assert_eq!(war["attacker_war_exhaustion"], 0.25);
    assert_eq!(war["defender_war_exhaustion"], 0.0, "an absent number in a block that is there is 0");
    assert_eq!(war["status"], "in_progress");
    assert_eq!(
        war["battle_stats"],
        json!({
            "total_battles": 4,
            "our_victories": 3,
            "their_victories": 1,
            "our_ship_losses": 5,
            "their_ship_losses": 12,
            "our_army_losses": 3,
            "their_army_losses": 6,
            "battle_locations": [
                { "system": "Rigel", "battles": 2, "total_losses": 6 },
                { "system": "Sol", "battles": 1, "total_losses": 11 },
            ],
        })
    );
    assert_eq!(war["side_battles"]["total_battles"], 5);
    assert_eq!(war["side_battles"]["our_victories"], 4);
    assert_eq!(war["side_battles"]["their_ship_losses"], 19);
}

#[test]
fn the_other_side_of_the_same_war_sees_it_the_other_way_round() {
    let briefing = brief_as(5, &Country(""), WAR);
    let war = &briefing["military"]["wars"]["wars"][0];
    assert_eq!(war["our_side"], "defender");
    assert_eq!(war["battle_stats"]["total_battles"], 5);
    assert_eq!(war["battle_stats"]["our_victories"], 1);
    assert_eq!(war["battle_stats"]["their_victories"], 4);
    assert_eq!(war["battle_stats"]["our_ship_losses"], 19);
    assert_eq!(war["battle_stats"]["their_ship_losses"], 5);
    assert_eq!(war["battle_stats"]["our_army_losses"], 6);
}

#[test]
fn five_places_of_battle_are_listed_at_most_those_with_most_battles_first() {
    let battle = |system: u32| format!("{{ defenders={{ 0 }} attackers={{ 5 }} system={system} type=ships }}");
    let battles: String = [1, 2, 3, 4, 5, 6, 7, 7].map(battle).concat();
    let save = format!(
        "war={{ 1={{ attackers={{ {{ country=0 }} }} defenders={{ {{ country=5 }} }} battles={{ {battles} }} }} }}"
    );
    let briefing = brief(&Country(""), &save);
    let stats = &briefing["military"]["wars"]["wars"][0]["battle_stats"];
    let systems: Vec<_> =
        stats["battle_locations"].as_array().unwrap().iter().map(|row| row["system"].clone()).collect();
    assert_eq!(systems, ["System #7", "System #1", "System #2", "System #3", "System #4"]);
    assert_eq!(briefing["military"]["wars"]["wars"][0]["war_goal"], "unknown");
}
