//! `indexRepo` on real sources: folders, repositories, clones, and what can be wrong with them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{fs, os::unix::process::CommandExt, path::Path};

use contracts::errors::ErrorType;
use e2e::{FailedRun, GitServer, Process, Repository, Run, World, binary, git, non_utf8_name};
use serde_json::{Value, json};

async fn world() -> (World, Process, Process) {
    let world = World::new().await;
    let workers = (world.heavy_worker(&[]), world.workflow_worker());
    (world, workers.0, workers.1)
}

fn failed(error_type: ErrorType) -> impl Fn(&Result<contracts::workflows::IndexRepoOutput, FailedRun>) -> bool {
    move |result| matches!(result, Err(FailedRun::Failed(Some(t), Some(_), _)) if *t == error_type)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_and_its_clones_give_the_same_graph() {
    let (world, _heavy, workflows) = world().await;
    let sample = Repository::sample(&world.path("srv/sample"));
    let commit = git(&sample.folder, &["rev-parse", "HEAD"]);
    let server = GitServer::start(&world.path("srv"), Some("bWU6b3BlbiBzZXNhbWU=")).await;
    let password = world.path("password");
    fs::write(&password, "me:open sesame\n").unwrap();
    let client = world.client().await;

    let sources = [
        json!({ "path": sample.folder }),
        json!({ "repoUrl": format!("file://{}", sample.folder.display()) }),
        json!({ "repoUrl": server.url("sample"), "credential": format!("file:{}", password.display()) }),
        json!({ "repoUrl": server.url("sample"), "branch": "main", "credential": format!("file:{}", password.display()) }),
    ];
    let mut exports = Vec::new();
    for source in sources {
        let run = Run::start(&client, "same", source.clone()).await;
        let output = run.result().await.unwrap();
        assert_eq!(output.commit.as_ref(), Some(&commit), "{source}");
        assert_eq!((output.counts.files, output.counts.by_kind["function"], output.counts.by_kind["class"]), (6, 7, 2));
        assert_eq!(output.warnings, [], "{source}");
        assert!(!run.history().await.contains("open sesame"));
        exports.push(world.export());
    }
    assert!(exports.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(!workflows.printed().contains("open sesame"));
    insta::assert_snapshot!("sample_graph", exports[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_follows_what_changed_and_ends_like_a_first_one() {
    let (world, _heavy, _workflows) = world().await;
    let sample = Repository::sample(&world.path("sample"));
    let client = world.client().await;
    let index =
        async |id: &str| Run::start(&client, id, json!({ "path": sample.folder })).await.result().await.unwrap();
    index("r").await;
    let unchanged = index("r").await;
    assert_eq!((unchanged.unchanged, unchanged.removed), (6, 0));

    fs::remove_file(sample.folder.join("lib/tool.js")).unwrap();
    fs::rename(sample.folder.join("tool.py"), sample.folder.join("moved.py")).unwrap();
    sample.write("src/view.tsx", b"export function Table() { return null; }\n");
    let changed = index("r").await;
    // README.md, package.json and shapes.ts stay; Row, its two edges; the two files that are gone with all they held.
    assert_eq!((changed.unchanged, changed.counts.files), (3, 5));
    assert!(changed.removed > 10, "{}", changed.removed);
    let followed = world.export();

    let fresh = World::new().await;
    let (_heavy, _workflows) =
        (fresh.heavy_worker(&[("GANTRY_ALLOWED_ROOTS", world.path("").to_str().unwrap())]), fresh.workflow_worker());
    Run::start(&fresh.client().await, "r", json!({ "path": sample.folder })).await.result().await.unwrap();
    assert_eq!(followed, fresh.export());
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_files_are_counted_and_the_rest_is_indexed() {
    let (world, _heavy, _workflows) = world().await;
    let odd = Repository::new(&world.path("odd"));
    odd.write("good.ts", b"export function good() {}\n");
    odd.write("picture.ts", b"\x89PNG\0\0");
    odd.write("latin.py", b"def caf\xe9():\n    pass\n\ndef plain():\n    pass\n");
    odd.write("line.js", &vec![b'x'; 50 * 1024 * 1024]);
    odd.write("broken.ts", b"export function half( {\n");
    odd.write_bytes(non_utf8_name(), b"function lost() {}\n");
    odd.write("Gr\u{f6}\u{df}e.ts", "export const stra\u{df}e = () => 1;\n".as_bytes());
    for (link, target) in [("loop", "loop"), ("up", ".."), ("etc", "/etc")] {
        std::os::unix::fs::symlink(target, odd.folder.join(link)).unwrap();
    }
    odd.commit();
    let output = Run::start(&world.client().await, "odd", json!({ "path": odd.folder })).await.result().await.unwrap();
    assert_eq!(output.counts.files, 6);
    let skipped: Value = serde_json::to_value(&output.skipped).unwrap();
    assert_eq!(skipped, json!({ "binary": 1, "nonUtf8Path": 1, "symlink": 3, "tooLarge": 1 }));
    let codes: Vec<&str> = output.warnings.iter().map(|w| w.code.as_str()).collect();
    assert_eq!(codes, ["nonUtf8Path", "symlink", "notUtf8", "syntaxErrors", "tooLarge"]);
    let export = world.export();
    for name in ["good", "stra\u{df}e", "plain"] {
        assert!(export.contains(&format!("\"name\":\"{name}\"")), "{name}");
    }
    assert!(!export.contains("\"name\":\"lost\"") && !export.contains("passwd"));
    let large = export.lines().find(|l| l.contains("\"name\":\"line.js\"")).unwrap();
    assert!(large.contains("\"lines\":1,\"bytes\":52428800"), "{large}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_folder_and_empty_repositories_are_indexed_with_a_warning() {
    let (world, _heavy, _workflows) = world().await;
    let client = world.client().await;
    let plain = world.path("plain");
    fs::create_dir_all(plain.join("node_modules/x")).unwrap();
    fs::write(plain.join("a.py"), "def f():\n    pass\n").unwrap();
    fs::write(plain.join("secret.py"), "x = 1\n").unwrap();
    fs::write(plain.join(".gitignore"), "secret.py\n").unwrap();
    fs::write(plain.join("node_modules/x/index.js"), "function g() {}\n").unwrap();
    std::os::unix::fs::symlink(&plain, plain.join("loop")).unwrap();
    let output = Run::start(&client, "plain", json!({ "path": plain })).await.result().await.unwrap();
    assert_eq!((output.counts.files, output.commit), (2, None));
    assert!(output.warnings.iter().any(|w| w.code == "noRepository"), "{:?}", output.warnings);

    let empty = Repository::new(&world.path("empty"));
    let url = json!({ "repoUrl": format!("file://{}", empty.folder.display()) });
    for source in [json!({ "path": empty.folder }), url] {
        let output = Run::start(&client, "empty", source).await.result().await.unwrap();
        assert_eq!((output.counts.entities, output.commit), (0, None));
        assert!(output.warnings.iter().any(|w| w.code == "noFiles"), "{:?}", output.warnings);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_indexed_fails_once_with_a_type_and_a_hint() {
    let (world, _heavy, _workflows) = world().await;
    let client = world.client().await;
    Repository::sample(&world.path("srv/sample"));
    fs::write(world.path("file"), "").unwrap();
    fs::create_dir(world.path("nothing")).unwrap();
    let server = GitServer::start(&world.path("srv"), Some("bWU6b3BlbiBzZXNhbWU=")).await;
    let url = |path: &str| format!("file://{}", world.path(path).display());
    let cases = [
        (json!({ "path": world.path("missing") }), ErrorType::NotFound),
        (json!({ "path": world.path("file") }), ErrorType::InvalidInput),
        (json!({ "path": "/etc" }), ErrorType::PathEscape),
        (json!({ "path": world.path("srv/../../..") }), ErrorType::PathEscape),
        (json!({ "repoUrl": "file:///etc" }), ErrorType::PathEscape),
        (json!({ "repoUrl": url("nothing") }), ErrorType::NotFound),
        (json!({ "repoUrl": url("missing") }), ErrorType::NotFound),
        (json!({ "repoUrl": server.url("sample") }), ErrorType::AuthRejected),
        (json!({ "repoUrl": server.url("sample"), "credential": "env:NOT_SET_ANYWHERE" }), ErrorType::NotFound),
        (json!({ "repoUrl": url("srv/sample"), "branch": "no-such-branch" }), ErrorType::NotFound),
        (json!({ "repoUrl": "https://me:secret@localhost/x" }), ErrorType::InvalidInput),
        (json!({ "repoUrl": "--upload-pack=/bin/true" }), ErrorType::InvalidInput),
        (json!({}), ErrorType::InvalidInput),
    ];
    for (n, (source, expected)) in cases.into_iter().enumerate() {
        let run = Run::start(&client, &format!("bad{n}"), source.clone()).await;
        let result = run.result().await;
        assert!(failed(expected)(&result), "{source}: {result:?}");
        let Err(FailedRun::Failed(_, Some(details), _)) = result else { unreachable!() };
        assert!(!details.what.is_empty() && !details.r#where.is_empty() && !details.hint.is_empty(), "{details:?}");
        assert!(!run.history().await.contains("\"attempt\": 2"), "{source} was tried again");
    }
    assert_eq!(world.export(), "");
    assert_no_checkout(&world.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_the_worker_may_not_read_is_told_apart_from_one_that_is_not_there() {
    let world = World::new().await;
    let _workflows = world.workflow_worker();
    let closed = world.path("closed");
    fs::create_dir(&closed).unwrap();
    let mode = |path: &Path, bits| {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(bits)).unwrap();
    };
    mode(&closed, 0o000);
    // Root may read everything, so as root the worker runs as somebody else, from a place that anybody can reach.
    let mut command = world.command(&binary("gantry-heavy-compute"));
    if rustix::process::geteuid().is_root() {
        let copy = world.path("gantry-heavy-compute");
        fs::copy(binary("gantry-heavy-compute"), &copy).unwrap();
        command = world.command(&copy);
        command.uid(65534).gid(65534);
        for folder in [world.path("."), world.state.clone()] {
            mode(&folder, 0o777);
        }
    }
    let _heavy = Process::start(command, &world.path("heavy-compute.log"));
    let client = world.client().await;
    let result = Run::start(&client, "closed", json!({ "path": closed })).await.result().await;
    assert!(failed(ErrorType::PermissionDenied)(&result), "{result:?}");
    mode(&closed, 0o755);
    fs::write(closed.join("a.ts"), "").unwrap();
    mode(&closed.join("a.ts"), 0o000);
    let output = Run::start(&client, "closed", json!({ "path": closed })).await.result().await.unwrap();
    assert_eq!(output.skipped["unreadable"], 1);
    assert!(output.warnings.iter().any(|w| w.code == "unreadable"), "{:?}", output.warnings);
}

/// Nothing that failed left a checkout, whole or half.
fn assert_no_checkout(state: &Path) {
    let workspaces =
        fs::read_dir(state.join("workspaces")).map(|d| d.flatten().collect::<Vec<_>>()).unwrap_or_default();
    for workspace in workspaces {
        let names: Vec<_> = fs::read_dir(workspace.path()).unwrap().flatten().map(|e| e.file_name()).collect();
        assert!(names.iter().all(|n| n == "lock"), "{names:?}");
    }
}
