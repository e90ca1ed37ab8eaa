use save_parsing::{Limits, Save};
use serde_json::{Value, json};

use super::*;
use crate::Options;

fn part(country: &str) -> Value {
    let text = format!("player={{ {{ name=\"A\" country=0 }} }} country={{ 0={{ {country} }} }}");
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    let model = Model::open(&save, &Options::default()).unwrap();
    serde_json::to_value(technology(&model)).unwrap()
}

const STATUS: &str = r#"tech_status={ technology="tech_lasers_1" level=1 technology="tech_repeatable_naval_cap" level=46
    technology="tech_corvettes" level=1 technology="tech_repeatable_army" level=2
    physics_queue={ { progress=12.5 technology="tech_lasers_2" date="2300.01.01" } { technology="tech_later" } }
    society_queue={ { technology="tech_farming" } } engineering_queue={ }
    alternatives={ physics={ "tech_b" "tech_a" } society={ } }
    potential={ "tech_repeatable_lcluster_clue"="23" } }"#;

#[test]
fn what_is_in_a_queue_is_not_researched() {
    let part = part(STATUS);
    let techs = ["tech_corvettes", "tech_lasers_1", "tech_repeatable_army", "tech_repeatable_naval_cap"];
    assert_eq!((&part["completed_count"], &part["researched_techs"]), (&json!(4), &json!(techs)));
}

#[test]
fn repeatables_count_their_levels() {
    let part = part(STATUS);
    assert_eq!(part["repeatables"], json!({ "army": 2, "naval_cap": 46 }));
    assert_eq!(part["repeatables_total_levels"], 48);
}

#[test]
fn the_head_of_a_queue_is_in_progress() {
    let row = |tech: &str, progress: f64, leader: Value| json!({ "tech": tech, "progress": progress, "cost": null, "percent_complete": null, "leader_id": leader });
    let expected = |leader: Value| json!({ "physics": row("tech_lasers_2", 12.5, leader), "society": row("tech_farming", 0.0, Value::Null), "engineering": null });
    assert_eq!(part(STATUS)["in_progress"], expected(Value::Null));
    // 2.x tells who researches.
    let old = STATUS.replace("tech_status={", "tech_status={ leaders={ physics=50332250 society=4294967295 }");
    assert_eq!(part(&old)["in_progress"], expected(json!(50_332_250)));
    assert_eq!(
        part(STATUS)["available_techs"],
        json!({ "physics": ["tech_a", "tech_b"], "society": [], "engineering": [] })
    );
}

#[test]
fn research_speed_is_the_income_of_all_categories() {
    let budget =
        "budget={ current_month={ income={ jobs={ physics_research=10.125 energy=4 } stations={ physics_research=2.5
        society_research=1 } none={ } } } }";
    assert_eq!(part(budget)["research_speed"], json!({ "physics": 12.63, "society": 1.0, "engineering": 0.0 }));
}

#[test]
fn a_country_without_research_has_nulls() {
    let part = part("");
    let names =
        ["researched_techs", "completed_count", "in_progress", "research_speed", "available_techs", "repeatables"];
    for name in names.into_iter().chain(["repeatables_total_levels"]) {
        assert_eq!(part.get(name), Some(&Value::Null), "{name}");
    }
}
