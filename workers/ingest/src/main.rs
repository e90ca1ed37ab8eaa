//! The service that takes events over HTTP, keeps them and streams them.

mod arguments;
mod serve;

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Without an error to report where nobody reads it. A mistake in typing is an input error like any other.
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour).init();
    let Command::Serve(serve) = arguments.command;
    match serve::run(serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(ending) => {
            tracing::error!("{:#}", ending.error);
            ExitCode::from(ending.code)
        }
    }
}
