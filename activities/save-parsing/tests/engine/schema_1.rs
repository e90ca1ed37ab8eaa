//! The shape that existing clients rely on, row by row.

use serde_json::json;

use crate::support::{V1, json, save, section, stream};

#[test]
fn every_scalar_is_a_string() {
    for text in ["1", "-1.5", "yes", "none", "2200.01.01", "@var", "4294967295", "18446744073709551615", "a:b"] {
        assert_eq!(section(V1, text), format!("\"{text}\""));
        assert_eq!(section(V1, format!("\"{text}\"")), format!("\"{text}\""));
    }
    assert_eq!(section(V1, "@[1 + 2]"), "\"@[1 + 2]\"");
}

#[test]
fn an_empty_container_is_an_empty_list() {
    assert_eq!(section(V1, "{}"), "[]");
    assert_eq!(section(V1, "\n{\n}\n"), "[]");
}

#[test]
fn items_are_a_list() {
    assert_eq!(section(V1, "{ 1 2 3 }"), r#"["1","2","3"]"#);
}

#[test]
fn the_last_of_several_fields_counts() {
    assert_eq!(section(V1, "{ k=1 k=2 k=3 }"), r#"{"k":"3"}"#);
    assert_eq!(section(V1, "{ k={1} k={2} }"), r#"{"k":["2"]}"#);
    assert_eq!(section(V1, "{ a={ k=1 j=0 k=2 } }"), r#"{"a":{"j":"0","k":"2"}}"#);
    let save = save("k=1\nk=2\nk=3\n");
    assert_eq!(json(&save, V1, &json!({"op":"extract_sections","sections":["k"]}))["data"]["k"], "3");
}

#[test]
fn objects_in_a_list() {
    assert_eq!(section(V1, "{ {x=1} {x=2} }"), r#"[{"x":"1"},{"x":"2"}]"#);
}

#[test]
fn bare_empty_groups_vanish_from_a_list() {
    assert_eq!(section(V1, "{ {} {} }"), "[]");
    assert_eq!(section(V1, "{ {} 1 { } }"), r#"["1"]"#);
}

#[test]
fn items_beside_fields_are_the_remainder() {
    assert_eq!(section(V1, "{ k=1 2 3 }"), r#"{"k":"1","remainder":["2","3"]}"#);
}

#[test]
fn items_before_fields_are_the_remainder_too() {
    assert_eq!(section(V1, "{ 1 2 k=3 }"), r#"{"k":"3","remainder":["1","2"]}"#);
    assert_eq!(section(V1, "{ 1 remainder=x }"), r#"{"remainder":["1"]}"#, "one name, one value");
}

#[test]
fn headers_are_left_out() {
    assert_eq!(section(V1, "{ color=rgb { 1 2 3 } }"), r#"{"color":["1","2","3"]}"#);
    assert_eq!(section(V1, "hsv { 0.1 0.2 0.3 }"), r#"["0.1","0.2","0.3"]"#);
}

#[test]
fn operators_are_left_out() {
    assert_eq!(section(V1, "{ a>5 b>=5 c<3 d<=3 e==1 }"), r#"{"a":"5","b":"5","c":"3","d":"3","e":"1"}"#);
}

#[test]
fn other_operators_do_not_fail() {
    assert_eq!(section(V1, "{ x!=2 y=1 }"), r#"{"x":"2","y":"1"}"#);
    assert_eq!(section(V1, "{ x?=1 }"), r#"{"x?":"1"}"#);
    assert_eq!(section(V1, "{ wow! what? }"), r#"["wow!","what?"]"#);
}

#[test]
fn backslashes_are_left_out() {
    assert_eq!(section(V1, r#""es\"c \\ x\n""#), r#""es\"c  xn""#);
}

#[test]
fn parameter_blocks_are_objects() {
    assert_eq!(section(V1, "{ [[x] k=1 ] }"), r#"{"x":{"k":"1"}}"#);
    assert_eq!(section(V1, "{ [[!x] k=1 [[y] j={ 2 }] ] z=3 }"), r#"{"!x":{"k":"1","y":{"j":["2"]}},"z":"3"}"#);
}

#[test]
fn bytes_are_utf_8_first_and_windows_1252_string_by_string() {
    assert_eq!(section(V1, "{ \"Zâ\" }"), r#"["Zâ"]"#);
    assert_eq!(section(V1, b"{ \"Z\xe2\x20\x80\" \"Z\xc3\xa2\" }"), r#"["Zâ €","Zâ"]"#);
    assert_eq!(section(V1, b"{ a\x15b }"), r#"["a\u0015b"]"#);
}

#[test]
fn marks_zeros_and_comments() {
    let save = save(&b"\xef\xbb\xbfa=1 # b=2 { \"\nc=x\0y\n"[..]);
    let data = json(&save, V1, &json!({"op":"extract_sections","sections":["a","b","c"]}));
    assert_eq!(data["data"], json!({"schema_version":1,"tool_version":"0.1.0","game":"stellaris","a":"1","c":"x\0y"}));
}

#[test]
fn a_closing_brace_too_many_is_passed_over() {
    let save = save("a={ k=1 }\n}\nb=2\n");
    let data = json(&save, V1, &json!({"op":"extract_sections","sections":["a","b"]}));
    assert_eq!((&data["data"]["a"], &data["data"]["b"]), (&json!({"k":"1"}), &json!("2")));
    assert_eq!(save.damages().len(), 1);
    assert_eq!((save.damages()[0].position.line, save.damages()[0].position.col), (2, 1));
}

#[test]
fn a_field_without_a_value_is_empty() {
    assert_eq!(section(V1, "{ a=\nb=1 }"), r#"{"a":"","b":"1"}"#);
    assert_eq!(section(V1, "{ b=1 a= }"), r#"{"b":"1","a":""}"#);
}

#[test]
fn country_0_before_the_countries_does_not_hide_them() {
    for text in ["country=0\ncountry={ 0={ name=a } }\n", "country={ 0={ name=a } }\ncountry=0\n"] {
        let save = save(text);
        assert_eq!(stream(&save, "country", V1), [r#"{"key":"0","value":{"name":"a"}}"#]);
        let found = json(&save, V1, &json!({"op":"get_entry","section":"country","key":"0"}));
        assert_eq!(found, json!({"entry":{"name":"a"},"found":true}));
    }
}

#[test]
fn entries_come_in_the_order_of_the_file() {
    let save = save("fleet={ 12={ a=1 } 2=none 1={ b=1 a=2 } 12={ a=3 } }\n");
    assert_eq!(
        stream(&save, "fleet", V1),
        [
            r#"{"key":"2","value":"none"}"#,
            r#"{"key":"1","value":{"b":"1","a":"2"}}"#,
            r#"{"key":"12","value":{"a":"3"}}"#
        ]
    );
    let data = json(&save, V1, &json!({"op":"extract_sections","sections":["fleet"]}));
    assert_eq!(data["data"]["fleet"], json!({"2":"none","1":{"b":"1","a":"2"},"12":{"a":"3"}}));
}

#[test]
fn lists_scalars_and_what_is_absent_stream_nothing() {
    let save = save("a={ 1 2 }\nb=3\nmixed={ k=1 2 {} }\n");
    for name in ["a", "b", "c"] {
        assert!(stream(&save, name, V1).is_empty(), "{name}");
    }
    assert_eq!(stream(&save, "mixed", V1), [r#"{"key":"k","value":"1"}"#, r#"{"key":"remainder","value":["2"]}"#]);
}

#[test]
fn separators_of_a_lone_space_and_keys_away_from_their_operator() {
    let text = "player=\n{\n\t\n\t{\n\t\tname=\"x\"\n\t}\n \n}\nvariables=\n{\nlong_name\n=3\n}\n";
    let save = save(text);
    let data = json(&save, V1, &json!({"op":"extract_sections","sections":["player","variables"]}));
    assert_eq!(data["data"]["player"], json!([{"name":"x"}]));
    assert_eq!(data["data"]["variables"], json!({"long_name":"3"}));
    assert_eq!(json(&save, V1, &json!({"op":"count_keys","keys":["long_name"]})), json!({"counts":{"long_name":1}}));
}
