//! Whole sessions as text: what was asked, and each frame of the answer.

use std::fmt::Write;

use save_parsing::{TOOL_VERSION, protocol::LONGEST_REQUEST};
use serde_json::Value;

use crate::place::{GAMESTATE, META, Place, zip};

/// Requests with the frames that answer them.
pub(crate) fn transcript(requests: &[&[u8]], stdout: &str) -> String {
    let mut frames = stdout.lines();
    let mut text = String::new();
    for request in requests {
        let shown = String::from_utf8_lossy(request).replace('\0', "\\0").replace(TOOL_VERSION, "[version]");
        match shown.len() {
            0..300 => writeln!(text, "> {shown}").unwrap(),
            length => writeln!(text, "> {}... ({length} bytes)", &shown[..40]).unwrap(),
        }
        if request.trim_ascii().is_empty() {
            continue;
        }
        let mut in_stream = false;
        for frame in frames.by_ref() {
            writeln!(text, "< {frame}").unwrap();
            let frame: Value = serde_json::from_str(frame).unwrap();
            in_stream = frame["ok"] == true && frame["done"] != true && (in_stream || frame["stream"] == true);
            if !in_stream {
                break;
            }
        }
    }
    for frame in frames {
        writeln!(text, "< {frame}").unwrap();
    }
    text
}

fn session(place: &Place, save: &str, more: &[&str], requests: &[&str]) -> String {
    let requests: Vec<&[u8]> = requests.iter().map(|request| request.as_bytes()).collect();
    let answer = place.session(save, more, &requests);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    transcript(&requests, &answer.stdout)
}

const EACH: [&str; 27] = [
    r#"{"op":"extract_sections","sections":["meta","player","nothing","used_color","player"]}"#,
    r#"{"op":"extract_sections","sections":[]}"#,
    r#"{"op":"iter_section","section":"country"}"#,
    r#"{"op":"iter_section","section":"country","batch_size":1}"#,
    r#"{"op":"iter_section","section":"country","batch_size":3}"#,
    r#"{"op":"iter_section","section":"country","batch_size":100}"#,
    r#"{"op":"iter_section","section":"list"}"#,
    r#"{"op":"iter_section","section":"nothing"}"#,
    "",
    r#"{"op":"query","path":"country.*.name"}"#,
    r#"{"op":"query","path":"country.*[military_power>100].{name,ethos}"}"#,
    r#"{"op":"query","path":"country.*.name","limit":1}"#,
    r#"{"op":"query","path":"country.nobody"}"#,
    r#"{"op":"get_entry","section":"country","key":"7"}"#,
    r#"{"op":"get_entry","section":"country","key":7}"#,
    r#"{"op":"get_entry","section":"country","key":"8"}"#,
    r#"{"op":"get_entries","section":"country","keys":["7","8","0","9"]}"#,
    r#"{"op":"get_entries","section":"country","keys":["9","0"],"fields":["ethos","human","none"]}"#,
    r#"{"op":"count_keys","keys":["ethic","country","nothing"]}"#,
    r#"{"op":"contains_tokens","tokens":["fanatic","fanatic_m","anatic_mil","nothing",""]}"#,
    r#"{"op":"contains_kv","pairs":[["country",7],["human",true],["literal",false],["name","x"]]}"#,
    r#"{"op":"get_country_summaries","fields":["name","military_power"]}"#,
    r#"{"op":"get_duplicate_values","section":"country","key":"0","field":"ethic"}"#,
    r#"{"op":"get_duplicate_values","section":"country","key":"8","field":"ethic"}"#,
    r#"{"op":"get_entry_text","section":"country","key":"7"}"#,
    r#"{"op":"multi","ops":[{"op":"get_entry","section":"country","key":"8"},{"op":"query","path":"country.*.ethos.ethic"},{"op":"count_keys","keys":["name"],"schema_version":2}]}"#,
    r#"{"op":"close"}"#,
];

#[test]
fn each_operation() {
    insta::assert_snapshot!("operations", session(&Place::new(), "a.sav", &[], &EACH));
}

#[test]
fn each_operation_by_schema_2() {
    let place = Place::new();
    insta::assert_snapshot!("operations_schema_2", session(&place, "a.sav", &["--schema-version", "2"], &EACH));
}

#[test]
fn a_request_may_choose_its_schema() {
    let requests = [
        r#"{"op":"get_entry","section":"country","key":"0","schema_version":2,"scalars":"typed"}"#,
        r#"{"op":"get_entry","section":"country","key":"0","schema_version":2,"scalars":"tagged"}"#,
        r#"{"op":"iter_section","section":"list","schema_version":2}"#,
        r#"{"op":"get_entry","section":"country","key":"0","schema_version":1}"#,
        r#"{"op":"get_entry","section":"country","key":"0","schema_version":null,"scalars":null}"#,
    ];
    insta::assert_snapshot!("schema_of_a_request", session(&Place::new(), "a.sav", &[], &requests));
}

