//! Repositories that want something run: nothing is.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;

use crate::support::{Host, Remote, files, git, settings};

/// Names the folder in which a child of this test works.
const CHILD: &str = "GANTRY_TEST_HOSTILE";

/// A program that leaves a trace when it is run.
fn trap(folder: &Path) -> PathBuf {
    let program = folder.join("trap");
    fs::write(&program, format!("#!/bin/sh\necho \"$0 $*\" >> '{}/sprung'\ncat\n", folder.display())).unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    program
}

fn sprung(folder: &Path) -> Option<String> {
    fs::read_to_string(folder.join("sprung")).ok()
}

fn hooks(folder: &Path, trap: &Path) {
    fs::create_dir_all(folder).unwrap();
    for hook in [
        "post-checkout",
        "post-merge",
        "pre-auto-gc",
        "post-index-change",
        "reference-transaction",
        "fsmonitor-watchman",
        "pre-receive",
        "post-rewrite",
        "post-update",
    ] {
        fs::copy(trap, folder.join(hook)).unwrap();
    }
}

/// Configuration with a trap wherever git would run something.
fn traps(trap: &Path) -> String {
    let trap = trap.display();
    format!(
        "[core]\n\tfsmonitor = {trap}\n\tsshCommand = {trap}\n\taskPass = {trap}\n\tpager = {trap}\n\teditor = {trap}\n\
         [filter \"lfs\"]\n\tsmudge = {trap}\n\tclean = {trap}\n\tprocess = {trap}\n\trequired = true\n\
         [filter \"mine\"]\n\tsmudge = {trap}\n\tclean = {trap}\n\
         [credential]\n\thelper = !{trap}\n[uploadpack]\n\tpackObjectsHook = {trap}\n\
         [diff]\n\texternal = {trap}\n[gc]\n\tauto = 1\n[submodule]\n\trecurse = true\n[fetch]\n\trecurseSubmodules = true\n"
    )
}

/// A repository with filters, a submodule, conversions and what archives leave out.
fn remote(host: &Host) -> (Remote, String) {
    let inner = Remote::new(&host.path("inner"));
    inner.write("inside", "x");
    let inside = inner.commit();
    let remote = host.remote();
    remote.write(
        ".gitattributes",
        "*.bin filter=lfs diff=lfs merge=lfs\n*.txt filter=mine ident eol=crlf\n*.utf working-tree-encoding=UTF-16\n\
         left-out export-ignore\nfilled-in export-subst\n*.bad working-tree-encoding=no-such-encoding\n",
    );
    remote.write("large.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 3\n");
    remote.write("text.txt", "one\ntwo $Id$\n");
    remote.write("left-out", "here all the same");
    remote.write("filled-in", "$Format:%H$");
    remote.write("script.sh", "#!/bin/sh\n");
    fs::set_permissions(remote.0.join("script.sh"), PermissionsExt::from_mode(0o755)).unwrap();
    remote.write(
        ".gitmodules",
        &format!("[submodule \"inner\"]\n\tpath = inner\n\turl = {}\n\tupdate = !touch\n", inner.url()),
    );
    git(&remote.0, &["update-index", "--add", "--cacheinfo", &format!("160000,{inside},inner")]);
    git(&remote.0, &["config", "filter.mine.smudge", "cat"]);
    remote.write("plain.utf", "text");
    remote.write("plain.bad", "text");
    // Committed as they are: the attributes come last.
    let attributes = fs::read(remote.0.join(".gitattributes")).unwrap();
    fs::remove_file(remote.0.join(".gitattributes")).unwrap();
    git(&remote.0, &["add", "."]);
    git(&remote.0, &["update-index", "--add", "--cacheinfo", &format!("160000,{inside},inner")]);
    git(&remote.0, &["commit", "--quiet", "--message", "files"]);
    fs::write(remote.0.join(".gitattributes"), attributes).unwrap();
    git(&remote.0, &["add", ".gitattributes"]);
    git(&remote.0, &["commit", "--quiet", "--message", "attributes"]);
    let commit = git(&remote.0, &["rev-parse", "HEAD"]);
    (remote, commit)
}

