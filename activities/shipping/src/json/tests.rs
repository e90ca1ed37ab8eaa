use proptest::prelude::*;

use super::scan::{Invalid, Scanner};

fn read(text: &str) -> Result<bool, Invalid> {
    let mut scanner = Scanner::new(text);
    scanner.skip()?;
    scanner.end()?;
    Ok(scanner.is_odd())
}

fn agrees(text: &str) {
    // The raw value is the one reader of serde_json that has no limit of depth and takes lone surrogates and any number.
    let theirs = serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
    assert_eq!(read(text).is_ok(), theirs, "{text:?}");
}

#[test]
fn takes_what_is_json_and_nothing_else() {
    for text in [
        "",
        " ",
        "{}",
        "[]",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "\"\u{1}\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u+123\"",
        "01",
        "-",
        "-0",
        "1.",
        ".5",
        "1e",
        "1e+",
        "1E-7",
        "-0.0e0",
        "+1",
        "NaN",
        "Infinity",
        "nul",
        "nulll",
        "true ",
        "\"a",
        "\"\\",
        "\"\\u00",
        "{} {}",
        "[[]]",
        "[[]",
        "[}",
        "{]",
        "{\"a\":[}",
        "\u{feff}{}",
        "[1 2]",
        "{\"a\" :\t1 , \"a\":2}",
        "\u{a0}1",
        "\"\u{7f}\u{80}é😀\"",
        "{\"\":{}}",
        "[\"\\ud800\"]",
        "1e400",
    ] {
        agrees(text);
    }
}

#[test]
fn knows_what_strict_readers_refuse() {
    for (text, odd) in [
        (r#""\ud83d\ude00""#, false),
        (r#""\ud83d""#, true),
        (r#""\ude00""#, true),
        (r#""\ud83d\ud83d\ude00""#, true),
        (r#""\ud83d\n""#, true),
        (r#""\\ud83d""#, false),
        ("1e400", true),
        ("-1e400", true),
        ("1e308", false),
        ("1e-400", false),
        ("123456789012345678901234567890", false),
    ] {
        assert_eq!(read(text), Ok(odd), "{text}");
    }
    assert_eq!(read(&"9".repeat(400)), Ok(true));
}

#[test]
fn depth_is_no_matter() {
    for depth in [63, 64, 65, 128, 300, 100_000] {
        let arrays = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(read(&arrays), Ok(false));
        let mixed = r#"[{"a":"#.repeat(depth) + "1" + &"}]".repeat(depth);
        assert_eq!(read(&mixed), Ok(false));
        let wrong = r#"[{"a":"#.repeat(depth) + "1" + &"]}".repeat(depth);
        assert!(read(&wrong).is_err());
    }
    assert!(read(&"[".repeat(1_000_000)).is_err());
}

#[test]
fn members_come_in_any_spelling() {
    let mut scanner = Scanner::new(r#" { "a" : [ 1 , 2 ] , "\u0062\n" : "x" , "" : {} } "#);
    let mut members = scanner.object().unwrap();
    let mut seen = Vec::new();
    while let Some(name) = scanner.member(&mut members).unwrap() {
        seen.push((name.into_owned(), scanner.value().unwrap()));
    }
    scanner.end().unwrap();
    assert_eq!(seen, [("a".into(), "[ 1 , 2 ]"), ("b\n".into(), "\"x\""), (String::new(), "{}")]);
}

proptest! {
    #[test]
    fn agrees_with_serde_json(text in r#"[\[\]{}:,"\\ untrue0-9.eE+a-]{0,24}"#) {
        agrees(&text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        agrees(&text);
    }
}
