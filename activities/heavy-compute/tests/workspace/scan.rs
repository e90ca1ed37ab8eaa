//! The list of files against git's own.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::symlink},
    path::Path,
};

use heavy_compute::workspace::{Scan, scan};
use kit::Job;

use crate::support::{Remote, git, git_bytes};

fn scanned(root: &Path) -> Scan {
    scan(&Job::<()>::detached(), root).unwrap()
}

fn warnings(scan: Scan) -> Vec<(String, u64)> {
    scan.warnings.into_list().into_iter().map(|w| (w.code, w.count)).collect()
}

/// A tree with whatever a name and an ignore file can be; nothing is committed yet.
fn odd_tree(folder: &Path) -> Remote {
    let tree = Remote::new(folder);
    for path in [
        "plain.py",
        "with blank.py",
        " leading blank",
        "trailing blank ",
        "quote\".py",
        "apo'strophe",
        "new\nline.py",
        "tab\there",
        "back\\slash",
        "-rf",
        "--help/x",
        "#hash",
        "!bang",
        "*star",
        "[set]",
        "caf\u{e9}/\u{1f980}.ts",
        "cafe\u{301}/x",
        ".hidden/.file",
        ".env",
        "a/b/c/d/e/f/g/h/i/j/k/l/m/n/deep.go",
        "logs/keep.log",
        "logs/drop.log",
        "logs/sub/drop.log",
        "sub/only-here.tmp",
        "sub/deeper/only-here.tmp",
        "only-here.tmp",
        "out-of-git/x",
        "anchored",
        "sub/anchored",
        "secret.key",
        "tracked.log",
        "doubly/x/y/z.gen",
        "doubly/z.gen",
    ] {
        tree.write(path, path);
    }
    tree.write(".gitignore", "*.log\n!keep.log\n/anchored\nout-of-git/\n*.key\n\n# comment\n\\#hash\n\\!bang\ndoubly/**/z.gen\ntrailing\\ blank\\ \n");
    tree.write("sub/.gitignore", "*.tmp\n!/deeper/only-here.tmp\n");
    tree.write("logs/.gitignore", "!drop.log\nsub/\n");
    tree
}

/// What git lists, without what is documented to be left out.
fn listed(root: &Path) -> Vec<String> {
    let listing = git_bytes(root, &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let paths: BTreeSet<&[u8]> = listing.split(|b| *b == 0).filter(|path| !path.is_empty()).collect();
    let mut paths: Vec<String> = paths
        .into_iter()
        .filter_map(|path| std::str::from_utf8(path).ok())
        .filter(|path| fs::symlink_metadata(root.join(path)).is_ok_and(|meta| meta.is_file()))
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths
}

#[test]
fn it_lists_what_git_lists() {
    let folder = tempfile::tempdir().unwrap();
    let tree = odd_tree(folder.path());
    assert_eq!(scanned(folder.path()).files, listed(folder.path()), "nothing is tracked");
    tree.write("deleted.py", "x");
    // Tracked all the same: ignored files, and one that is gone.
    git(folder.path(), &["add", "--force", "tracked.log", "plain.py", "deleted.py", "secret.key", "sub"]);
    git(folder.path(), &["commit", "--quiet", "--message", "some"]);
    fs::remove_file(folder.path().join("deleted.py")).unwrap();
    let scan = scanned(folder.path());
    assert_eq!(scan.files, listed(folder.path()));
    assert!(scan.files.contains(&"tracked.log".to_owned()) && scan.files.contains(&"new\nline.py".to_owned()));
    assert!(!scan.files.contains(&"anchored".to_owned()));
    assert_eq!(scan.skipped.get("deleted"), Some(&1));
    assert_eq!(scan.commit.as_deref(), Some(git(folder.path(), &["rev-parse", "HEAD"]).as_str()));
    // A part of the repository, by itself.
    assert_eq!(scanned(&folder.path().join("sub")).files, listed(&folder.path().join("sub")));
}

#[test]
fn a_plain_folder_has_the_same_files() {
    let folder = tempfile::tempdir().unwrap();
    odd_tree(folder.path());
    let expected = listed(folder.path());
    fs::remove_dir_all(folder.path().join(".git")).unwrap();
    let scan = scanned(folder.path());
    assert_eq!(scan.files, expected);
    assert_eq!(scan.commit, None);
    assert_eq!(warnings(scan), [("noRepository".to_owned(), 1)]);
}

#[test]
fn a_file_in_conflict_is_listed_once() {
    let folder = tempfile::tempdir().unwrap();
    let tree = Remote::new(folder.path());
    tree.write("a.py", "one\n");
    let first = tree.commit();
    tree.write("a.py", "two\n");
    tree.commit();
    git(folder.path(), &["checkout", "--quiet", "-b", "side", &first]);
    tree.write("a.py", "three\n");
    tree.commit();
    let merge = crate::support::git_command(folder.path()).args(["merge", "--quiet", "main"]).output().unwrap();
    assert!(!merge.status.success());
    assert_eq!(git(folder.path(), &["ls-files", "a.py"]).lines().count(), 3);
    assert_eq!(scanned(folder.path()).files, ["a.py"]);
}

#[test]
fn what_is_no_file_of_the_repository_is_counted_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let tree = Remote::new(root);
    let inner = Remote::new(&root.join("inner"));
    inner.write("x.py", "x");
    inner.commit();
    tree.write("real/a.py", "x");
    tree.write("README", "x");
    tree.write("readme", "x");
    tree.write("Stra\u{df}e/\u{c9}.py", "x");
    tree.write("stra\u{df}e/\u{e9}.py", "x");
    fs::write(root.join(OsStr::from_bytes(b"caf\xe9.ts")), "x").unwrap();
    symlink("real/a.py", root.join("link.py")).unwrap();
    symlink("/etc", root.join("etc")).unwrap();
    symlink("missing", root.join("dangling")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, root.join("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    tree.write("moved/b.py", "x");
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "--message", "all"]);
    // A tracked folder that was put elsewhere, with a link in its place.
    let outside = tempfile::tempdir().unwrap();
    fs::rename(root.join("moved"), outside.path().join("moved")).unwrap();
    symlink(outside.path().join("moved"), root.join("moved")).unwrap();
    for plain in [false, true] {
        if plain {
            fs::remove_dir_all(root.join(".git")).unwrap();
        }
        let scan = scanned(root);
        let mut files = vec!["README", "Stra\u{df}e/\u{c9}.py", "readme", "real/a.py", "stra\u{df}e/\u{e9}.py"];
        if plain {
            files.insert(2, "inner/x.py");
        }
        assert_eq!(scan.files, files);
        assert_eq!(scan.skipped.get("nonUtf8Path"), Some(&1));
        assert_eq!(scan.skipped.get("symlink"), Some(&if plain { 4 } else { 5 }), "{:?}", scan.skipped);
        // git never lists what is no file; without it, it is met.
        assert_eq!(scan.skipped.get("specialFile"), plain.then_some(&1));
        assert_eq!(scan.skipped.get("submodule"), (!plain).then_some(&1));
        let warnings = warnings(scan);
        assert!(warnings.contains(&("caseCollision".to_owned(), 2)), "{warnings:?}");
        assert!(warnings.contains(&("nonUtf8Path".to_owned(), 1)), "{warnings:?}");
    }
}

