use save_parsing::{Limits, Save};
use serde_json::{Value, json};

use super::*;
use crate::Options;

fn part(text: &str) -> Value {
    let text = format!("player={{ {{ name=\"A\" country=0 }} }} {text}");
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    let model = Model::open(&save, &Options::default()).unwrap();
    serde_json::to_value(species(&model)).unwrap()
}

const SPECIES: &str = r#"species_db={ 0={ traits={ } }
    1={ name={ key="SPEC_Bilnoc" } class="MOL" portrait="synth05" traits={ trait="trait_aquatic" trait="trait_talented" } }
    2={ name={ key="SPEC_Vuur" } class="LITHOID" traits={ } } 3={ name={ key="SPEC_Worm" } class="REP" }
    4={ name={ key="SPEC_Kelbrid" } class="MOL" } }"#;

const COUNTRIES: &str = r#"country={ 0={ name={ key="NAME_Ours" } type=default founder_species_ref=1 relations_manager={
        relation={ owner=0 country=12 } relation={ owner=0 country=5 } relation={ owner=0 country=6 } relation={ owner=0 country=7 }
        relation={ owner=0 country=8 } } }
    5={ name={ key="NAME_Guardians" } type=fallen_empire founder_species_ref=2 } 6={ type=amoeba founder_species_ref=3 }
    7={ name={ key="NAME_Cousins" } type=default founder_species_ref=1 } 8={ name={ key="NAME_Vassal" } type=default founder_species_ref=2 }
    9={ name={ key="NAME_Unmet" } type=default founder_species_ref=4 } 12={ name={ key="NAME_Imperium" } type=default founder_species_ref=4 } }"#;

#[test]
fn known_species_are_those_of_empires_in_our_relations_each_once() {
    let part = part(&format!("{SPECIES} {COUNTRIES}"));
    assert_eq!(
        part["player_species"],
        json!({ "name": "Bilnoc", "class": "MOL", "traits": ["trait_aquatic", "trait_talented"], "empire": "Ours" })
    );
    let known: Vec<_> =
        part["known_empire_species"].as_array().unwrap().iter().map(|row| (&row["name"], &row["empire"])).collect();
    assert_eq!(known, [(&json!("Vuur"), &json!("Guardians")), (&json!("Kelbrid"), &json!("Imperium"))]);
    assert_eq!(
        part["galaxy_summary"],
        json!({ "total_species_in_galaxy": 4, "by_class": { "LITHOID": 1, "MOL": 2, "REP": 1 } })
    );
}

#[test]
fn in_2_x_species_are_a_list_without_names() {
    let text = r#"species={ { name="Gecko" class="REP" traits={ trait="trait_intelligent" } } { name="Vag" class="REP" } }
        country={ 0={ name="Flame" species_index=0 relations_manager={ relation={ country=3 } } } 3={ name="Vags" type=default species_index=1 } }"#;
    let part = part(text);
    assert_eq!(part["player_species"]["name"], "Gecko");
    assert_eq!(
        part["known_empire_species"],
        json!([{ "name": "Vag", "class": "REP", "traits": [], "empire": "Vags" }])
    );
    assert_eq!(part["galaxy_summary"]["total_species_in_galaxy"], 2);
}

#[test]
fn rights_are_those_of_the_module_with_their_scope() {
    let values = "citizenship=citizenship_full slavery=slavery_normal";
    let rights = |key: &str, none: &str| {
        let text = format!(
            "country={{ 0={{ name={{ key=N }} modules={{ standard_species_rights_module={{ enabled=yes default={{ {key}=0 {values} }}
            primary={{ {key}=16777247 }} built_species={{ {key}={none} }} species_rights={{ {{ {key}=7 purge=purge_normal }} }} }} }} }} }}"
        );
        part(&text)["rights"].clone()
    };
    for rights in [rights("species_index", "4294967295"), rights("species", "-1"), rights("species", "2147483647")] {
        let rows = rights["rights"].as_array().unwrap();
        let species: Vec<_> = rows.iter().map(|row| (row["scope"].as_str().unwrap(), &row["species_index"])).collect();
        let expected = [
            ("default", json!("0")),
            ("primary", json!("16777247")),
            ("built_species", Value::Null),
            ("species", json!("7")),
        ];
        assert_eq!(species, expected.each_ref().map(|(scope, species)| (*scope, species)));
        assert_eq!((&rows[0]["citizenship"], &rows[0]["purge"]), (&json!("citizenship_full"), &Value::Null));
        assert_eq!((&rows[3]["purge"], &rights["count"]), (&json!("purge_normal"), &json!(4)));
    }
}

#[test]
fn without_species_there_are_nulls() {
    let part = part("country={ 0={ } }");
    for name in ["player_species", "known_empire_species", "galaxy_summary", "rights"] {
        assert_eq!(part.get(name), Some(&Value::Null), "{name}");
    }
}
