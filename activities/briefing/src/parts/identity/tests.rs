use save_parsing::{Limits, Save};
use serde_json::{Value, json};

use super::*;
use crate::Options;

fn part(country: &str, more: &str) -> Value {
    let text = format!("player={{ {{ name=\"A\" country=0 }} }} country={{ 0={{ {country} }} }} {more}");
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    let model = Model::open(&save, &Options::default()).unwrap();
    serde_json::to_value(identity(&model)).unwrap()
}

#[test]
fn all_ethics_are_told_and_prefixes_are_cut_at_the_beginning_only() {
    let country = r#"name={ key="N" literal=yes } ethos={ ethic="ethic_xenophobe" ethic="ethic_fanatic_militarist" } government={ type="gov_gov_x"
        authority="auth_dictatorial" civics={ "civic_anglers" "civic_civic_x" } origin="origin_lost_colony" } founder_species_ref=7"#;
    let species = r#"species_db={ 0={ traits={ } } 7={ name={ key="SPEC_Bilnoc" } class="MOL" } }"#;
    assert_eq!(
        part(country, species),
        json!({
            "ethics": ["xenophobe", "fanatic_militarist"], "government": "gov_x", "authority": "dictatorial",
            "civics": ["anglers", "civic_x"], "origin": "lost_colony", "species_class": "MOL", "species_name": "Bilnoc",
            "is_machine": false, "is_hive_mind": false, "is_gestalt": false, "empire_name": "N",
        })
    );
}

#[test]
fn in_2_x_the_founders_are_a_position_in_the_list_of_species() {
    let identity = part("species_index=1", r#"species={ { name="One" class="AVI" } { name="Gecko" class="REP" } }"#);
    assert_eq!((&identity["species_name"], &identity["species_class"]), (&json!("Gecko"), &json!("REP")));
}

#[test]
fn gestalts_are_told_by_authority_or_ethic() {
    let kinds = |country: &str| {
        let identity = part(country, "");
        ["is_machine", "is_hive_mind", "is_gestalt"].map(|kind| identity[kind] == true)
    };
    assert_eq!(kinds("government={ authority=auth_machine_intelligence }"), [true, false, true]);
    assert_eq!(kinds("government={ authority=auth_hive_mind }"), [false, true, true]);
    assert_eq!(kinds("ethos={ ethic=ethic_gestalt_consciousness }"), [false, false, true]);
    assert_eq!(kinds("government={ authority=auth_corporate }"), [false, false, false]);
}

#[test]
fn what_the_save_lacks_is_null() {
    let identity = part("", "");
    for name in ["government", "authority", "origin", "species_class", "species_name"] {
        assert_eq!(identity[name], Value::Null, "{name}");
    }
    assert_eq!(identity["empire_name"], "Empire 0");
}
