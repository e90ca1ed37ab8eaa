use save_parsing::{Limits, Save};

use super::*;
use crate::Options;

/// The part of a save in which the player is country 0 with these relations, and 1 is the republic next door.
fn part(relations: &str, own: &str, others: &str, sections: &str) -> Object {
    let text = format!(
        "player={{ {{ name=\"P\" country=0 }} }}
        country={{
            0={{ name=\"Us\" type=\"default\" {own} relations_manager={{ {relations} }} }}
            1={{ name=\"Republic\" type=\"default\" ethos={{ ethic=\"ethic_xenophile\" ethic=\"ethic_fanatic_pacifist\" }}
                government={{ authority=\"auth_corporate\" }} {others} }}
            2={{ name=\"Tiyanki\" type=\"tiyanki\" }}
        }}
        {sections}"
    );
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    let model = Model::open(&save, &Options { explain: true, ..Options::default() }).unwrap();
    diplomacy(&model)
}

fn json(part: &Object, path: &str) -> serde_json::Value {
    let whole = Fact::Object(part.clone());
    serde_json::to_value(whole.at(path).unwrap_or_else(|| panic!("no {path}"))).unwrap()
}

#[test]
fn a_row_says_who_they_are_and_what_is_agreed() {
    let relation =
        "relation={ owner=0 country=1 communications=yes embassy=yes borders=yes trust=77.193 relation_current=-6 }";
    let theirs = "relations_manager={ relation={ owner=1 country=0 closed_borders=yes relation_current=51.5 } }";
    let row = json(&part(relation, "", theirs, ""), "relations.0");
    let expected = serde_json::json!({
        "country_id": 1, "empire_name": "Republic", "country_type": "default", "authority": "auth_corporate",
        "is_megacorp": true, "ethics": ["xenophile", "fanatic_pacifist"], "trust": 77.193, "opinion": -6.0,
        "opinion_of_us": 51.5, "embassy": true, "borders": true, "has_contact": true, "their_borders_closed": true,
    });
    assert_eq!(row, expected);
}

#[test]
fn pacts_are_read_by_the_keys_that_the_game_writes() {
    let relation = "relation={ owner=0 country=1 defensive_pact=yes non_aggression_pledge=yes migration_access=yes
        commercial_pact=yes research_agreement=yes is_rival=yes closed_borders=yes }";
    let part = part(relation, "", "", "");
    let Some(Fact::List(treaties)) = part.get("treaties") else { panic!("no treaties") };
    let kinds: Vec<_> = treaties.iter().filter_map(|treaty| treaty.at("type")).collect();
    let expected = [
        "defensive_pact",
        "non_aggression_pact",
        "commercial_pact",
        "migration_treaty",
        "research_agreement",
        "rival",
        "closed_borders",
    ];
    assert_eq!(kinds, expected.map(Fact::from).iter().collect::<Vec<_>>());
    let partner = serde_json::json!([{ "id": 1, "name": "Republic" }]);
    for (list, _) in LISTS {
        assert_eq!(json(&part, list), partner, "{list}");
    }
}

#[test]
fn members_of_the_same_federation_are_allies_without_a_defensive_pact() {
    let part = part("relation={ owner=0 country=1 alliance=yes }", "federation=3", "", "");
    assert_eq!(json(&part, "allies.0.id"), 1);
    assert_eq!(json(&part, "defensive_pacts"), serde_json::json!([]));
    assert_eq!(json(&part, "treaties"), serde_json::json!([]));
    assert_eq!(json(&part, "relations.0.federation_member"), true);
    assert_eq!(json(&part, "federation"), 3);
}

#[test]
fn a_truce_counts_only_while_it_is_one() {
    let relations = "relation={ owner=0 country=1 truce=7 } relation={ owner=0 country=2 truce=8 }";
    let sections = "truce={ 7={ name=\"\" start_date=\"2297.04.21\" } 8=none }";
    let part = part(relations, "", "", sections);
    assert_eq!(json(&part, "relations.0.has_truce"), true);
    assert_eq!(Fact::Object(part).at("relations.1.has_truce"), None);
}

#[test]
fn overlord_and_subject_are_told_from_the_lists_of_the_country() {
    let relations = "relation={ owner=0 country=1 subject=yes } relation={ owner=0 country=2 subject=yes }";
    let part = part(relations, "subjects={ 1 } overlord=2", "", "");
    assert_eq!(json(&part, "relations.0.overlord"), true);
    assert_eq!(json(&part, "relations.0.our_role"), "overlord");
    assert_eq!(json(&part, "relations.1.subject"), true);
    assert_eq!(json(&part, "relations.1.our_role"), "subject");
}

#[test]
fn opinions_are_unknown_before_3_0_and_zero_where_later_versions_leave_them_out() {
    let old = part("relation={ owner=0 country=1 trust=50.000 }", "", "", "");
    assert_eq!(json(&old, "relations.0.opinion"), serde_json::Value::Null);
    assert_eq!(json(&old, "summary.neutral"), serde_json::Value::Null);
    assert_eq!(json(&old, "summary.total_contacts"), 1);
    let reason = old.get("summary").and_then(Fact::object).and_then(|summary| summary.named("neutral"));
    assert!(reason.and_then(|neutral| neutral.unknown.clone()).is_some());

    let relations = "relation={ owner=0 country=1 relation_current=-20 } relation={ owner=0 country=2 }";
    let new = part(relations, "", "", "");
    let summary = serde_json::json!({ "positive": 0, "negative": 1, "neutral": 1, "total_contacts": 2 });
    assert_eq!(json(&new, "summary"), summary);
    assert_eq!(json(&new, "relations.1.opinion"), 0.0);
    assert_eq!(json(&new, "relations.1.authority"), serde_json::Value::Null);
}

#[test]
fn sensor_links_come_from_agreements_of_ours_in_either_role() {
    let agreement = |number: u32, owner: u32, target: u32, has: &str| {
        format!("{number}={{ owner={owner} target={target} term_data={{ has_sensors={has} }} }}")
    };
    let agreements =
        [agreement(9, 0, 1, "yes"), agreement(3, 2, 0, "yes"), agreement(4, 0, 2, "no"), agreement(5, 1, 2, "yes")];
    let sections = format!("agreements={{ agreements={{ {} 6=none }} }}", agreements.join(" "));
    let part_with = part("", "", "", &sections);
    let links = serde_json::json!([{ "id": 2, "name": "Tiyanki" }, { "id": 1, "name": "Republic" }]);
    assert_eq!(json(&part_with, "sensor_links"), links);

    let without = part("", "", "", "");
    assert!(without.named("sensor_links").unwrap().unknown.is_some(), "versions before 3.4 have no agreements");
}

#[test]
fn relations_of_others_and_strange_values_do_no_harm() {
    let relations = "relation={ owner=1 country=2 } relation=none relation={ owner=0 } relation={ owner=0 country=99 }
        relation={ owner=0 country=2 trust={ } closed_borders=no }";
    let part = part(relations, "", "", "");
    assert_eq!(json(&part, "relation_count"), 2);
    assert_eq!(json(&part, "relations.0.empire_name"), "Empire 99");
    assert_eq!(json(&part, "closed_borders"), serde_json::json!([]));
}
