//! Damage stays in its section, and no cut text makes the engine fail.

use save_parsing::{Save, SaveErrorKind, Schema};
use serde_json::json;

use crate::support::{V1, V2, answer, json, save};

const HEALTHY: &str = "version=\"v4\"\nplayer=\n{\n\t\n\t{\n\t\tname=\"p\"\n\t}\n \n}\ncountry=\n{\n\t0=\n\t{\n\t\tname=\"a\"\n\t\tethic=x\n\t}\n\t1=\n\t{\n\t\tname=\"b\"\n\t}\n}\nfleet=\n{\n\t0=\n\t{\n\t\tships=\n\t\t{\n\t\t\t1 2 \n\t\t}\n\t}\n}\nend=yes\n";

fn extract(save: &Save, name: &str) -> Result<String, save_parsing::SaveError> {
    answer(save, V1, &json!({"op":"extract_sections","sections":[name]}))
}

#[test]
fn a_missing_brace_spoils_its_own_section() {
    // The brace that ends the first country.
    let text = HEALTHY.replacen("ethic=x\n\t}\n", "ethic=x\n", 1);
    let save = save(text);
    let error = extract(&save, "country").unwrap_err();
    let position = error.position().unwrap();
    assert_eq!((error.type_name(), position.line, position.col), ("ParseError", 11, 1));
    assert!(matches!(&error.kind, SaveErrorKind::ParseError { section: Some(name), .. } if name == "country"));
    for name in ["version", "player", "fleet", "end"] {
        assert!(extract(&save, name).unwrap().contains(&format!("\"{name}\":")), "{name}");
    }
    assert_eq!(save.damages().len(), 1);
}

#[test]
fn several_missing_braces_spoil_several_sections() {
    let text = HEALTHY.replacen("ethic=x\n\t}\n", "ethic=x\n", 1).replacen("1 2 \n\t\t}", "1 2 \n", 1);
    let save = save(text);
    assert!(extract(&save, "country").is_err() && extract(&save, "fleet").is_err());
    assert!(extract(&save, "player").is_ok() && extract(&save, "version").is_ok());
}

#[test]
fn a_brace_too_many_within_an_entry_spoils_its_own_section() {
    let text = HEALTHY.replacen("ethic=x\n\t}\n", "ethic=x\n\t}\n\t}\n", 1);
    let save = save(text);
    let error = extract(&save, "country").unwrap_err();
    assert_eq!(error.position().unwrap().line, 22);
    assert!(extract(&save, "fleet").is_ok());
    assert_eq!(
        save.sections().map(|section| section.name().into_owned()).collect::<Vec<_>>(),
        ["version", "player", "country", "fleet", "end"]
    );
}

#[test]
fn an_unterminated_string_spoils_its_own_section() {
    let text = HEALTHY.replacen("name=\"b\"", "name=\"b", 1);
    let save = save(text);
    let error = extract(&save, "country").unwrap_err();
    assert!(error.position().is_some());
    for name in ["version", "player", "fleet", "end"] {
        assert!(extract(&save, name).unwrap().contains(&format!("\"{name}\":")), "{name}");
    }
}

#[test]
fn an_operator_without_a_key_is_an_error_with_its_place() {
    let save = save("a={ b={ = 1 } }\nc=1\n");
    let error = extract(&save, "a").unwrap_err();
    assert_eq!((error.position().unwrap().line, error.position().unwrap().col), (1, 9));
    assert!(extract(&save, "c").is_ok());
}

#[test]
fn a_text_cut_at_any_byte_answers_for_what_is_whole() {
    for end in 1..HEALTHY.len() {
        let save = save(&HEALTHY.as_bytes()[..end]);
        for name in ["version", "player", "country", "fleet", "end"] {
            for schema in [V1, V2] {
                let request = json!({"op":"extract_sections","sections":[name]});
                if let Ok(text) = answer(&save, schema, &request) {
                    serde_json::from_str::<serde_json::Value>(&text).unwrap();
                }
            }
            let _ = save.entry(name, "0").map(|entry| entry.map(|entry| entry.text().len()));
        }
        let cut_country = HEALTHY.find("fleet").unwrap();
        if end < cut_country - 1 && end > HEALTHY.find("country").unwrap() + 10 {
            assert!(extract(&save, "country").is_err(), "{end}");
        }
        if end > HEALTHY.find("country").unwrap() {
            assert_eq!(
                json(&save, V1, &json!({"op":"extract_sections","sections":["player"]}))["data"]["player"],
                json!([{"name":"p"}])
            );
        }
        json(&save, V1, &json!({"op":"count_keys","keys":["name"]}));
        save.inspect();
    }
}

#[test]
fn every_byte_changed_to_every_shaping_one_is_answered() {
    for at in 0..HEALTHY.len() {
        for byte in b"{}\"\\#=\n [" {
            let mut text = HEALTHY.as_bytes().to_vec();
            text[at] = *byte;
            let save = save(text);
            for name in ["player", "country", "fleet"] {
                for schema in [V1, V2] {
                    if let Ok(text) = answer(&save, schema, &json!({"op":"extract_sections","sections":[name]})) {
                        serde_json::from_str::<serde_json::Value>(&text).unwrap();
                    }
                }
            }
            json(&save, V1, &json!({"op":"count_keys","keys":["name","0"]}));
        }
    }
}

#[test]
fn a_megabyte_of_one_shaping_byte_ends() {
    for unit in [
        "{",
        "}",
        "\"",
        "\\",
        "#",
        "=",
        "[[a]",
        "a=",
        "a=\n{\n}\n",
        "\n}\na=",
        "a=\"\\",
        "=\"\\\"",
        "!=",
        "@[",
        "x=1 }",
        "\nx={1} y=1 }",
        "a={",
    ] {
        let text = unit.repeat((1 << 20) / unit.len());
        let save = save(format!("x={{ {text}"));
        let mut out = Vec::new();
        for section in save.sections().take(10) {
            let _ = section.write(Schema::V1, &mut out);
            let _ = section.entry_count();
        }
        let _ = answer(&save, V1, &json!({"op":"count_keys","keys":["a",""]}));
        assert!(!save.damages().is_empty() || unit.contains(['#', '[', '!', '@', '=']), "{unit}");
    }
}
