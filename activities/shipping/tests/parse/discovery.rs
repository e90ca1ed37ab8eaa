use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use shipping::{
    config::Homes,
    discovery::{Found, discover, discover_paths, is_temporary_name},
    provider::{by_name, of_path, registry},
};
use tempfile::TempDir;

const HASH: &str = "0123456789abcdef0123456789abcdef";

fn home(files: &[&str]) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for file in files {
        put(home.path(), file, "{}\n");
    }
    home
}

fn put(home: &Path, file: &str, text: &str) -> PathBuf {
    let path = home.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

/// Provider and path below the home of each file.
fn names(home: &TempDir, found: &Found) -> Vec<String> {
    let name = |path: &Path| path.strip_prefix(home.path()).unwrap().display().to_string();
    found.files.iter().map(|file| format!("{} {}", file.provider.name(), name(&file.path))).collect()
}

#[test]
fn sessions_of_all_agents_are_found_at_any_depth() {
    let home = home(&[
        ".claude/projects/p/a.jsonl",
        ".claude/projects/p/u/subagents/agent-1.jsonl",
        ".claude/projects/p/u/subagents/workflows/w/agent-2.jsonl",
        ".claude/projects/p/notes.json",
        ".claude/history.jsonl",
        ".codex/sessions/2026/02/15/rollout-x.jsonl",
        ".codex/sessions/2026/x.json",
        ".gemini/sessions/s.json",
        ".gemini/sessions/s.jsonl",
        &format!(".gemini/tmp/{HASH}/chats/session-1.json"),
        &format!(".gemini/tmp/{HASH}/session-2.json"),
        &format!(".gemini/tmp/{HASH}/logs.json"),
        &format!(".gemini/tmp/{HASH}/chats/old/session-3.json"),
        ".gemini/tmp/short/chats/session-4.json",
        ".gemini/tmp/zz23456789abcdef0123456789abcdef/session-5.json",
    ]);
    let homes = Homes::under(home.path());
    let found = discover(&homes, registry());
    assert_eq!(
        names(&home, &found),
        [
            "claude .claude/projects/p/a.jsonl".to_owned(),
            "claude .claude/projects/p/u/subagents/agent-1.jsonl".into(),
            "claude .claude/projects/p/u/subagents/workflows/w/agent-2.jsonl".into(),
            "codex .codex/sessions/2026/02/15/rollout-x.jsonl".into(),
            "gemini .gemini/sessions/s.json".into(),
            format!("gemini .gemini/tmp/{HASH}/chats/session-1.json"),
            format!("gemini .gemini/tmp/{HASH}/session-2.json"),
        ]
    );
    assert!(found.warnings.is_empty());
    assert_eq!(found.files[0].bytes, 3);
    assert!(found.files[0].modified.seconds() > 1_700_000_000);
    for file in &found.files {
        assert_eq!(of_path(&homes, &file.path).unwrap().name(), file.provider.name());
    }
    let codex = discover(&homes, &[by_name("codex").unwrap()]);
    assert_eq!(names(&home, &codex), ["codex .codex/sessions/2026/02/15/rollout-x.jsonl"]);
}

#[test]
fn what_is_no_file_with_content_is_no_session() {
    let home = home(&[".claude/projects/p/a.jsonl", "elsewhere/b.jsonl"]);
    let projects = home.path().join(".claude/projects");
    fs::create_dir(projects.join("folder.jsonl")).unwrap();
    fs::write(projects.join("empty.jsonl"), "").unwrap();
    symlink(home.path().join("elsewhere/b.jsonl"), projects.join("link.jsonl")).unwrap();
    symlink(home.path().join("elsewhere"), projects.join("linked")).unwrap();
    symlink(&projects, projects.join("p/loop")).unwrap();
    // The walk does not ask for names of files on their way.
    fs::write(projects.join(".hidden.jsonl"), "{}\n").unwrap();
    let found = discover(&Homes::under(home.path()), registry());
    assert_eq!(names(&home, &found), ["claude .claude/projects/.hidden.jsonl", "claude .claude/projects/p/a.jsonl"]);
    assert!(found.warnings.is_empty());
}

#[test]
fn a_home_without_agents_is_empty_and_silent() {
    let home = home(&[]);
    let found = discover(&Homes::under(home.path()), registry());
    assert!(found.files.is_empty() && found.warnings.is_empty());
}

#[test]
fn what_cannot_be_searched_is_a_warning() {
    let home = home(&[".claude/projects", ".codex/sessions/a.jsonl"]);
    let found = discover(&Homes::under(home.path()), registry());
    assert_eq!(found.files.len(), 1);
    assert_eq!(found.warnings.len(), 1);
    assert!(found.warnings[0].contains(".claude/projects"), "{:?}", found.warnings);
}

#[test]
fn named_files_are_recognised_by_place_then_content_then_extension() {
    let home = home(&[".claude/projects/p/a.jsonl"]);
    let put = |file: &str, text: &str| put(home.path(), file, text);
    let codex = put("x/1.jsonl", "{\"timestamp\":\"t\",\"type\":\"session_meta\",\"payload\":{\"id\":\"i\"}}\n");
    let claude = put("x/2.jsonl", "\n{\"type\":\"summary\",\"leafUuid\":\"l\"}\n");
    let gemini = put("x/3.json", "{\n \"sessionId\": \"s\",\n \"messages\": []\n}");
    let list = put("x/4.json", "[]");
    let unknown = put("x/5.jsonl", "not json\n");
    let other = put("x/6.json", "{}");
    let renamed = put("x/7.json", "{\"type\":\"response_item\",\"payload\":{}}\n");
    let cut = put(
        "x/8.jsonl",
        &format!("{{\"type\":\"session_meta\",\"payload\":{{\"instructions\":\"{}", "x".repeat(400_000)),
    );
    put("x/9.txt", "{\"payload\":{}}\n");
    let homes = Homes::under(home.path());
    let found = discover_paths(&homes, registry(), &[home.path().join("x")]);
    let owners = |found: &Found| found.files.iter().map(|file| file.provider.name()).collect::<Vec<_>>();
    assert_eq!(owners(&found), ["codex", "claude", "gemini", "gemini", "claude", "gemini", "codex", "codex"]);
    assert!(found.warnings.is_empty());
    let all = [codex, claude, gemini, list, unknown, other, renamed, cut];
    let one_by_one = discover_paths(&homes, registry(), &all.into_iter().rev().collect::<Vec<_>>());
    assert_eq!(names(&home, &one_by_one), names(&home, &found));
    // By place: what is in it does not matter.
    let own = discover_paths(&homes, registry(), &[home.path().join(".claude")]);
    assert_eq!(names(&home, &own), ["claude .claude/projects/p/a.jsonl"]);
}

#[test]
fn a_path_that_gives_nothing_is_a_warning() {
    let home = home(&["x/a.jsonl"]);
    let homes = Homes::under(home.path());
    put(home.path(), "x/b.txt", "x");
    put(home.path(), "x/c.jsonl", "");
    fs::create_dir(home.path().join("y")).unwrap();
    let paths = ["missing", "x/b.txt", "x/c.jsonl", "y", "x/a.jsonl"].map(|path| home.path().join(path));
    let found = discover_paths(&homes, registry(), &paths);
    assert_eq!(names(&home, &found), ["claude x/a.jsonl"]);
    assert_eq!(found.warnings.len(), 4, "{:?}", found.warnings);
    let none = discover_paths(&homes, &[by_name("gemini").unwrap()], &paths[4..]);
    assert!(none.files.is_empty() && none.warnings[0].contains("no session of gemini"), "{:?}", none.warnings);
}

#[test]
fn names_of_files_on_their_way_are_known() {
    for name in [".a.jsonl", "~a.jsonl", "a.jsonl~", ".#a.jsonl", "a.jsonl.swp", "a.jsonl.tmp", "/x/.a"] {
        assert!(is_temporary_name(Path::new(name)), "{name}");
    }
    for name in ["a.jsonl", "/x/.claude/a.jsonl", "a.tmp.jsonl", "a~b.jsonl"] {
        assert!(!is_temporary_name(Path::new(name)), "{name}");
    }
}
