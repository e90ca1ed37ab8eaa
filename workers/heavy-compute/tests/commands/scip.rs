//! `scip-parse`, on indexes that are made here.

use std::{fs, path::Path};

use prost::Message;
use scip_index::proto::{Document, Index, Metadata, Occurrence, PositionEncoding, SymbolInformation, ToolInfo};
use serde_json::Value;

use crate::place::{Answer, Place};

/// Where the indexer ran; offsets in an index depend on the length.
const ELSEWHERE: &str = "/build/sample";
const A: &str = "scip-typescript npm sample 1.0.0 src/`a.ts`/a().";

fn occurrence(range: &[i32], symbol: &str, definition: bool) -> Occurrence {
    Occurrence {
        range: range.to_vec(),
        symbol: symbol.to_owned(),
        symbol_roles: definition.into(),
        ..Default::default()
    }
}

fn document(path: &str, occurrences: Vec<Occurrence>) -> Document {
    let defined = occurrences.iter().filter(|occurrence| occurrence.symbol_roles == 1);
    let symbols =
        defined.map(|occurrence| SymbolInformation { symbol: occurrence.symbol.clone(), ..Default::default() });
    Document {
        relative_path: path.to_owned(),
        symbols: symbols.collect(),
        occurrences,
        position_encoding: PositionEncoding::Utf16.into(),
        ..Default::default()
    }
}

/// Writes an index of `documents`, made in the folder `root`, and gives its path.
fn index(place: &Place, name: &str, root: &str, documents: Vec<Document>) -> String {
    let tool = ToolInfo { name: "scip-typescript".to_owned(), version: "0.4.0".to_owned(), ..Default::default() };
    let metadata = Metadata { tool_info: Some(tool), project_root: format!("file://{root}"), ..Default::default() };
    let index = Index { metadata: Some(metadata), documents, ..Default::default() };
    fs::write(place.path(name), index.encode_to_vec()).unwrap();
    place.text(name)
}

/// An index of the file that `Place::remote` makes.
fn good(place: &Place, root: &str) -> String {
    index(place, "good.scip", root, vec![document("src/a.ts", vec![occurrence(&[0, 16, 17], A, true)])])
}

/// An index that good sources do not have, and one of another state of them.
fn bad(place: &Place) -> String {
    let documents = vec![
        document("src/a.ts", vec![occurrence(&[0, 16, 17], A, true), occurrence(&[7, 0, 4], A, false)]),
        document("src/gone.ts", vec![]),
        document("../outside.ts", vec![occurrence(&[3, 4, 1], A, false)]),
        document("b.py", vec![occurrence(&[0, 4, 5], "local \u{1b}[31m", true)]),
    ];
    index(place, "bad.scip", ELSEWHERE, documents)
}

/// What was printed, without the folder of the test.
fn shown(place: &Place, text: &str) -> String {
    text.replace(place.path("").to_str().unwrap(), "[folder]/")
}

fn all(place: &Place, answer: &Answer) -> String {
    let Answer { code, stdout, stderr } = answer;
    let told: Vec<&str> = stderr.lines().filter(|line| !line.starts_with("PROGRESS:")).collect();
    shown(place, &format!("{stdout}--- stderr, exit code {code}\n{}", told.join("\n")))
}

#[test]
fn what_is_no_index_or_has_no_sources_is_refused() {
    let place = Place::new();
    place.remote();
    let good = good(&place, ELSEWHERE);
    fs::write(place.path("empty.scip"), "").unwrap();
    fs::write(place.path("words.scip"), "what somebody took for an index\n").unwrap();
    fs::write(place.path("list.json"), "[{ \"documents\": [] }]\n").unwrap();
    let half = fs::read(&good).unwrap();
    fs::write(place.path("half.scip"), half.get(..20).unwrap()).unwrap();
    let (remote, file, missing) = (place.text("remote"), place.text("remote/b.py"), place.text("missing"));
    let cases: [(&[&str], i32); 12] = [
        (&[], 1),
        (&["--input", &good], 1),
        (&["--repo-id", "r", "--input", "missing.scip"], 4),
        (&["--repo-id", "r", "--input", &remote], 1),
        (&["--repo-id", "r", "--input", "empty.scip"], 2),
        (&["--repo-id", "r", "--input", "words.scip"], 2),
        (&["--repo-id", "r", "--input", "list.json"], 2),
        (&["--repo-id", "r", "--input", "half.scip"], 2),
        (&["--repo-id", "r", "--input", &good, "--workspace-dir", &missing], 4),
        (&["--repo-id", "r", "--input", &good, "--workspace-dir", &file], 1),
        (&["--repo-id", "r", "--input", &good, "--input", &good], 1),
        (&["--repo-id", "r", "--input", &good, "--include-bodies"], 1),
    ];
    let mut told = String::new();
    for (args, code) in cases {
        let answer = place.run(&[&["scip-parse"], args].concat());
        assert_eq!((answer.code, answer.stdout.as_str()), (code, ""), "{args:?}: {}", answer.stderr);
        assert!(!answer.stderr.contains("PROGRESS:"), "{args:?}: nothing was begun: {}", answer.stderr);
        told.push_str(&shown(&place, &format!("$ scip-parse {}\n{}\n", args.join(" "), answer.stderr)));
    }
    insta::assert_snapshot!(told);
    assert!(!place.path("state").exists(), "nothing is made for a mistake");
}

