//! The shipper of agent sessions: commands for people's own machines, and the worker of the queue `shipping`.

mod arguments;
mod configuration;
mod connect;
mod dry_run;
mod ending;
mod log_file;
mod logging;
mod measured;
mod progress;
mod report;
mod reset;
mod service;
mod ship;
mod signals;
mod status;
mod typed_secret;
mod units;
#[cfg(feature = "worker")]
mod worker;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;

use crate::{
    arguments::{Arguments, Command},
    ending::Ending,
};

fn main() -> ExitCode {
    let program: Vec<OsString> = std::env::args_os().collect();
    if let Err(error) = typed_secret::hide(&program) {
        report::error(&format!("starting anew without the token in the arguments: {error}"), None);
        return ExitCode::from(4);
    }
    let arguments = match Arguments::try_parse_from(program) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Without an error to report where nobody reads it. A mistake in typing is an input error like any other.
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(ending) => {
            ending.tell();
            ExitCode::from(ending.code())
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Ending> {
    let common = &arguments.common;
    match &arguments.command {
        Some(Command::Ship(options)) if options.dry_run => dry_run::run(common, options),
        Some(Command::Ship(options)) => ship::run(common, options),
        Some(Command::Connect(options)) => connect::run(common, options),
        Some(Command::Status) => status::run(common),
        Some(Command::Reset(options)) => reset::run(common, options),
        Some(Command::InstallService(options)) => service::run(common, options),
        Some(Command::Version) => report::line(concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"))),
        // Built for a queue, the program without a command is its worker.
        #[cfg(feature = "worker")]
        None if arguments.check_health => worker::check_health(),
        // Called by the older name, it is a program for people.
        #[cfg(feature = "worker")]
        None if !arguments::is_older_name(std::env::args_os().next()) => worker::run(),
        None => report::line(&arguments::help()),
    }
}