#[test]
fn what_makes_no_sense_is_told_and_the_session_goes_on() {
    let deep = [b"{\"op\":".as_slice(), &b"[".repeat(100_000)].concat();
    let too_long = [b"{\"op\":\"".as_slice(), &vec![b'x'; LONGEST_REQUEST]].concat();
    let requests: Vec<&[u8]> = vec![
        b"nonsense",
        b"{\"op\":\"close\"",
        b"{\"op\":\"close\"} {}",
        b"{\"op\":\"cl\xffose\"}",
        b"{\"op\":\"cl\0ose\"}",
        b"\0",
        b"{\"op\":\"\\ud800\"}",
        &deep,
        &too_long,
        b"[]",
        b"{}",
        b"{\"op\":7}",
        b"{\"op\":\"no_such_op\"}",
        b"{\"op\":\"get_entry\"}",
        b"{\"op\":\"get_entry\",\"section\":\"country\",\"key\":[7]}",
        b"{\"op\":\"extract_sections\",\"sections\":\"meta\"}",
        b"{\"op\":\"extract_sections\",\"sections\":[\"foo\"],\"strict\":true}",
        b"{\"op\":\"iter_section\",\"section\":\"foo\",\"strict\":true}",
        b"{\"op\":\"iter_section\",\"section\":\"country\",\"batch_size\":-1}",
        b"{\"op\":\"contains_kv\",\"pairs\":[[\"a\"]]}",
        b"{\"op\":\"query\",\"path\":\"country[\"}",
        b"{\"op\":\"query\",\"path\":\"foo.*\"}",
        b"{\"op\":\"multi\"}",
        b"{\"op\":\"multi\",\"ops\":[7]}",
        b"{\"op\":\"multi\",\"ops\":[{\"op\":\"count_keys\",\"keys\":[]},{\"op\":\"multi\",\"ops\":[]}]}",
        b"{\"op\":\"multi\",\"ops\":[{\"op\":\"iter_section\",\"section\":\"country\"}]}",
        b"{\"op\":\"multi\",\"ops\":[{\"op\":\"count_keys\",\"keys\":[]},{\"op\":\"query\",\"path\":\"foo\"}]}",
        b"{\"op\":\"get_entry\",\"section\":\"country\",\"key\":\"7\",\"schema_version\":3}",
        b"{\"op\":\"get_entry\",\"section\":\"country\",\"key\":\"7\",\"scalars\":\"typed\"}",
        b"   ",
        b"{\"op\":\"count_keys\",\"keys\":[\"name\"]}\r",
    ];
    let answer = Place::new().session("a.sav", &[], &requests);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!("mistakes", transcript(&requests, &answer.stdout));
}

#[test]
fn damage_is_told_with_line_and_column_and_the_rest_is_answered() {
    let place = Place::new();
    let text = "good={ 1=2 }\nbad={\n\t1={ name=\"x\" }}}\n\t2={ }\nlater={ 1={ a=b } }\nopen={ 3={ c=\"d\" }\n";
    place.file("damaged.sav", &zip(&[("meta", META), ("gamestate", text)]));
    let requests = [
        r#"{"op":"extract_sections","sections":["good","later"]}"#,
        r#"{"op":"extract_sections","sections":["good","open"]}"#,
        r#"{"op":"iter_section","section":"open"}"#,
        r#"{"op":"query","path":"open.*"}"#,
        r#"{"op":"multi","ops":[{"op":"get_entry","section":"good","key":"1"},{"op":"get_entry","section":"open","key":"3"}]}"#,
        r#"{"op":"get_entry","section":"good","key":"1"}"#,
    ];
    let requests: Vec<&[u8]> = requests.iter().map(|request| request.as_bytes()).collect();
    let answer = place.session("damaged.sav", &[], &requests);
    assert_eq!(answer.code, Some(0));
    insta::assert_snapshot!("damage", transcript(&requests, &answer.stdout) + "stderr:\n" + &answer.stderr);
}

#[test]
fn a_save_that_does_not_open_is_one_frame_and_the_end() {
    let place = Place::new();
    let whole = zip(&[("meta", META), ("gamestate", GAMESTATE)]);
    place.file("half.sav", whole.get(..whole.len() / 2).unwrap());
    place.file("binary.sav", &[0x45, 0x55, 0x34, 0x62, 0x69, 0x6e, 1, 0, 2, 0, 0, 0]);
    place.file("empty.sav", b"");
    let mut text = String::new();
    for (code, save) in [(1, "none.sav"), (2, "half.sav"), (2, "binary.sav"), (2, "empty.sav"), (3, ".")] {
        let answer = place.session(save, &[], &[EACH[0].as_bytes(), EACH[0].as_bytes()]);
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(code), ""), "{save}: {}", answer.stdout);
        text += &format!("{save}, exit code {code}\n< {}", answer.stdout);
    }
    insta::assert_snapshot!("load_failures", text);
}