#[test]
fn pointers_of_git_lfs_stay_files_and_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let tree = Remote::new(folder.path());
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    tree.write("a.bin", pointer);
    tree.write("sub/b.bin", pointer);
    tree.write("c.txt", "version https://git-lfs.github.com/spec/v2\n");
    tree.write("large.bin", &format!("{pointer}{}", "x".repeat(2000)));
    assert_eq!(warnings(scanned(folder.path())), [], "nothing says that LFS is used");
    tree.write("sub/.gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    let scan = scanned(folder.path());
    assert_eq!(scan.files, ["a.bin", "c.txt", "large.bin", "sub/.gitattributes", "sub/b.bin"]);
    let list = scan.warnings.into_list();
    assert_eq!((list[0].code.as_str(), list[0].count), ("lfsPointer", 2));
    assert!(list[0].message.ends_with(": a.bin"), "{}", list[0].message);
}

#[test]
fn gantryignore_leaves_out_tracked_files_and_brings_back_built_in_folders() {
    let folder = tempfile::tempdir().unwrap();
    let tree = Remote::new(folder.path());
    for path in [
        "keep.py",
        "gen/a.py",
        "gen/keep.py",
        "vendor/lib/a.go",
        "vendor/other/b.go",
        "node_modules/x/i.js",
        "dist/a.js",
        "deep/dist/b.js",
        "deep/gen2/c.py",
        "src/bin/tool.rs",
        "docs/a.md",
        "docs/api/b.md",
    ] {
        tree.write(path, "x");
    }
    tree.write(
        ".gantryignore",
        "# generated\ngen/*\n!gen/keep.py\n!/dist/\n!vendor/\nvendor/other/\n*.md\n!/docs/api/\n",
    );
    tree.write("deep/.gantryignore", "gen2/\n!dist/\n");
    tree.write("docs/.gantryignore", "!a.md\n");
    let expected = [
        ".gantryignore",
        "deep/.gantryignore",
        "deep/dist/b.js",
        "dist/a.js",
        "docs/.gantryignore",
        "docs/a.md",
        "gen/keep.py",
        "keep.py",
        "src/bin/tool.rs",
        "vendor/lib/a.go",
    ];
    for state in ["untracked", "tracked", "plain"] {
        match state {
            "tracked" => drop(tree.commit()),
            "plain" => fs::remove_dir_all(folder.path().join(".git")).unwrap(),
            _ => {}
        }
        let scan = scanned(folder.path());
        assert_eq!(scan.files, expected, "{state}");
        if state == "tracked" {
            assert_eq!(scan.skipped.get("gantryignore"), Some(&4));
            assert_eq!(scan.skipped.get("ignoredFolder"), Some(&1));
        }
    }
}

#[test]
fn a_gantryignore_that_cannot_be_read_is_told_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let tree = Remote::new(folder.path());
    for name in ["large", "link", "bad", "latin"] {
        tree.write(&format!("{name}/a.py"), "x");
    }
    tree.write("large/.gantryignore", &"*\n".repeat(200_000));
    tree.write("bad/.gantryignore", "a[\n");
    fs::write(folder.path().join("latin/.gantryignore"), b"caf\xe9\na.py\r\n").unwrap();
    tree.write("patterns", "*\n");
    symlink("../patterns", folder.path().join("link/.gantryignore")).unwrap();
    let scan = scanned(folder.path());
    for (path, there) in [("large/a.py", true), ("link/a.py", true), ("bad/a.py", true), ("latin/a.py", false)] {
        assert_eq!(scan.files.contains(&path.to_owned()), there, "{path}");
    }
    assert!(warnings(scan).iter().any(|(code, _)| code == "ignoreFile"));
}