#[test]
fn a_clone_runs_nothing_of_the_repository_or_of_the_user() {
    let host = Host::new();
    let (remote, commit) = remote(&host);
    let home = host.path("home");
    fs::create_dir_all(home.join(".config/git")).unwrap();
    let trap = trap(host.folder.path());
    hooks(&host.path("hooks"), &trap);
    hooks(&host.path("template/hooks"), &trap);
    let settings = format!(
        "{}[init]\n\ttemplateDir = {}\n[core]\n\thooksPath = {}\n",
        traps(&trap),
        host.path("template").display(),
        host.path("hooks").display()
    );
    fs::write(home.join(".gitconfig"), &settings).unwrap();
    fs::write(home.join(".config/git/config"), &settings).unwrap();
    fs::write(home.join(".config/git/attributes"), "* filter=mine\n").unwrap();
    // What is run on the side of the remote is its owner's business; but this is the same host.
    hooks(&remote.0.join(".git/hooks"), &trap);
    fs::write(remote.0.join(".git/config"), format!("{}[core]\n\tbare = false\n", traps(&trap))).unwrap();
    let result = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hostile::child", "--nocapture"])
        .env(CHILD, host.folder.path())
        .env("HOME", &home)
        .env_remove("XDG_CONFIG_HOME")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "core.fsmonitor")
        .env("GIT_CONFIG_VALUE_0", &trap)
        .env("GIT_SSH", &trap)
        .env("SSH_ASKPASS", &trap)
        .env("GIT_TEMPLATE_DIR", host.path("template"))
        .output()
        .unwrap();
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stdout));
    assert_eq!(sprung(host.folder.path()), None);
    // The bytes that were committed, and nothing of the submodule.
    let mut expected = remote.tree(&commit);
    assert!(expected.remove("inner").is_some());
    assert_eq!(files(&host.checkout()), expected);
    assert_eq!(fs::read_dir(host.checkout().join("inner")).unwrap().count(), 0);
}

/// No test of its own: what the one above runs with an environment.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let settings = settings(Path::new(&folder));
    let url = format!("file://{}/remote", Path::new(&folder).display());
    for _ in 0..2 {
        let input = serde_json::from_value(json!({ "repoId": "r", "repoUrl": url, "force": true })).unwrap();
        let output = heavy_compute::steps::prepare_workspace(&kit::Job::<()>::detached(), &settings, &input).unwrap();
        let count = |code: &str| output.warnings.iter().find(|w| w.code == code).map(|w| w.count);
        assert_eq!((count("lfsPointer"), count("submodule")), (Some(1), Some(1)), "{:?}", output.warnings);
    }
}

#[test]
fn a_local_folder_runs_nothing_of_its_configuration() {
    let host = Host::new();
    let local = host.remote();
    local.write("a.py", "x = 1\n");
    local.write("b.py", "x = 1\n");
    local.write(".gitattributes", "* filter=mine\n");
    local.commit();
    local.write("a.py", "x = 2\n");
    let trap = trap(host.folder.path());
    hooks(&local.0.join(".git/hooks"), &trap);
    fs::write(local.0.join(".git/included"), traps(&trap)).unwrap();
    fs::write(
        local.0.join(".git/config"),
        format!(
            "{}[include]\n\tpath = included\n[core]\n\tbare = false\n\thooksPath = {}\n",
            traps(&trap),
            host.path("remote/.git/hooks").display()
        ),
    )
    .unwrap();
    let output = host.prepare(json!({ "path": local.0 })).unwrap();
    assert_eq!(output.file_count, 3);
    assert_eq!(sprung(host.folder.path()), None);
}

#[test]
fn a_local_folder_whose_work_tree_is_said_to_be_elsewhere_shows_only_itself() {
    let host = Host::new();
    let elsewhere = host.path("elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    fs::write(elsewhere.join("secret.py"), "x = 1\n").unwrap();
    let local = host.remote();
    local.write("a.py", "x = 1\n");
    local.commit();
    for place in [elsewhere.to_str().unwrap(), "..", "../.."] {
        git(&local.0, &["--git-dir", ".git", "config", "core.worktree", place]);
        let scan = heavy_compute::workspace::scan(&kit::Job::<()>::detached(), &local.0).unwrap();
        assert!(scan.files.iter().all(|path| !path.contains("secret")), "{place}: {:?}", scan.files);
    }
}

#[test]
fn paths_that_lead_out_or_into_the_repository_are_refused_for_good() {
    let host = Host::new();
    let remote = host.remote();
    remote.write("a", "x");
    remote.commit();
    let blob = git(&remote.0, &["rev-parse", "HEAD:a"]);
    for name in [".git", "..", "."] {
        // A tree object that git itself would not write.
        let mut tree = format!("100644 {name}\0").into_bytes();
        tree.extend((0..20).map(|n| u8::from_str_radix(&blob[2 * n..2 * n + 2], 16).unwrap()));
        fs::write(host.path("object"), tree).unwrap();
        let object = host.path("object");
        let tree = git(&remote.0, &["hash-object", "-w", "--literally", "-t", "tree", object.to_str().unwrap()]);
        let commit = git(&remote.0, &["commit-tree", &tree, "-m", "bad"]);
        git(&remote.0, &["update-ref", "refs/heads/bad", &commit]);
        let refused = crate::support::failure(host.prepare(json!({ "repoUrl": remote.url(), "branch": "bad" })));
        assert!(!refused.error_type.retryable(), "{name}: {refused}");
    }
}
