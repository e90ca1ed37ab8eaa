//! The official drivers must not notice that they do not talk to an ArangoDB. `scripts/fetch-arango-drivers.sh` fetches
//! them; without them, nothing is tested here.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "in a test, what goes wrong ends it; who skips says so")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use arango_double::Double;

fn drivers() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let drivers = root.join(".tools/arango-drivers");
    if drivers.join("fetched").exists() {
        return Some(drivers);
    }
    println!("skipped: no drivers; scripts/fetch-arango-drivers.sh fetches them");
    None
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drivers").join(name)
}

/// Runs a program against a stand-in of its own; it has to say that its driver noticed nothing.
fn drive(mut program: Command, module: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let command = || {
        let mut command = Command::new("sh");
        command.args(["-c", "IFS='\n'; exec \"$0\" $ARANGO_DOUBLE", env!("CARGO_BIN_EXE_arango-double")]);
        command
    };
    let double = Double::start(&folder.path().join("log"), &["--auth", "root:s3cret"], command).unwrap();
    let output = program.arg(module).arg(format!("http://{}", double.address)).env("NO_PROXY", "*").output().unwrap();
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("noticed nothing"), "{said}\n{complained}");
}

#[test]
fn arangojs_does_not_notice_the_difference() {
    let Some(drivers) = drivers() else { return };
    let mut node = Command::new("node");
    node.arg(script("arangojs.mjs"));
    drive(node, &drivers.join("node_modules/arangojs/esm"));
}

#[test]
fn python_arango_does_not_notice_the_difference() {
    let Some(drivers) = drivers() else { return };
    let mut python = Command::new("python3");
    python.arg(script("python_arango.py"));
    drive(python, &drivers.join("python"));
}
