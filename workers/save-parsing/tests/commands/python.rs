//! The tests of the Python package, with the binary of this build.

use std::{path::Path, process::Command};

use crate::place::BINARY;

#[test]
fn the_python_package() {
    let available = Command::new("python3").args(["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]).output();
    if !available.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no python3 of version 3.10 or newer");
        return;
    }
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../activities/save-parsing/python");
    let output = Command::new("python3")
        .args(["-X", "dev", "-W", "error", "-m", "unittest", "discover", "-t", ".", "-s", "tests"])
        .current_dir(package)
        .env("PARSER_BINARY", BINARY)
        .env("PYTHONPATH", "src")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
