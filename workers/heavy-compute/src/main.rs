//! The worker of the queue `heavy-compute`, and its work as commands.

mod arguments;
mod collect;
mod destination;
mod ending;
mod index_file;
mod lint;
mod measured;
mod parse;
mod prepare;
mod progress;
mod report;
mod scip;
mod surroundings;
mod typed_secret;
mod work;
mod worker;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;
use contracts::queues;
use runtime::RawConfig;

use crate::{
    arguments::{Arguments, Command, spelled_out},
    ending::Ending,
};

fn main() -> ExitCode {
    runtime::prepare_process();
    let program: Vec<OsString> = std::env::args_os().collect();
    let warn = |flag: &str| {
        report::note(&format!(
            "warning: {flag} was given the secret itself, which every user of this host may have seen in `ps`; \
             give env:NAME or file:PATH"
        ));
    };
    if let Err(error) = typed_secret::hide(&program, warn) {
        report::error(&format!("starting anew without the secret in the arguments: {error}"), None);
        return ExitCode::from(4);
    }
    let arguments = match Arguments::try_parse_from(spelled_out(program)) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Without an error to report where nobody reads it. A mistake in typing is an input error like any other.
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(ending) => {
            ending.tell();
            ExitCode::from(ending.code())
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Ending> {
    match arguments.command {
        Some(Command::PrepareWorkspace(options)) => prepare::run(options),
        Some(Command::ScipParse(options)) if options.lint => lint::run(&options),
        Some(Command::ScipParse(options)) => scip::run(&options),
        Some(Command::ParseRest(options)) => parse::run(&options),
        Some(Command::WorkspaceGc(options)) => collect::run(&options),
        None if arguments.check_health => runtime::check_health(queues::HEAVY_COMPUTE, &RawConfig::from_env())
            .map_err(|error| Ending::Worker(error.to_string())),
        None => worker::run().map_err(|error| Ending::Worker(format!("{error:#}"))),
    }
}
