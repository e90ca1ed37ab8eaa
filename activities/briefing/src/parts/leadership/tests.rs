use save_parsing::{Limits, Save};
use serde_json::{Value, json};

use super::*;
use crate::Options;

fn part(country: &str, leaders: &str) -> Value {
    let text = format!(
        "date=\"2250.11.15\" player={{ {{ name=\"A\" country=0 }} }} country={{ 0={{ name={{ key=N }} {country} }} }} {leaders}"
    );
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    let model = Model::open(&save, &Options::default()).unwrap();
    serde_json::to_value(leadership(&model)).unwrap()
}

const OWNED: &str = "owned_leaders={ 16777300 3 4 } ruler=3 modules={ standard_leader_module={ leaders={ 9 10 } } }";

#[test]
fn only_the_countrys_own_leaders_count_and_the_pool_apart() {
    let leaders =
        "leaders={ 9={ class=official country=0 } 16777300={ class=scientist country=0 } 3={ class=official country=0 }
        4=none 10={ class=commander country=0 } 11={ class=envoy country=1 } }";
    let part = part(OWNED, leaders);
    let ids: Vec<_> = part["leaders"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["3", "16777300"]);
    assert_eq!((&part["count"], &part["pool_count"]), (&json!(2), &json!(2)));
    assert_eq!(part["by_class"], json!({ "official": 1, "scientist": 1 }));
    assert_eq!((&part["leaders"][0]["is_ruler"], &part["leaders"][1]["is_ruler"]), (&json!(true), &json!(false)));
}

#[test]
fn a_leader_of_3_14_and_later_has_repeated_traits_and_a_full_name() {
    let leaders = r#"leaders={ 3={ name={ full_names={ key="%LEADER_2%" variables={ { key="1" value={ key="MOL4_CHR_Degof" } }
        { key="2" value={ key="MOL4_CHR_Starsail" } } } } } class="commander" experience=1027.61536 level=5 age=34
        date="2200.01.01" date_added="2199.13.01" recruitment_date="0.01.01" pre_ruler_date="2201.02.03" death_date="2250.10.10"
        traits="subclass_commander_councilor" traits="leader_trait_trickster" roles={ commander={ trait=old } } } }"#;
    assert_eq!(
        part(OWNED, leaders)["leaders"][0],
        json!({
            "id": "3", "class": "commander", "name": "Degof Starsail", "level": 5, "age": 84,
            "traits": ["subclass_commander_councilor", "leader_trait_trickster"], "experience": 1027.61536,
            "death_date": "2250.10.10", "recruitment_date": "2201.02.03", "is_ruler": true,
        })
    );
}

#[test]
fn before_3_14_the_traits_are_those_of_the_leaders_role() {
    let roles = "roles={ admiral={ trait=leader_trait_a } ruler={ trait=leader_trait_b trait=leader_trait_c } }";
    let text = format!(
        "leaders={{ 3={{ name={{ first_name=\"Ka-Li\" second_name=\"Kokongi\" }} class=\"ruler\" {roles} }} }}"
    );
    let row = &part(OWNED, &text)["leaders"][0];
    assert_eq!((&row["name"], &row["traits"]), (&json!("Ka-Li Kokongi"), &json!(["leader_trait_b", "leader_trait_c"])));
    // 3.4 writes a block for the first name.
    let text = "leaders={ 3={ name={ first_name={ key=\"AVI2_CHR_Lytalk\" } } class=scientist } }";
    let row = &part(OWNED, text)["leaders"][0];
    assert_eq!((&row["name"], row.get("traits")), (&json!("Lytalk"), None));
}

#[test]
fn an_age_holds_for_its_date_and_none_is_null() {
    let age = |leader: &str| part(OWNED, &format!("leaders={{ 3={{ {leader} }} }}"))["leaders"][0]["age"].clone();
    assert_eq!(age("age=40 date=\"2250.11.16\""), 40);
    assert_eq!(age("age=40 date=\"2249.11.15\""), 41);
    assert_eq!(age("age=40 date=\"2249.11.16\""), 40);
    assert_eq!(age("age=40"), 40);
    assert_eq!(age("age=0 date=\"2208.06.06\""), Value::Null);
}

#[test]
fn without_the_sections_nothing_is_counted() {
    let part = part("", "");
    for name in ["leaders", "count", "by_class", "pool_count"] {
        assert_eq!(part[name], Value::Null, "{name}");
    }
}
