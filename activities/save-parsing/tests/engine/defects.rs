//! Answers that the parser before this one gave wrong.

use save_parsing::{Limits, Operation, Save, SaveErrorKind};
use serde_json::json;

use crate::support::{V1, V2, answer, json, save, stream};

#[test]
fn a_key_with_a_quote_is_valid_json_in_a_stream() {
    let save = save("names={ \"a\\\"b\"={ x=1 } \"\tc\"=2 }\n");
    assert_eq!(stream(&save, "names", V1), [r#"{"key":"a\"b","value":{"x":"1"}}"#, r#"{"key":"\tc","value":"2"}"#]);
}

#[test]
fn a_brace_in_a_string_does_not_end_an_entry() {
    let save = save("country=\n{\n\t0=\n\t{\n\t\tname=\"a } b { c\"\n\t\tethic=\"x\"\n\t}\n\t1=none\n}\n");
    let text = json(&save, V1, &json!({"op":"get_entry_text","section":"country","key":"0"}));
    assert_eq!(text["text"], "\n\t0=\n\t{\n\t\tname=\"a } b { c\"\n\t\tethic=\"x\"\n\t}");
    let values = json(&save, V1, &json!({"op":"get_duplicate_values","section":"country","key":"0","field":"ethic"}));
    assert_eq!(values, json!({"values":["x"],"found":true}));
}

#[test]
fn an_entry_is_searched_in_its_own_section_alone() {
    let save = save("country=\n{\n\t0=none\n}\nfleet=\n{\n\t7=\n\t{\n\t\ta=1\n\t}\n}\n");
    for op in ["get_entry_text", "get_entry"] {
        assert_eq!(json(&save, V1, &json!({"op":op,"section":"country","key":"7"}))["found"], false);
        assert_eq!(json(&save, V1, &json!({"op":op,"section":"fleet","key":7}))["found"], true);
    }
    let values = json(&save, V1, &json!({"op":"get_duplicate_values","section":"country","key":"7","field":"a"}));
    assert_eq!(values, json!({"values":[],"found":false}));
}

#[test]
fn duplicate_values_are_those_of_the_field_itself_and_of_one_depth() {
    let save = save(
        "country={ 0={ my_technology=\"no\" tech_status={ technology=\"a\" level=1 technology=b \
         queue={ technology=\"deeper\" } technology=\"c\" } } }\n",
    );
    let request = json!({"op":"get_duplicate_values","section":"country","key":"0","field":"technology"});
    assert_eq!(
        json(&save, V1, &request)["values"],
        json!(["a", "b", "c"]),
        "unquoted ones too, none of two levels deeper"
    );
}

#[test]
fn tokens_that_overlap_are_all_found() {
    let save = save("a=\"abcdef\"\n");
    let tokens = ["abcd", "bcde", "cdef", "ef\"", "abcdef", "xyz", "abcdefg", "b"];
    let matches = json(&save, V1, &json!({"op":"contains_tokens","tokens":tokens}));
    let expected: serde_json::Map<_, _> =
        tokens.iter().map(|token| ((*token).to_owned(), json!(!matches!(*token, "xyz" | "abcdefg")))).collect();
    assert_eq!(matches["matches"], json!(expected));
}

#[test]
fn an_empty_token_hides_no_other() {
    for more in [&[][..], &["c", "d", "e", "f"]] {
        let tokens: Vec<&str> = ["", "a", "b"].iter().chain(more).copied().collect();
        let matches = json(&save("a=1\n"), V1, &json!({"op":"contains_tokens","tokens":tokens}));
        assert_eq!(
            (&matches["matches"][""], &matches["matches"]["a"], &matches["matches"]["b"]),
            (&json!(true), &json!(true), &json!(false))
        );
    }
}

#[test]
fn keys_are_counted_below_the_top_level_with_every_duplicate() {
    let save = save(
        "name=1\na={ name=1 name=2 x=\"name=3\" b={ \"name\" = 4 name\n=5 surname=1 name>6 name!=7 } # name=8\n \
         c={ name name } }\n",
    );
    let counts = json(&save, V1, &json!({"op":"count_keys","keys":["name","surname","none","name"]}));
    assert_eq!(counts["counts"], json!({"name":6,"surname":1,"none":0}));
}

#[test]
fn pairs_are_found_at_any_depth_and_not_within_strings() {
    let save = save("ironman=yes\na={ b={ level=3 name=\"x y\" } text=\"q=1\" c=\nd=1 }\n");
    let pairs = json!([
        ["ironman", true],
        ["level", 3],
        ["name", "x y"],
        ["q", "1"],
        ["level", "4"],
        ["b", "level"],
        ["c", "d"]
    ]);
    let found = json(&save, V1, &json!({"op":"contains_kv","pairs":pairs}));
    assert_eq!(
        found["matches"],
        json!({"ironman=yes":true,"level=3":true,"name=x y":true,"q=1":false,"level=4":false,"b=level":false,"c=d":false})
    );
}

#[test]
fn entries_skip_what_is_absent_and_keep_what_is_no_object() {
    let save = save("country={ 0={ name=a type=t } 1=none 2={ name=b } }\n");
    let request = json!({"op":"get_entries","section":"country","keys":["2","9","1",0],"fields":["name","type"]});
    assert_eq!(
        json(&save, V1, &request)["entries"],
        json!([{"_key":"2","name":"b"},{"_key":"1","_value":"none"},{"_key":"0","name":"a","type":"t"}])
    );
    let request = json!({"op":"get_entries","section":"country","keys":["1","2"]});
    assert_eq!(
        json(&save, V1, &request)["entries"],
        json!([{"_key":"1","_value":"none"},{"_key":"2","_value":{"name":"b"}}])
    );
    let summaries = json(&save, V1, &json!({"op":"get_country_summaries","fields":["name"]}));
    assert_eq!(summaries["countries"], json!([{"id":"0","name":"a"},{"id":"2","name":"b"}]));
}

#[test]
fn several_questions_are_answered_in_their_order() {
    let save = save("a={ k=1 }\n");
    let ops = json!([{"op":"get_entry","section":"a","key":"k"},{"op":"count_keys","keys":["k"]},{"op":"get_entry","section":"x","key":"k"}]);
    assert_eq!(
        json(&save, V1, &json!({"op":"multi","ops":ops})),
        json!({"results":[{"entry":"1","found":true},{"counts":{"k":1}},{"entry":null,"found":false}]})
    );
    let nested = json!({"op":"multi","ops":[{"op":"multi","ops":[]}]});
    assert_eq!(answer(&save, V1, &nested).unwrap_err().kind, SaveErrorKind::InvalidInput);
}

#[test]
fn an_unknown_section_is_an_error_only_when_asked_for_strictly() {
    let save = save("a=1\n");
    assert!(json(&save, V1, &json!({"op":"extract_sections","sections":["b"]}))["data"].get("b").is_none());
    let strict = json!({"op":"extract_sections","sections":["a","b"],"strict":true});
    let error = answer(&save, V1, &strict).unwrap_err();
    assert_eq!((error.kind, error.what.as_str()), (SaveErrorKind::SectionNotFound, "Section 'b' not found"));
    assert!(save.iter_section("b", true, V1).is_err());
}

#[test]
fn unknown_operations_do_not_parse() {
    assert!(serde_json::from_str::<Operation>(r#"{"op":"drop"}"#).is_err());
    assert!(serde_json::from_str::<Operation>(r#"{"op":"get_entry","section":"a"}"#).is_err());
}

/// 40,000 levels ended the older parser's process.
#[test]
fn nesting_of_100_000_is_an_error_of_its_section_alone() {
    for closed in [true, false] {
        let mut text = String::from("a=1\ndeep=");
        text.push_str(&"{ x=".repeat(100_000));
        if closed {
            text.push_str(&"}".repeat(100_000));
            text.push_str("\nb=2\n");
        }
        let save = save(text);
        let error = answer(&save, V1, &json!({"op":"extract_sections","sections":["deep"]})).unwrap_err();
        assert_eq!(error.kind, SaveErrorKind::LimitExceeded);
        let data = json(&save, V2, &json!({"op":"extract_sections","sections":["a","b"]}));
        assert_eq!(data["data"]["a"], "1");
        assert_eq!(data["data"].get("b").is_some(), closed);
        assert_eq!(json(&save, V1, &json!({"op":"count_keys","keys":["x"]}))["counts"]["x"], 100_000);
    }
}

#[test]
fn the_depth_that_is_allowed_is_read() {
    let limits = Limits { depth: 8, ..Limits::default() };
    for (depth, sound) in [(8, true), (9, false)] {
        let text = format!("a={}{}\n", "{ b=".repeat(depth) + "1", " }".repeat(depth));
        let save = Save::from_bytes(text.into_bytes(), &limits).unwrap();
        let mut out = Vec::new();
        assert_eq!(save.section("a").unwrap().write(V1, &mut out).is_ok(), sound, "{depth}");
    }
}

#[test]
fn an_answer_given_again_is_the_same_in_its_own_shape() {
    let entry = "x=1 x=2 text=\"a\tb\nc\" ".repeat(2000);
    let save = save(format!("country={{ 0={{ {entry} }} 1={{ {entry} y=1 }} }}\n"));
    for key in ["0", "1", "0"] {
        let request = json!({"op":"get_entry","section":"country","key":key});
        let first = answer(&save, V1, &request).unwrap();
        let other = answer(&save, V2, &request).unwrap();
        assert_eq!(first, answer(&save, V1, &request).unwrap());
        assert_eq!(other, answer(&save, V2, &request).unwrap());
        assert_eq!(json(&save, V1, &request)["entry"].get("y").is_some(), key == "1");
        assert!(other.contains("$repeated") && !first.contains("$repeated"));
    }
}
