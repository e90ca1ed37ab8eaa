use std::{
    fs::{File, OpenOptions},
    io::Write,
};

use proptest::prelude::*;
use shipping::lines::read;

fn file(text: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text).unwrap();
    file
}

fn get(file: &File, start: u64, end: Option<u64>, limit: u64) -> (u64, String) {
    let mut buffer = b"from before".to_vec();
    let behind = read(file, start, end, limit, &mut buffer).unwrap();
    (behind, String::from_utf8(buffer).unwrap())
}

#[test]
fn whole_lines_are_taken_up_to_the_limit() {
    let file = file(b"one\ntwo\nthree\nrest");
    let taken = |start, end, limit| get(&file, start, end, limit);
    assert_eq!(taken(0, None, 100), (14, "one\ntwo\nthree\n".into()));
    assert_eq!(taken(0, None, 8), (8, "one\ntwo\n".into()));
    assert_eq!(taken(0, None, 7), (4, "one\n".into()));
    assert_eq!(taken(4, None, 5), (8, "two\n".into()));
    assert_eq!(taken(0, Some(13), 100), (8, "one\ntwo\n".into()));
    assert_eq!(taken(0, Some(14), 100), (14, "one\ntwo\nthree\n".into()));
    assert_eq!(taken(8, Some(14), 2), (14, "three\n".into()));
}

#[test]
fn a_line_longer_than_the_limit_is_taken_alone() {
    let long = "x".repeat(1_000_000) + "\n";
    let file = file(format!("a\n{long}b\n").as_bytes());
    let mut buffer = Vec::new();
    assert_eq!(read(&file, 2, None, 10, &mut buffer).unwrap(), 1_000_003);
    assert_eq!(buffer, long.as_bytes());
    assert!(buffer.capacity() <= long.len() + 16, "{}", buffer.capacity());
    assert_eq!(get(&file, 2, None, 0).0, 1_000_003);
    // Not past the end that is asked for.
    assert_eq!(get(&file, 2, Some(1_000_002), 10), (2, String::new()));
}

#[test]
fn a_line_without_its_end_is_not_taken_and_costs_nothing() {
    let file = file("x".repeat(3_000_000).as_bytes());
    let mut buffer = Vec::new();
    assert_eq!(read(&file, 0, None, 1_000, &mut buffer).unwrap(), 0);
    assert!(buffer.is_empty() && buffer.capacity() <= 1_000, "{}", buffer.capacity());
}

#[test]
fn a_file_that_shrank_or_grew_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.jsonl");
    std::fs::write(&path, "one\ntwo\n").unwrap();
    let file = File::open(&path).unwrap();
    assert_eq!(get(&file, 100, None, 100), (100, String::new()));
    assert_eq!(get(&file, 8, None, 100), (8, String::new()));
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"three\nfo").unwrap();
    assert_eq!(get(&file, 8, None, 100), (14, "three\n".into()));
    OpenOptions::new().write(true).open(&path).unwrap().set_len(2).unwrap();
    assert_eq!(get(&file, 0, None, 100), (0, String::new()));
    assert_eq!(get(&file, 4, Some(8), 100), (4, String::new()));
}

proptest! {
    #[test]
    fn every_line_is_taken_once(lines in prop::collection::vec("[a-c\r]{0,12}", 0..30), rest in "[a-c]{0,12}", limit in 0_u64..40) {
        let whole: String = lines.iter().map(|line| line.clone() + "\n").collect();
        let file = file((whole.clone() + &rest).as_bytes());
        let (mut at, mut taken) = (0, String::new());
        loop {
            let (behind, text) = get(&file, at, None, limit);
            prop_assert_eq!(behind, at + text.len() as u64);
            if text.is_empty() {
                break;
            }
            prop_assert!(text.len() as u64 <= limit || text.matches('\n').count() == 1);
            taken += &text;
            at = behind;
        }
        prop_assert_eq!(taken, whole);
    }
}
