//! Zip files, sound and otherwise.

use save_parsing::{BufferPool, Limits, Save, SaveError, SaveErrorKind};
use serde_json::json;

use crate::support::{V1, ZipEntry, entry, json, zip};

fn open(bytes: Vec<u8>) -> Result<Save, SaveError> {
    Save::from_bytes(bytes, &Limits::default())
}

#[test]
fn gamestate_and_meta_are_read_and_the_rest_is_not() {
    let file = zip(&[entry("gamestate", "a=1\n"), entry("readme", "x={"), entry("meta", "name=\"n\"\nironman=yes\n")]);
    let save = open(file).unwrap();
    let data = json(&save, V1, &json!({"op":"extract_sections","sections":["meta","a"]}));
    assert_eq!((&data["data"]["meta"], &data["data"]["a"]), (&json!({"name":"n","ironman":"yes"}), &json!("1")));
    let inspection = save.inspect();
    assert_eq!((inspection.name.as_deref(), inspection.ironman, inspection.text_bytes), (Some("n"), true, 4));
}

#[test]
fn a_save_without_meta_and_a_stored_one() {
    let stored = ZipEntry { stored: true, ..entry("gamestate", "a=1\n") };
    let save = open(zip(&[stored])).unwrap();
    assert_eq!(save.text(), b"a=1\n");
    assert!(json(&save, V1, &json!({"op":"extract_sections","sections":["meta"]}))["data"].get("meta").is_none());
}

#[test]
fn two_gamestates_are_rejected() {
    let error = open(zip(&[entry("gamestate", "a=1\n"), entry("gamestate", "a=2\n")])).unwrap_err();
    assert!(error.what.contains("two entries named gamestate"), "{error}");
}

#[test]
fn a_wrong_check_sum_is_rejected() {
    let error = open(zip(&[ZipEntry { crc: Some(1), ..entry("gamestate", "a=1\n") }])).unwrap_err();
    assert_eq!(error.type_name(), "ParseError");
    assert!(error.what.contains("check sum"), "{error}");
}

#[test]
fn sizes_that_lie_are_rejected() {
    for (declared, says) in [(3, "longer"), (5, "shorter")] {
        let error = open(zip(&[ZipEntry { declared: Some(declared), ..entry("gamestate", "a=1\n") }])).unwrap_err();
        assert!(error.what.contains(says), "{error}");
    }
}

#[test]
fn another_zip_file_is_no_save() {
    assert_eq!(open(zip(&[entry("document", "a=1\n")])).unwrap_err().kind, SaveErrorKind::Unsupported);
}

#[test]
fn a_half_written_save_says_so() {
    let file = zip(&[entry("gamestate", "a=1\n".repeat(100)), entry("meta", "b=2\n")]);
    let error = open(file[..file.len() / 2].to_vec()).unwrap_err();
    assert!(error.what.contains("the save is not finished"), "{error}");
}

/// 195 KB that were 200 MB of memory and 26 seconds.
#[test]
fn a_bomb_is_refused_before_it_is_inflated() {
    let file = zip(&[entry("gamestate", "a=1\n".repeat(50 << 20 >> 2))]);
    let error = open(file.clone()).unwrap_err();
    assert_eq!(error.kind, SaveErrorKind::LimitExceeded);
    assert!(error.what.contains("times its packed size"), "{error}");
    // One that declares less is stopped by the room it is given.
    let liar = zip(&[ZipEntry { declared: Some(1 << 20), ..entry("gamestate", "a=1\n".repeat(50 << 20 >> 2)) }]);
    assert!(open(liar).unwrap_err().what.contains("longer than its declared size"));
    let small = Limits { text_bytes: 1000, ..Limits::default() };
    let error = Save::from_bytes(zip(&[entry("gamestate", "a=1\n".repeat(1000))]), &small).unwrap_err();
    assert_eq!(error.kind, SaveErrorKind::LimitExceeded);
}

