use save_parsing::{Limits, Save};
use serde_json::{Value, json};

use super::*;
use crate::Options;

fn part(own: &str, countries: &str, sections: &str) -> Value {
    let text = format!(
        "player={{ {{ name=\"P\" country=0 }} }} country={{ 0={{ name=\"Us\" type=\"default\" {own} }} {countries} }} {sections}"
    );
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    let model = Model::open(&save, &Options { explain: true, ..Options::default() }).unwrap();
    serde_json::to_value(endgame(&model)).unwrap()
}

#[test]
fn the_crisis_is_told_by_the_type_of_countries_and_is_active_while_they_own_something() {
    let countries = "5={ type=\"extradimensional\" owned_fleets={ 50 } } 4={ type=\"swarm\" owned_fleets={ 40 } }
        6={ type=\"ai_empire\" } 7={ type=\"gray_goo\" owned_fleets={ 70 } } 8={ type=\"awakened_marauders\" }";
    let sections =
        "fleet={ 50={ ships={ 1 } } 40={ ships={ 2 } } 70={ ships={ 3 } } } flags={ galactic_crisis_happened=1 }";
    let crisis = &part("crisis_kills=696 crisis_fighter=yes", countries, sections)["crisis"];
    assert_eq!(crisis["crisis_active"], true);
    assert_eq!(crisis["crisis_type"], "prethoryn");
    assert_eq!(crisis["crisis_types_detected"], json!(["prethoryn", "contingency", "unbidden"]));
    let rows = json!([
        { "country_id": 4, "type": "prethoryn", "country_type": "swarm", "active": true },
        { "country_id": 5, "type": "unbidden", "country_type": "extradimensional", "active": true },
        { "country_id": 6, "type": "contingency", "country_type": "ai_empire", "active": false },
    ]);
    assert_eq!(crisis["crisis_countries"], rows);
    assert_eq!((&crisis["player_is_crisis_fighter"], &crisis["player_crisis_kills"]), (&json!(true), &json!(696)));
    assert_eq!(crisis["other_threats"], json!(["gray_goo"]), "marauders who own nothing are none");
    assert_eq!(crisis["galactic_crisis_happened"], true);
}

#[test]
fn a_crisis_that_owns_nothing_is_over() {
    let crisis = &part("", "4={ type=\"swarm\" owned_fleets={ 40 } }", "fleet={ } galactic_object={ 1={ } }")["crisis"];
    assert_eq!((&crisis["crisis_active"], &crisis["crisis_type"]), (&json!(false), &Value::Null));
    assert_eq!(crisis["crisis_types_detected"], json!(["prethoryn"]));
    assert_eq!(crisis["crisis_systems_count"], 0);
}

#[test]
fn crisis_systems_have_a_flag_or_a_crisis_as_controller() {
    let sections = "galactic_object={ 1={ flags={ prethoryn_system=1 } } 2={ starbases={ 8 } } 3={ flags={ sol=1 } } }
        starbase_mgr={ starbases={ 8={ station=80 } } } ships={ 80={ fleet=40 } } fleet={ 40={ station=yes } }";
    let crisis = &part("", "4={ type=\"swarm\" owned_fleets={ 40 } }", sections)["crisis"];
    assert_eq!(crisis["crisis_systems_count"], 2);
}

#[test]
fn an_empire_named_after_the_swarm_is_no_crisis() {
    let crisis = &part(
        "",
        "4={ type=\"default\" name=\"Prethoryn Friends\" } 5={ type=\"odd\" name=\"Prethoryn Scourge\" }",
        "",
    )["crisis"];
    assert_eq!(
        crisis["crisis_countries"],
        json!([{ "country_id": 5, "type": "prethoryn", "country_type": "odd", "active": null }])
    );
    assert_eq!(crisis["crisis_active"], Value::Null, "without the fleets it is not known");
}

#[test]
fn the_l_gates_are_closed_until_one_of_them_is_active_or_the_flag_is_set() {
    let gate = |active: &str| {
        format!("bypasses={{ 0={{ type=\"gateway\" active=yes }} 1={{ type=\"lgate\" active={active} }} }}")
    };
    let opened = |sections: &str| part("", "", sections)["lgate"]["lgate_opened"].clone();
    assert_eq!(opened(&format!("flags={{ lcluster_x=1 }} {}", gate("no"))), false);
    assert_eq!(opened(&format!("flags={{ }} {}", gate("yes"))), true);
    assert_eq!(opened(&format!("flags={{ l_cluster_opened=1 }} {}", gate("no"))), true);
    assert_eq!(opened(""), Value::Null);
}

#[test]
fn whether_there_are_l_gates_is_a_setting_or_told_by_the_bypasses() {
    let enabled = |sections: &str| part("", "", sections)["lgate"]["lgate_enabled"].clone();
    assert_eq!(enabled("galaxy={ lgate_enabled=no } bypasses={ 1={ type=\"lgate\" } }"), false);
    assert_eq!(
        enabled("galaxy={ shape=ring } bypasses={ 1={ type=\"lgate\" } }"),
        true,
        "2.x and 3.0 do not write the setting"
    );
    assert_eq!(enabled("galaxy={ shape=ring } bypasses={ 1={ type=\"gateway\" } }"), false);
    assert_eq!(enabled("galaxy={ shape=ring }"), Value::Null);
}

#[test]
fn insights_come_from_the_variable_the_chain_or_the_technology() {
    let variable = "variables={ other=3 num_lcluster_clues\n=2.000 }";
    let chain = "events={ event_chain={ event_chain=\"x\" counter={ clues=9 } } event_chain={ event_chain=\"l_cluster_chain\" counter={ clues=4 } } }";
    let technology = "tech_status={ technology=\"tech_lgate_activation\" level=1 technology=\"tech_repeatable_lcluster_clue\" level=5 }";
    let lgate = |own: &str| part(own, "", "")["lgate"].clone();
    assert_eq!(lgate(&format!("{variable} {chain} {technology}"))["insights_collected"], 2);
    assert_eq!(lgate(&format!("{chain} {technology}"))["insights_collected"], 4);
    assert_eq!(lgate(technology)["insights_collected"], 5);
    assert_eq!(lgate(technology)["activation_researched"], true);
    assert_eq!(lgate("")["insights_collected"], 0);
}

#[test]
fn the_weight_of_a_draw_is_no_progress() {
    let own = "tech_status={ potential={ \"tech_lgate_activation\"=\"17\" } }";
    let lgate = &part(own, "", "")["lgate"];
    assert_eq!((&lgate["player_activation_progress"], &lgate["activation_researched"]), (&Value::Null, &json!(false)));
}

#[test]
fn menace_needs_the_perk() {
    let menace = |own: &str| part(own, "", "")["menace"].clone();
    let own = "menace=120 crisis_level=2";
    assert_eq!(menace(own), json!({ "has_crisis_perk": false, "menace_level": 0.0, "crisis_level": 0 }));
    let own = format!("ascension_perks={{ \"ap_become_the_crisis\" }} {own}");
    assert_eq!(menace(&own), json!({ "has_crisis_perk": true, "menace_level": 120.0, "crisis_level": 2 }));
}

#[test]
fn clans_are_counted_without_their_raid_fleets() {
    let countries = "1={ type=\"dormant_marauders\" } 2={ type=\"ruined_marauders\" } 3={ type=\"marauder_raiders\" }";
    let khan = &part("", countries, "")["great_khan"];
    let expected = json!({
        "marauders_present": true, "marauder_count": 2, "khan_risen": false, "khan_status": null, "khan_country_id": null,
        "khan_empire_name": null,
    });
    assert_eq!(*khan, expected);
}

#[test]
fn a_khan_is_active_until_a_flag_tells_of_the_end() {
    let horde = "9={ type=\"awakened_marauders\" name=\"The Horde\" }";
    let khan = &part("", horde, "flags={ }")["great_khan"];
    let told = (&khan["khan_risen"], &khan["khan_status"], &khan["khan_country_id"], &khan["khan_empire_name"]);
    assert_eq!(told, (&json!(true), &json!("active"), &json!(9), &json!("The Horde")));
    assert_eq!(part("", horde, "flags={ great_khan_dead=1 }")["great_khan"]["khan_status"], "defeated");
    let successor = "9={ type=\"default\" flags={ khan_successor=1 } }";
    assert_eq!(part("", successor, "")["great_khan"]["khan_status"], "defeated");
}
