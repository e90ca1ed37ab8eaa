//! Writes the TypeScript side of the contracts: `export-contracts FOLDER`.

use std::{path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return fail("usage: export-contracts FOLDER");
    };
    if let Err(error) = std::fs::create_dir_all(&folder) {
        return fail(&format!("creating {}: {error}", folder.display()));
    }
    match contracts::export_typescript(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

#[expect(clippy::print_stderr, reason = "the error of a command line")]
fn fail(message: &str) -> ExitCode {
    eprintln!("export-contracts: {message}");
    ExitCode::from(1)
}