#[test]
fn a_lint_tells_what_is_wrong_with_an_index() {
    let place = Place::new();
    place.remote();
    let (good, bad, remote) = (good(&place, ELSEWHERE), bad(&place), place.text("remote"));
    let alone = place.run(&["scip-parse", "--lint", "--input", &bad]);
    insta::assert_snapshot!("lint", all(&place, &alone));
    let args = ["scip-parse", "--lint", "--workspace-dir", &remote, "--input", &bad, "--input", &good];
    insta::assert_snapshot!("lint_with_sources", all(&place, &place.run(&args)));
    let json = place.run(&[&args[..], &["--output-format", "json"]].concat());
    insta::assert_snapshot!("lint_json", all(&place, &json));
    let lines: Vec<Value> = json.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines.last().unwrap()["summary"]["problems"],
        lines.iter().filter(|l| l["severity"] == "problem").count()
    );

    let clean = place.run(&["scip-parse", "--lint", "--workspace-dir", &remote, "--input", &good]);
    assert_eq!((clean.code, clean.stdout.lines().count()), (0, 1), "{}{}", clean.stdout, clean.stderr);
    assert!(clean.progress().is_sorted() && clean.progress().last() == Some(&100), "{}", clean.stderr);
}

#[test]
fn notes_alone_are_no_reason_to_fail() {
    let place = Place::new();
    let mut document = document("a.ts", vec![occurrence(&[0, 16, 17], A, true)]);
    document.symbols.clear();
    let noted = index(&place, "noted.scip", ELSEWHERE, vec![document]);
    let answer = place.run(&["scip-parse", "--lint", "--input", &noted]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains("note: no-information") && answer.stdout.contains("notes: 1"), "{}", answer.stdout);
}

#[test]
fn a_damaged_index_is_told_as_far_as_it_can_be_read() {
    let place = Place::new();
    let good = fs::read(good(&place, ELSEWHERE)).unwrap();
    fs::write(place.path("cut.scip"), good.get(..good.len() - 5).unwrap()).unwrap();
    fs::write(place.path("empty.scip"), "").unwrap();
    let args = ["scip-parse", "--lint", "--input", "cut.scip", "--input", "empty.scip"];
    insta::assert_snapshot!(all(&place, &place.run(&args)));
    assert_eq!(place.run(&["scip-parse", "--lint", "--input", "missing.scip"]).code, 4);
}

#[test]
fn an_unknown_indexer_may_count_as_it_likes() {
    let place = Place::new();
    fs::create_dir(place.path("sources")).unwrap();
    // A byte order mark, and a character that is one, two or four of something.
    fs::write(place.path("sources/a.x"), "\u{feff}𝄞 = 1\n").unwrap();
    let lint = |encoding: PositionEncoding, end: i32| {
        let mut document = document("a.x", vec![occurrence(&[0, 0, end], A, true)]);
        document.position_encoding = encoding.into();
        let index = Index { metadata: Some(Metadata::default()), documents: vec![document], ..Default::default() };
        fs::write(place.path("x.scip"), index.encode_to_vec()).unwrap();
        place.run(&["scip-parse", "--lint", "--input", "x.scip", "--workspace-dir", "sources"]).code
    };
    for units in [1, 2, 4] {
        assert_eq!(lint(PositionEncoding::Unspecified, units), 0, "{units}");
    }
    assert_eq!((lint(PositionEncoding::Utf8, 4), lint(PositionEncoding::Utf8, 2)), (0, 2));
    assert_eq!(lint(PositionEncoding::Unspecified, 99), 2);
}

#[test]
fn an_index_and_its_sources_become_documents() {
    let place = Place::new();
    place.remote();
    let remote = place.text("remote");
    let good = good(&place, &remote);
    let args = ["scip-parse", "--input", &good, "--repo-id", "sample", "--workspace-dir", &remote];
    let summary = place.run(&args);
    let answer = summary.json();
    assert!(summary.progress().is_sorted() && summary.progress().last() == Some(&100), "{}", summary.stderr);
    let edges: u64 = answer["edges"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!((&answer["entityCount"], &answer["edgeCount"]), (&answer["entities"], &edges.into()));
    assert_eq!((&answer["coveredFiles"], &answer["errors"]), (&1.into(), &Value::Array(vec![])));
    assert!(answer["durationMs"].is_u64() && answer["peakMemoryMb"].as_u64() > Some(0));
    let listed = place.run(&[&args[..], &["--list-covered"]].concat()).json();
    assert_eq!(listed["coveredFiles"], Value::from(vec!["src/a.ts"]));

    // What the covered file holds stays when the rest is parsed.
    let covered = listed["coveredFiles"].to_string();
    let rest = ["parse-rest", "--workspace-dir", &remote, "--repo-id", "sample", "--covered-files", &covered];
    assert_eq!(place.run(&rest).json()["byKind"]["function"], 2);
}

#[test]
fn documents_are_printed_and_kept_nowhere() {
    let place = Place::new();
    place.remote();
    let remote = place.text("remote");
    let good = good(&place, &remote);
    for sources in [&["--workspace-dir", &remote][..], &[]] {
        let args = ["scip-parse", "--input", &good, "--repo-id", "sample", "--output-format", "json"];
        let answer = place.run(&[&args[..], sources].concat());
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        let documents: Vec<Value> = answer.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let function = documents.iter().find(|document| document["collection"] == "functions").unwrap();
        assert_eq!((&function["name"], &function["file_path"]), (&"a".into(), &"src/a.ts".into()));
        assert!(!Path::new(&place.path("state/graph.db")).exists(), "nothing is kept");
    }
}
