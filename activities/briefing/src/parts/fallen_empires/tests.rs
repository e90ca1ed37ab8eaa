use save_parsing::{Limits, Save};
use serde_json::{Value, json};

use super::*;
use crate::Options;

fn part(own: &str, countries: &str, sections: &str) -> (Object, Value) {
    let text = format!(
        "player={{ {{ name=\"P\" country=0 }} }} country={{ 0={{ name=\"Us\" type=\"default\" {own} }} {countries} }} {sections}"
    );
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    let model = Model::open(&save, &Options { explain: true, ..Options::default() }).unwrap();
    let part = fallen_empires(&model);
    let value = serde_json::to_value(&part).unwrap();
    (part, value)
}

const DORMANT: &str = "16777226={ name=\"Maloqui Shard\" type=\"fallen_empire\" military_power=1000.5
    ethos={ ethic=\"ethic_militarist\" ethic=\"ethic_fanatic_xenophobe\" }
    relations_manager={ relation={ owner=16777226 country=0 relation_current=10 } } }";
const AWAKENED: &str = "11={ name=\"Vuur Guardians\" type=\"awakened_fallen_empire\" military_power=250
    ethos={ ethic=\"ethic_fanatic_spiritualist\" } }";

#[test]
fn a_row_has_the_whole_name_the_archetype_of_its_state_and_its_opinion() {
    let (_, part) =
        part("military_power=100", &format!("{DORMANT} {AWAKENED}"), "flags={ war_in_heaven_ongoing=62808000 }");
    let expected = json!({
        "fallen_empires": [
            {
                "country_id": 11, "name": "Vuur Guardians", "status": "awakened", "archetype": "Doctrinal Enforcers",
                "archetype_behavior": "Guard holy worlds", "military_power": 250.0, "power_ratio": 2.5,
                "ethics": "ethic_fanatic_spiritualist", "opinion_of_player": null,
            },
            {
                "country_id": 16777226, "name": "Maloqui Shard", "status": "dormant", "archetype": "Militant Isolationists",
                "archetype_behavior": "Hostile to colonies nearby", "military_power": 1000.5, "power_ratio": 10.0,
                "ethics": "ethic_fanatic_xenophobe", "opinion_of_player": 10.0,
            },
        ],
        "dormant_count": 1, "awakened_count": 1, "total_count": 2, "war_in_heaven": true,
    });
    assert_eq!(part, expected);
}

#[test]
fn the_ratio_to_a_power_of_zero_is_unknown() {
    let (part, value) = part("", DORMANT, "flags={ war_in_heaven_started=62808000 }");
    assert_eq!(value["fallen_empires"][0]["power_ratio"], Value::Null);
    assert_eq!(value["war_in_heaven"], false, "whether the flag of its beginning stays is not known");
    let Some(Fact::List(rows)) = part.get("fallen_empires") else { panic!("no rows") };
    let ratio = rows.first().and_then(Fact::object).and_then(|row| row.named("power_ratio")).unwrap();
    assert!(ratio.unknown.is_some());
}

#[test]
fn machines_and_scholars_have_their_own_archetypes() {
    let country = |id: u32, ethic: &str| format!("{id}={{ type=\"fallen_empire\" ethos={{ ethic=\"{ethic}\" }} }}");
    let ethics = ["ethic_gestalt_consciousness", "ethic_fanatic_materialist", "ethic_fanatic_xenophile", "ethic_odd"];
    let countries: Vec<_> = (1..).zip(ethics).map(|(id, ethic)| country(id, ethic)).collect();
    let (part, value) = part("", &countries.join(" "), "");
    let archetypes: Vec<_> = (0..4).map(|at| &value["fallen_empires"][at]["archetype"]).collect();
    assert_eq!(
        archetypes,
        [&json!("Ancient Caretakers"), &json!("Keepers of Knowledge"), &json!("Enigmatic Observers"), &Value::Null]
    );
    assert!(part.named("war_in_heaven").unwrap().unknown.is_some(), "without the flags of the galaxy");
}

#[test]
fn a_galaxy_without_them_has_none() {
    let (_, value) = part("", "1={ type=\"default\" }", "flags={ }");
    let expected = json!({ "fallen_empires": [], "dormant_count": 0, "awakened_count": 0, "total_count": 0, "war_in_heaven": false });
    assert_eq!(value, expected);
}
