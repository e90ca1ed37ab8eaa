//! The list of what is wrong.

use std::fs;
use std::io::Cursor;

use scip_index::IndexReader;
use scip_index::lint::{Code, Finding, Linter, Severity, Summary, files_under};

use crate::encode::{Encoder, document, index, information, occurrence};

fn lint(bytes: Vec<u8>, exists: Option<&dyn Fn(&str) -> bool>) -> (Summary, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut reader = IndexReader::new(Cursor::new(bytes)).unwrap();
    let summary = Linter::new(exists).index(&mut reader, |finding| findings.push(finding)).unwrap();
    (summary, findings)
}

fn texts(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}

#[test]
fn a_good_index_has_no_findings() {
    let good = document("a.ts", &[occurrence(&[0, 0, 1], "s m p v a/f().", 1)], &[information("s m p v a/f().")]);
    let (summary, findings) = lint(index(&[good]).0, None);
    assert_eq!(texts(&findings), [""; 0]);
    let expected = Summary { documents: 1, occurrences: 1, symbols: 1, external_symbols: 1, ..Summary::default() };
    assert_eq!(summary, expected);
}

#[test]
fn each_fault_of_a_document_is_told_with_its_place() {
    let f = "s m p v a/f().";
    let occurrences = [
        occurrence(&[0, 0, 1], f, 1),
        occurrence(&[4, 2, 3], f, 1),
        occurrence(&[5, 0, 1], "s m p v a/g().", 1),
        occurrence(&[6, 3, 1], f, 0),
        occurrence(&[7, 0, 1], f, 0).packed(7, &[1, 2]),
        occurrence(&[8, 0, 1], "s m p v a", 0),
        occurrence(&[8, 5, 6], "s m p v a", 0),
        occurrence(&[9, 0, 1], "local 1(x)", 0),
        occurrence(&[10, 0, 1], "", 0),
    ];
    let (summary, findings) = lint(index(&[document("a.ts", &occurrences, &[information(f)])]).0, None);
    let place = findings[0].offset;
    let expected = [
        "a.ts:5:3: duplicate-definition: s m p v a/f(). is defined in line 1 already",
        "a.ts:6:1: no-information: nothing is said about the symbol defined here, s m p v a/g().",
        "a.ts: range: a range ends before it starts: [6, 3, 1]",
        "a.ts:8:1: range: enclosing a range has 3 or 4 numbers, this one has 2: [1, 2]",
        "a.ts:9:1: symbol: at byte 9 of the symbol: a name is followed by one of / # . : ! or (: \"s m p v a\"",
        "a.ts:10:1: local-descriptors: a local symbol has no descriptors: \"local 1(x)\"",
    ];
    assert_eq!(texts(&findings), expected.map(|text| format!("{text} (part at byte {place} of the index)")));
    assert_eq!((summary.problems, summary.notes), (4, 2));
    assert_eq!(Code::NoInformation.severity(), Severity::Note);
}

#[test]
fn paths_are_checked_before_anything_is_looked_up() {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join("here"), "").unwrap();
    fs::create_dir(project.path().join("folder")).unwrap();
    let exists = files_under(project.path());
    let asked = |path: &str| {
        assert!(!path.contains("..") && !path.starts_with('/'), "asked for {path}");
        exists(path)
    };
    let paths = ["here", "gone", "folder", "../here", "/etc/passwd", "./here", "here"];
    let documents: Vec<_> = paths.iter().map(|path| document(path, &[], &[])).collect();
    let (_, findings) = lint(index(&documents).0, Some(&asked));
    let codes: Vec<_> = findings.iter().map(|finding| (finding.code, finding.document.as_str())).collect();
    let expected = [
        (Code::MissingFile, "gone"),
        (Code::MissingFile, "folder"),
        (Code::PathEscapes, "../here"),
        (Code::PathEscapes, "/etc/passwd"),
        (Code::Path, "./here"),
        (Code::DuplicateDocument, "here"),
    ];
    assert_eq!(codes, expected);
}

#[test]
fn damage_and_metadata_are_told() {
    let bytes = Encoder::new()
        .message(2, &Encoder::new().bytes(2, &[0xff]))
        .message(1, &Encoder::new())
        .message(3, &information("nonsense"))
        .message(3, &Encoder::new().text(4, "\u{1}"));
    let (summary, findings) = lint(bytes.0, None);
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::Metadata, Code::Damaged, Code::Metadata, Code::Symbol, Code::Damaged]);
    assert_eq!((summary.documents, summary.problems), (0, 5));
}