#[test]
fn a_zip_file_cut_at_any_byte_is_an_error() {
    let file = zip(&[entry("gamestate", "a={ b=1 }\n".repeat(20)), entry("meta", "b=2\n")]);
    for end in 0..file.len() {
        match open(file[..end].to_vec()) {
            Err(error) => assert!(!error.to_string().is_empty()),
            Ok(save) => panic!("{end}: {save:?}"),
        }
    }
    assert!(open(file).is_ok());
}

#[test]
fn a_zip_file_with_any_byte_changed_is_an_error_or_the_same() {
    let file = zip(&[entry("gamestate", "a={ b=1 c=2 }\n"), entry("meta", "b=2\n")]);
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 0xff;
        if let Ok(save) = open(changed) {
            assert_eq!(save.text(), b"a={ b=1 c=2 }\n", "{at}");
        }
    }
}

#[test]
fn files_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits::default();
    let missing = Save::open(&folder.path().join("missing.sav"), &limits).unwrap_err();
    assert_eq!(missing.kind, SaveErrorKind::NotFound);
    assert_eq!(Save::open(folder.path(), &limits).unwrap_err().kind, SaveErrorKind::InvalidInput);
    let path = folder.path().join("big.sav");
    std::fs::write(&path, "a=1\n".repeat(100)).unwrap();
    let small = Limits { file_bytes: 100, ..Limits::default() };
    assert_eq!(Save::open(&path, &small).unwrap_err().kind, SaveErrorKind::LimitExceeded);
    assert_eq!(Save::open(&path, &limits).unwrap().sections().count(), 100);
}

#[test]
fn binary_saves_say_that_a_token_file_is_needed() {
    for bytes in
        [&b"EU4bin\x2d\x28\x01\x00\x0c\x00"[..], b"\x2d\x28\x01\x00\x0c\x00\x01\x02", b"SAV0101abcdef1200000000\n\0\0"]
    {
        let error = open(bytes.to_vec()).unwrap_err();
        assert_eq!(error.kind, SaveErrorKind::Unsupported);
        assert!(error.hint.contains("token file"), "{error}");
    }
    assert_eq!(open(Vec::new()).unwrap_err().kind, SaveErrorKind::Unsupported);
}

#[test]
fn plain_texts_of_other_games_are_read() {
    for header in ["EU4txt\n", "HOI4txt\n", "SAV0100abcdef120000001c\n"] {
        let save = open(format!("{header}date=1444.11.11\nprovinces={{ -1={{ name=\"Stockholm\" }} }}\n").into_bytes())
            .unwrap();
        let entry = json(&save, V1, &json!({"op":"get_entry","section":"provinces","key":"-1"}));
        assert_eq!(entry["entry"], json!({"name":"Stockholm"}), "{header}");
        assert_eq!(
            save.sections().map(|section| section.name().into_owned()).collect::<Vec<_>>(),
            ["date", "provinces"]
        );
        assert!(save.damages().is_empty());
    }
}

#[test]
fn a_zip_file_behind_a_first_line_is_read() {
    let mut file = b"SAV0102abcdef1200000007\nmeta=1\n".to_vec();
    file.extend(zip(&[entry("gamestate", "a=1\n")]));
    assert_eq!(open(file).unwrap().text(), b"a=1\n");
}

#[test]
fn a_save_opened_in_used_memory_is_the_same() {
    let pool = BufferPool::default();
    let long = zip(&[entry("gamestate", "long={ b=1 }\n".repeat(50))]);
    let short = zip(&[entry("gamestate", "a=1\n")]);
    drop(Save::from_bytes_with(long, &Limits::default(), &pool).unwrap());
    let save = Save::from_bytes_with(short, &Limits::default(), &pool).unwrap();
    assert_eq!(save.text(), b"a=1\n");
    assert_eq!(save.sections().count(), 1);
}
