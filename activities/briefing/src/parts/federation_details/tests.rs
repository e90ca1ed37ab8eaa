use save_parsing::{Limits, Save};
use serde_json::{Value, json};

use super::*;
use crate::Options;

fn part(own: &str, sections: &str) -> Object {
    let text =
        format!("player={{ {{ name=\"P\" country=0 }} }} country={{ 0={{ type=\"default\" {own} }} }} {sections}");
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    let model = Model::open(&save, &Options { explain: true, ..Options::default() }).unwrap();
    federation_details(&model)
}

fn value(part: &Object) -> Value {
    serde_json::to_value(part).unwrap()
}

#[test]
fn an_empire_in_no_federation_has_nulls_and_empty_lists() {
    let part = part("federation=4294967295", "federation={ 0={ leader=3 } }");
    let expected = json!({
        "federation_id": null, "type": null, "level": null, "cohesion": null, "experience": null, "laws": {},
        "members": [], "president": null, "name": null, "associates": [], "perks": [],
    });
    assert_eq!(value(&part), expected);
    assert!(part.named("type").unwrap().unknown.is_some());
}

#[test]
fn a_federation_has_its_laws_levels_and_members() {
    let section = "federation={ 7=none 5={ name=\"The Pact\"
        federation_progression={ federation_type=\"research_federation\" experience=6240.05 cohesion=100 levels=3
            laws={ law_category_voting_weight=vote_weight_equal law_category_centralization=centralization_medium }
            perks={ { level=1 type=\"federation_passive\" } { level=2 type=\"extra_envoy_1\" } } }
        members={ 0 16777220 } associates={ 14 } leader=3 } }";
    let expected = json!({
        "federation_id": 5, "type": "research_federation", "level": 3, "cohesion": 100.0, "experience": 6240.05,
        "laws": { "law_category_voting_weight": "vote_weight_equal", "law_category_centralization": "centralization_medium" },
        "members": [0, 16777220], "president": 3, "name": "The Pact", "associates": [14],
        "perks": [{ "level": 1, "type": "federation_passive" }, { "level": 2, "type": "extra_envoy_1" }],
    });
    assert_eq!(value(&part("federation=5", section)), expected);
}

#[test]
fn an_alliance_of_2_x_has_members_and_no_levels() {
    let part =
        part("alliance=0", "alliance={ 0={ name=\"Propitious Pact\" members={ 24 0 } associates={ 22 } leader=24 } }");
    let value = value(&part);
    assert_eq!(
        (&value["name"], &value["members"], &value["president"]),
        (&json!("Propitious Pact"), &json!([24, 0]), &json!(24))
    );
    for field in ["type", "level", "cohesion", "experience", "laws", "perks"] {
        assert_eq!(value[field], Value::Null, "{field}");
        assert!(part.named(field).unwrap().unknown.as_ref().unwrap().contains("2.6"), "{field}");
    }
}

#[test]
fn a_federation_that_is_gone_is_unknown() {
    let part = part("federation=5", "federation={ 5=none }");
    assert_eq!(value(&part)["federation_id"], 5);
    assert!(part.named("members").unwrap().unknown.is_some());
}
