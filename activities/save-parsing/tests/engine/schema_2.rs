//! The shape that loses nothing.

use save_parsing::{Scalars, Schema};
use serde_json::json;

use crate::support::{V2, json, save, section, stream};

#[test]
fn each_row_of_the_front_page() {
    for (text, expected) in [
        ("{}", "{}"),
        ("{ 1 {} }", r#"["1",{}]"#),
        ("{ {} {} }", "[{},{}]"),
        ("{ k=1 j=2 k=3 }", r#"{"k":["1","3"],"j":"2","$repeated":["k"]}"#),
        ("{ k={ 1 } k={} }", r#"{"k":[["1"],{}],"$repeated":["k"]}"#),
        ("{ k=1 2 }", r#"{"$mixed":[["k","1"],["2"]]}"#),
        ("{ 1 k=2 k={ 3 } }", r#"{"$mixed":[["1"],["k","2"],["k",["3"]]]}"#),
        ("rgb { 1 2 3 }", r#"{"$header":"rgb","$value":["1","2","3"]}"#),
        ("{ c=hsv { 1 2 3 } }", r#"{"c":{"$header":"hsv","$value":["1","2","3"]}}"#),
        (
            "{ a>5 b!=5 c?=5 d==5 }",
            r#"{"a":{"$operator":">","$value":"5"},"b":{"$operator":"!=","$value":"5"},"c":{"$operator":"?=","$value":"5"},"d":{"$operator":"==","$value":"5"}}"#,
        ),
        ("{ a= b=1 }", r#"{"a":null,"b":"1"}"#),
        ("{ [[x] k=1 ] }", r#"{"$block:x":{"k":"1"}}"#),
        ("{ $repeated=1 }", r#"{"$$repeated":"1"}"#),
        (r#"{ a="q\"\\\n" }"#, r#"{"a":"q\"\\\\n"}"#),
        ("\" padded \"", r#"" padded ""#),
    ] {
        assert_eq!(section(V2, text), expected, "{text}");
    }
}

#[test]
fn scalars_can_be_typed_and_tagged() {
    let text =
        r#"{ 1 -1.50 007 .5 -0 yes no none "yes" "12" 2200.01.01 123456789012345 4294967295 18446744073709551615 }"#;
    assert_eq!(
        section(Schema::V2(Scalars::Typed), text),
        r#"[1,-1.50,"007",".5","-0",true,false,"none","yes","12","2200.01.01",123456789012345,4294967295,"18446744073709551615"]"#
    );
    assert_eq!(
        section(Schema::V2(Scalars::Tagged), r#"{ 1 yes none "yes" "" }"#),
        r#"[1,true,"none",{"$quoted":"yes"},{"$quoted":""}]"#
    );
}

#[test]
fn sections_with_one_name_are_all_there() {
    let save = save("nebula={ r=1 }\na=1\nnebula={ r=2 r=3 }\n");
    let data = json(&save, V2, &json!({"op":"extract_sections","sections":["nebula","a"]}));
    assert_eq!(
        data["data"],
        json!({"schema_version":2,"tool_version":"0.1.0","game":"stellaris",
            "nebula":[{"r":"1"},{"r":["2","3"],"$repeated":["r"]}],"a":"1","$repeated":["nebula"]})
    );
    assert_eq!(
        stream(&save, "nebula", V2),
        [r#"{"key":"r","value":"1"}"#, r#"{"key":"r","value":"2"}"#, r#"{"key":"r","value":"3"}"#]
    );
}

#[test]
fn fields_of_entries_keep_their_duplicates_and_operators() {
    let save = save("country={ 7={ ethic=a x=1 ethic=b y>2 } }\n");
    let entries =
        json(&save, V2, &json!({"op":"get_entries","section":"country","keys":[7],"fields":["ethic","y","z"]}));
    assert_eq!(
        entries["entries"],
        json!([{"_key":"7","ethic":["a","b"],"y":{"$operator":">","$value":"2"},"$repeated":["ethic"]}])
    );
}
