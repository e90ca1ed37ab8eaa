//! One workspace on its way through the states of its repository.

use std::{fs, sync::Arc, thread};

use contracts::errors::ErrorType;
use heavy_compute::workspace;
use kit::{Job, WorkError};
use serde_json::{Value, json};

use crate::support::{Host, Remote, failure, files, git};

/// Prepares, and asserts that the files are those of the commit.
#[expect(clippy::needless_pass_by_value, reason = "called with json!")]
fn assert_brings(host: &Host, remote: &Remote, fields: Value, commit: &str) {
    let mut input = json!({ "repoUrl": remote.url(), "force": true });
    input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let output = host.prepare(input).unwrap();
    assert_eq!(output.commit.as_deref(), Some(commit), "{fields}");
    assert_eq!(files(&host.checkout()), remote.tree(commit), "{fields}");
    let parts: Vec<_> = fs::read_dir(host.home()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(parts.len(), 4, "{parts:?}");
}

#[test]
fn it_follows_branches_tags_commits_and_forced_pushes() {
    let host = Host::new();
    let remote = host.remote();
    remote.write("a", "one");
    remote.write("folder/b", "one");
    let first = remote.commit();
    git(&remote.0, &["tag", "light"]);
    git(&remote.0, &["tag", "--annotate", "heavy", "--message", "heavy"]);
    assert_brings(&host, &remote, json!({}), &first);
    fs::remove_dir_all(remote.0.join("folder")).unwrap();
    remote.write("folder", "a file now");
    let second = remote.commit();
    assert_brings(&host, &remote, json!({}), &second);
    assert_brings(&host, &remote, json!({ "tag": "light" }), &first);
    assert_brings(&host, &remote, json!({ "branch": "main" }), &second);
    assert_brings(&host, &remote, json!({ "commit": first }), &first);
    git(&remote.0, &["checkout", "--quiet", "-b", "feature/x", &first]);
    remote.write("folder/c", "two");
    let side = remote.commit();
    assert_brings(&host, &remote, json!({ "branch": "feature/x" }), &side);
    assert_brings(&host, &remote, json!({ "tag": "heavy" }), &first);
    git(&remote.0, &["checkout", "--quiet", "--orphan", "other"]);
    remote.write("a", "unrelated");
    let orphan = remote.commit();
    git(&remote.0, &["branch", "--force", "main", &orphan]);
    assert_brings(&host, &remote, json!({ "branch": "main" }), &orphan);
    // What somebody did to the checkout is undone.
    fs::write(host.checkout().join("a"), "changed").unwrap();
    fs::write(host.checkout().join("new"), "new").unwrap();
    assert_brings(&host, &remote, json!({ "branch": "main" }), &orphan);
    assert_brings(&host, &remote, json!({ "commit": side }), &side);
}

#[test]
fn only_the_state_itself_is_fetched() {
    let host = Host::new();
    let remote = host.remote();
    for n in 0..5 {
        remote.write("a", &n.to_string());
        remote.commit();
    }
    host.prepare(json!({ "repoUrl": remote.url() })).unwrap();
    let cache = host.home().join("cache.git");
    assert_eq!(git(&cache, &["rev-list", "--count", "refs/gantry/wanted"]), "1");
    assert_eq!(git(&cache, &["rev-parse", "--is-bare-repository"]), "true");
}

#[test]
fn an_update_brings_only_what_is_new_and_many_stay_few_packs() {
    let host = Host::new();
    let remote = host.remote();
    for n in 0..200 {
        remote.write(&format!("d/f{n}"), &n.to_string().repeat(100));
    }
    remote.commit();
    host.prepare(json!({ "repoUrl": remote.url() })).unwrap();
    let packs = host.home().join("cache.git/objects/pack");
    let sizes = || {
        let packs = fs::read_dir(&packs).unwrap().map(|e| e.unwrap());
        packs
            .filter(|e| e.path().extension().is_some_and(|e| e == "pack"))
            .map(|e| e.metadata().unwrap().len())
            .collect::<Vec<_>>()
    };
    let first = sizes();
    for n in 0..45 {
        remote.write("a", &n.to_string());
        let commit = remote.commit();
        let output = host.prepare(json!({ "repoUrl": remote.url(), "force": true })).unwrap();
        assert_eq!(output.commit.unwrap(), commit);
        if n == 0 {
            let second = sizes();
            assert_eq!(second.len(), 2);
            assert!(second.iter().sum::<u64>() < first[0] + first[0] / 2, "{first:?} {second:?}");
        }
    }
    assert!(sizes().len() < 45, "{:?}", sizes());
    assert_eq!(fs::read_to_string(host.checkout().join("a")).unwrap(), "44");
}

#[test]
fn another_url_another_repository() {
    let host = Host::new();
    let (one, two) = (Remote::new(&host.path("one")), Remote::new(&host.path("two")));
    one.write("a", "1");
    two.write("b", "2");
    let (first, second) = (one.commit(), two.commit());
    assert_brings(&host, &one, json!({}), &first);
    // Not taken for fresh, though it was fetched a moment ago.
    let output = host.prepare(json!({ "repoUrl": two.url() })).unwrap();
    assert_eq!((output.commit, output.fresh), (Some(second.clone()), false));
    assert_eq!(files(&host.checkout()), two.tree(&second));
}

#[test]
fn a_fresh_checkout_is_taken_as_it_is() {
    let host = Host::new();
    let remote = host.remote();
    remote.write("a", "1");
    let first = remote.commit();
    let prepare = |fields: Value| {
        let mut input = json!({ "repoUrl": remote.url() });
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        host.prepare(input).unwrap()
    };
    assert!(!prepare(json!({})).fresh);
    remote.write("a", "2");
    let second = remote.commit();
    let again = prepare(json!({}));
    assert_eq!((again.fresh, again.commit), (true, Some(first.clone())));
    assert!(!prepare(json!({ "branch": "main" })).fresh);
    assert!(prepare(json!({ "branch": "main" })).fresh);
    let forced = prepare(json!({ "branch": "main", "force": true }));
    assert_eq!((forced.fresh, forced.commit), (false, Some(second)));
    fs::remove_file(host.checkout().join(".git")).unwrap();
    assert!(!prepare(json!({ "branch": "main" })).fresh, "what has lost its repository is not whole");
}

#[test]
fn an_empty_repository_gets_its_first_commit() {
    let host = Host::new();
    let remote = host.remote();
    let empty = host.prepare(json!({ "repoUrl": remote.url() })).unwrap();
    assert_eq!((empty.commit, empty.file_count), (None, 0));
    assert!(empty.warnings.iter().any(|w| w.code == "emptyRepository"));
    assert!(host.prepare(json!({ "repoUrl": remote.url() })).unwrap().fresh);
    remote.write("a", "1");
    let first = remote.commit();
    assert_brings(&host, &remote, json!({}), &first);
    let other = Remote::new(&host.path("other"));
    let emptied = host.prepare(json!({ "repoUrl": other.url() })).unwrap();
    assert_eq!((emptied.commit, emptied.file_count), (None, 0));
}

#[test]
fn a_damaged_cache_is_made_anew() {
    let host = Host::new();
    let remote = host.remote();
    for n in 0..20 {
        remote.write(&format!("d/f{n}"), &n.to_string());
    }
    let first = remote.commit();
    assert_brings(&host, &remote, json!({}), &first);
    remote.write("d/f0", "changed");
    let commit = remote.commit();
    let cache = host.home().join("cache.git");
    let damage: [(&str, &dyn Fn()); 11] = [
        ("no HEAD", &|| fs::remove_file(cache.join("HEAD")).unwrap()),
        ("a bad HEAD", &|| fs::write(cache.join("HEAD"), "?").unwrap()),
        ("no objects", &|| fs::remove_dir_all(cache.join("objects")).unwrap()),
        ("no packs", &|| fs::remove_dir_all(cache.join("objects/pack")).unwrap()),
        ("bad packs", &|| {
            for entry in fs::read_dir(cache.join("objects/pack")).unwrap().map(|e| e.unwrap()) {
                fs::remove_file(entry.path()).unwrap();
                fs::write(entry.path(), "PACK?").unwrap();
            }
        }),
        ("a bad reference", &|| fs::write(cache.join("refs/gantry/wanted"), "0".repeat(40)).unwrap()),
        ("a bad configuration", &|| fs::write(cache.join("config"), "[").unwrap()),
        ("a bad list of shallow commits", &|| fs::write(cache.join("shallow"), "?\n").unwrap()),
        ("a bad index", &|| fs::write(cache.join("worktrees/checkout/index"), "DIRC?").unwrap()),
        ("no registration", &|| fs::remove_dir_all(cache.join("worktrees")).unwrap()),
        ("no cache", &|| fs::remove_dir_all(&cache).unwrap()),
    ];
    for (what, damage) in damage {
        damage();
        let output = host.prepare(json!({ "repoUrl": remote.url(), "force": true }));
        assert_eq!(output.unwrap_or_else(|e| panic!("{what}: {e:?}")).commit.as_ref(), Some(&commit), "{what}");
        assert_eq!(files(&host.checkout()), remote.tree(&commit), "{what}");
    }
}

#[test]
fn what_a_killed_git_leaves_is_in_nobodys_way() {
    let host = Host::new();
    let remote = host.remote();
    remote.write("a", "1");
    let first = remote.commit();
    assert_brings(&host, &remote, json!({}), &first);
    let cache = host.home().join("cache.git");
    for path in [
        "HEAD.lock",
        "shallow.lock",
        "shallow_x1y2z3",
        "config.lock",
        "packed-refs.lock",
        "refs/gantry/wanted.lock",
        "worktrees/checkout/index.lock",
        "worktrees/checkout/HEAD.lock",
        "objects/pack/tmp_pack_x1y2z3",
    ] {
        fs::write(cache.join(path), "").unwrap();
    }
    fs::create_dir(host.home().join("partial-x1y2z3")).unwrap();
    fs::write(cache.join("the same cache"), "").unwrap();
    remote.write("b", "2");
    let second = remote.commit();
    assert_brings(&host, &remote, json!({}), &second);
    assert!(!cache.join("objects/pack/tmp_pack_x1y2z3").exists());
    assert!(cache.join("the same cache").exists(), "it was fetched as a whole");
}

#[test]
fn a_state_folder_that_was_moved_goes_on_working() {
    let host = Host::new();
    let remote = host.remote();
    remote.write("a", "1");
    let first = remote.commit();
    assert_brings(&host, &remote, json!({}), &first);
    let moved = host.path("moved");
    fs::rename(&host.settings.workspaces, &moved).unwrap();
    let host = Host { settings: heavy_compute::Settings { workspaces: moved, ..host.settings.clone() }, ..host };
    assert!(!host.prepare(json!({ "repoUrl": remote.url() })).unwrap().fresh);
    assert_brings(&host, &remote, json!({}), &first);
}

#[test]
fn what_is_not_there_fails_once_and_leaves_what_was_there() {
    let host = Host::new();
    let remote = host.remote();
    remote.write("a", "1");
    let first = remote.commit();
    git(&remote.0, &["tag", "blob", &git(&remote.0, &["rev-parse", "HEAD:a"])]);
    assert_brings(&host, &remote, json!({}), &first);
    let cases = [
        (json!({ "branch": "missing" }), ErrorType::NotFound),
        (json!({ "tag": "missing" }), ErrorType::NotFound),
        (json!({ "commit": "0123456789012345678901234567890123456789" }), ErrorType::NotFound),
        (json!({ "tag": "blob" }), ErrorType::InvalidInput),
    ];
    for (fields, expected) in cases {
        let mut input = json!({ "repoUrl": remote.url() });
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        assert_eq!(failure(host.prepare(input)).error_type, expected, "{fields}");
    }
    assert!(host.home().join("cache.git/HEAD").exists());
    assert_brings(&host, &remote, json!({}), &first);
}

#[test]
fn a_repository_that_has_no_history_itself_can_be_cloned() {
    let host = Host::new();
    let whole = Remote::new(&host.path("whole"));
    for n in 0..3 {
        whole.write("a", &n.to_string());
        whole.commit();
    }
    git(host.folder.path(), &["clone", "--quiet", "--depth=1", &whole.url(), "remote"]);
    let remote = Remote(host.path("remote"));
    let commit = git(&remote.0, &["rev-parse", "HEAD"]);
    assert_brings(&host, &remote, json!({}), &commit);
    assert_brings(&host, &remote, json!({ "commit": commit }), &commit);
}

#[test]
fn a_repository_of_another_user_is_refused_for_good_with_what_to_do() {
    // Only root can give a file away; what git says then is in a unit test, too.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let host = Host::new();
    let remote = host.remote();
    remote.write("a", "1");
    remote.commit();
    for folder in [remote.0.clone(), remote.0.join(".git")] {
        std::os::unix::fs::chown(folder, Some(65534), Some(65534)).unwrap();
    }
    let refused = failure(host.prepare(json!({ "repoUrl": remote.url() })));
    assert_eq!(refused.error_type, ErrorType::PermissionDenied, "{refused}");
    assert!(!refused.error_type.retryable() && refused.hint.contains("another user"), "{refused}");
    // As a folder it is only read.
    assert_eq!(host.prepare(json!({ "path": remote.0 })).unwrap().file_count, 1);
}

#[test]
fn two_attempts_at_one_repository_both_get_it() {
    let host = Arc::new(Host::new());
    let remote = host.remote();
    remote.write("a", "1");
    let first = remote.commit();
    let attempts: Vec<_> = (0..4)
        .map(|_| {
            let (host, url) = (host.clone(), remote.url());
            thread::spawn(move || host.prepare(json!({ "repoUrl": url, "force": true })).unwrap().commit)
        })
        .collect();
    for attempt in attempts {
        assert_eq!(attempt.join().unwrap().as_ref(), Some(&first));
    }
}

#[test]
fn nobody_changes_a_checkout_that_is_read() {
    let host = Host::new();
    let remote = host.remote();
    remote.write("a", "1");
    remote.commit();
    host.prepare(json!({ "repoUrl": remote.url() })).unwrap();
    let job = Job::<()>::detached();
    let reader = workspace::in_use(&job, &host.checkout()).unwrap();
    assert!(reader.is_some());
    assert!(host.prepare(json!({ "repoUrl": remote.url() })).unwrap().fresh, "a fresh one is read together");
    remote.write("a", "2");
    let second = remote.commit();
    let waiting = Arc::new(Job::<()>::detached());
    let input = json!({ "repoId": "r", "repoUrl": remote.url(), "force": true });
    let input: contracts::heavy_compute::PrepareWorkspaceInput = serde_json::from_value(input).unwrap();
    let attempt = thread::spawn({
        let (waiting, settings, input) = (waiting.clone(), host.settings.clone(), input.clone());
        move || heavy_compute::steps::prepare_workspace(&waiting, &settings, &input)
    });
    let mut beats = waiting.latest();
    while beats.borrow_and_update().progress.as_ref().is_none_or(|p| p.phase != "wait for another attempt") {
        thread::yield_now();
    }
    assert_eq!(fs::read_to_string(host.checkout().join("a")).unwrap(), "1");
    waiting.interrupt();
    assert_eq!(attempt.join().unwrap().unwrap_err(), WorkError::Interrupted);
    assert_eq!(fs::read_to_string(host.checkout().join("a")).unwrap(), "1");
    drop(reader);
    let output = heavy_compute::steps::prepare_workspace(&job, &host.settings, &input).unwrap();
    assert_eq!(output.commit, Some(second));
}

#[test]
fn a_local_folder_has_no_lock() {
    let host = Host::new();
    let folder = host.path("elsewhere/checkout");
    fs::create_dir_all(&folder).unwrap();
    fs::write(host.path("elsewhere/lock"), "mine").unwrap();
    let job = Job::<()>::detached();
    assert!(workspace::in_use(&job, &folder).unwrap().is_none());
    assert!(workspace::in_use(&job, host.folder.path()).unwrap().is_none());
    assert_eq!(fs::read_to_string(host.path("elsewhere/lock")).unwrap(), "mine");
}
