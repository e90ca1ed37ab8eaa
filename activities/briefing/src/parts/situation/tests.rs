use save_parsing::{Limits, Save};
use serde_json::{Value, json};

use super::*;
use crate::{Options, fact::Why};

fn part(date: &str, settings: &str, parts: &Object) -> Object {
    let text = format!(
        "date=\"{date}\" player={{ {{ name=\"P\" country=0 }} }} country={{ 0={{ type=\"default\" }} }} galaxy={{ {settings} }}"
    );
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    let model = Model::open(&save, &Options { explain: true, ..Options::default() }).unwrap();
    situation(&model, parts)
}

fn object(members: impl IntoIterator<Item = (&'static str, Fact)>) -> Object {
    let mut object = Object::new();
    for (name, fact) in members {
        object.put(name, fact);
    }
    object
}

/// The other parts of an empire at war that loses energy.
fn others(crisis: bool) -> Object {
    let relation = |kind: &'static str| object([("country_type", kind.into())]);
    let mut net = Object::new();
    net.put("energy", -726.21).why(true, || Why::rule("income less expenses").from("country.0.budget", 1));
    for (resource, amount) in
        [("minerals", 181.43), ("food", -1.0), ("physics_research", 100.1), ("society_research", 0.25)]
    {
        net.put(resource, amount);
    }
    let mut economy = Object::new();
    economy.put("net_monthly", net).why(true, || Why::rule("all resources"));
    let war = object([("name", "A war".into())]);
    let wars = object([("wars", vec![war].into()), ("player_at_war", true.into()), ("active_war_count", 1u32.into())]);
    let crisis = object([
        ("crisis_active", crisis.into()),
        ("crisis_type", "prethoryn".into()),
        ("player_is_crisis_fighter", false.into()),
    ]);
    let fallen = object([
        ("country_id", 11u32.into()),
        ("name", "Vuur Guardians".into()),
        ("status", "dormant".into()),
        ("archetype", "Holy Guardians".into()),
        ("power_ratio", 2.5.into()),
    ]);
    object([
        ("military", object([("wars", wars.into())]).into()),
        ("economy", economy.into()),
        (
            "diplomacy",
            object([
                ("relations", vec![relation("default"), relation("tiyanki"), relation("fallen_empire")].into()),
                ("rivals", vec![object([("id", 6u32.into())])].into()),
                ("allies", Fact::List(Vec::new())),
                ("relation_count", 3u32.into()),
            ])
            .into(),
        ),
        ("endgame", object([("crisis", crisis.into())]).into()),
        (
            "fallen_empires",
            object([
                ("fallen_empires", vec![fallen].into()),
                ("dormant_count", 1u32.into()),
                ("awakened_count", 0u32.into()),
                ("total_count", 1u32.into()),
                ("war_in_heaven", false.into()),
            ])
            .into(),
        ),
    ])
}

#[test]
fn the_situation_is_put_together_from_the_other_parts() {
    let part = part("2312.05.01", "mid_game_start=100 end_game_start=200 victory_year=300", &others(false));
    let mut value = serde_json::to_value(&part).unwrap();
    value["economy"].as_object_mut().unwrap().remove("_note").unwrap();
    let expected = json!({
        "game_phase": "mid_late", "phase_by_settings": "mid_game", "year": 2312, "at_war": true, "war_count": 1,
        "contacts_made": true, "contact_count": 3, "empire_contact_count": 2, "rivals": [{ "id": 6 }], "allies": [],
        "crisis_active": false, "wars": [{ "name": "A war" }],
        "economy": {
            "energy_net": -726.21, "minerals_net": 181.43, "alloys_net": 0.0, "consumer_goods_net": 0.0,
            "research_net": 100.35, "resources_in_deficit": 2,
        },
        "fallen_empires": {
            "total_count": 1, "dormant_count": 1, "awakened_count": 0, "war_in_heaven": false,
            "empires": [{ "name": "Vuur Guardians", "status": "dormant", "archetype": "Holy Guardians", "power_ratio": 2.5 }],
        },
    });
    assert_eq!(value, expected);
}

#[test]
fn an_active_crisis_is_named() {
    let value = serde_json::to_value(part("2400.01.01", "", &others(true))).unwrap();
    assert_eq!((&value["crisis_type"], &value["player_is_crisis_fighter"]), (&json!("prethoryn"), &json!(false)));
}

#[test]
fn explanations_come_along_from_the_nearest_fact_that_has_one() {
    let part = part("2312.05.01", "", &others(false));
    let economy = part.get("economy").and_then(Fact::object).unwrap();
    let rule = |name: &str| economy.named(name).and_then(|fact| fact.why.clone()).map(|why| why.rule.into_owned());
    assert_eq!(rule("energy_net").as_deref(), Some("income less expenses"));
    assert_eq!(rule("minerals_net").as_deref(), Some("all resources"));
    assert!(rule("alloys_net").unwrap().starts_with("0: "), "what has no income and no expenses is explained as such");
}

#[test]
fn phases_follow_the_year_and_the_settings() {
    let phases = |date: &str| {
        let part = part(date, "mid_game_start=25 end_game_start=50 victory_year=100", &Object::new());
        ["game_phase", "phase_by_settings"].map(|name| serde_json::to_value(part.get(name).unwrap()).unwrap())
    };
    assert_eq!(phases("2224.12.30"), ["early", "early_game"]);
    assert_eq!(phases("2230.01.01"), ["mid_early", "mid_game"]);
    assert_eq!(phases("2299.12.30"), ["mid_early", "end_game"]);
    assert_eq!(phases("2349.01.01"), ["mid_late", "after_victory_year"]);
    assert_eq!(phases("2399.01.01")[0], "late");
    assert_eq!(phases("2400.01.01")[0], "endgame");
    let without = part("2230.01.01", "", &Object::new());
    assert!(without.named("phase_by_settings").unwrap().unknown.is_some());
}

#[test]
fn what_the_other_parts_do_not_know_is_unknown_here_with_their_reason() {
    let mut economy = Object::new();
    economy.unknown("net_monthly", "the budget is damaged");
    let part = part("2230.01.01", "", &object([("economy", economy.into())]));
    let value = serde_json::to_value(&part).unwrap();
    for name in [
        "at_war",
        "war_count",
        "contacts_made",
        "contact_count",
        "empire_contact_count",
        "rivals",
        "wars",
        "crisis_active",
    ] {
        assert_eq!(value[name], Value::Null, "{name}");
        assert!(part.named(name).unwrap().unknown.is_some(), "{name}");
    }
    let economy = part.get("economy").and_then(Fact::object).unwrap();
    assert_eq!(economy.named("research_net").unwrap().unknown.as_deref(), Some("the budget is damaged"));
    assert_eq!(value.get("fallen_empires"), None);
}
