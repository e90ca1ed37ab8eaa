//! What `.gantryignore` means, against `git check-ignore` with the same patterns.

use std::{fs, io::Write, path::Path, process::Stdio};

use heavy_compute::workspace::scan;
use kit::Job;
use proptest::prelude::*;

use crate::support::{git, git_command};

/// A name of few letters, so that patterns meet it.
fn name() -> impl Strategy<Value = String> {
    "[ab.]{1,3}".prop_filter("no name of a file", |name| !name.chars().all(|c| c == '.'))
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(name(), 1..4).prop_map(|names| names.join("/"))
}

/// A line of a file of patterns: names, with whatever has a meaning in them.
fn pattern() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => name(),
        1 => Just("*".to_owned()),
        1 => Just("**".to_owned()),
        1 => "[ab.]?[*?][ab]?",
        1 => "\\[[ab]\\][ab]?",
        1 => "\\[!a\\][ab]?",
        1 => "\\\\[ab]",
    ];
    let pieces = prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.join("/"));
    (prop::bool::weighted(0.3), prop::bool::weighted(0.3), pieces, prop::bool::weighted(0.3), prop::bool::weighted(0.1))
        .prop_map(|(not, anchored, pieces, folder, blank)| {
            let sign = |there: bool, sign: &'static str| if there { sign } else { "" };
            format!("{}{}{pieces}{}{}", sign(not, "!"), sign(anchored, "/"), sign(folder, "/"), sign(blank, " "))
        })
}

/// Paths that git ignores by the `.gitignore` files of a folder.
fn ignored(root: &Path, paths: &[String]) -> Vec<String> {
    let mut child = git_command(root)
        .args(["check-ignore", "--no-index", "--stdin", "-z"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(paths.join("\0").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap().stdout;
    String::from_utf8(output).unwrap().split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn gantryignore_means_what_gitignore_means(
        paths in prop::collection::btree_set(path(), 10..40),
        patterns in prop::collection::vec(pattern(), 1..8),
        nested in prop::option::of((name(), prop::collection::vec(pattern(), 1..4))),
    ) {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut files = Vec::new();
        for path in &paths {
            // Where one path is a folder of another, only the first is there.
            let place = ours.path().join(path);
            if fs::create_dir_all(place.parent().unwrap()).is_ok() && !place.exists() && fs::write(&place, "").is_ok() {
                files.push(path.clone());
                let place = theirs.path().join(path);
                fs::create_dir_all(place.parent().unwrap()).unwrap();
                fs::write(place, "").unwrap();
            }
        }
        let write = |folder: &str, patterns: &[String]| {
            if ours.path().join(folder).is_dir() {
                let text = patterns.join("\n");
                fs::write(ours.path().join(folder).join(".gantryignore"), &text).unwrap();
                fs::write(theirs.path().join(folder).join(".gitignore"), &text).unwrap();
            }
        };
        write("", &patterns);
        if let Some((folder, patterns)) = &nested {
            write(folder, patterns);
        }
        git(theirs.path(), &["init", "--quiet"]);
        let out = ignored(theirs.path(), &files);
        let mut expected: Vec<&String> = files.iter().filter(|path| !out.contains(path)).collect();
        expected.sort();
        let found = scan(&Job::<()>::detached(), ours.path()).unwrap().files;
        let found: Vec<&String> = found.iter().filter(|path| !path.ends_with(".gantryignore")).collect();
        prop_assert_eq!(&found, &expected, "patterns {:?}, nested {:?}", &patterns, &nested);
    }

    #[test]
    fn a_plain_folder_obeys_gitignore_as_git_does(
        paths in prop::collection::btree_set(path(), 10..40),
        patterns in prop::collection::vec(pattern(), 1..8),
    ) {
        let root = tempfile::tempdir().unwrap();
        for path in &paths {
            let place = root.path().join(path);
            if fs::create_dir_all(place.parent().unwrap()).is_ok() && !place.exists() {
                let _ = fs::write(&place, "");
            }
        }
        fs::write(root.path().join(".gitignore"), patterns.join("\n")).unwrap();
        git(root.path(), &["init", "--quiet"]);
        let with_git = scan(&Job::<()>::detached(), root.path()).unwrap().files;
        fs::remove_dir_all(root.path().join(".git")).unwrap();
        let without = scan(&Job::<()>::detached(), root.path()).unwrap().files;
        prop_assert_eq!(without, with_git, "patterns {:?}", &patterns);
    }
}
