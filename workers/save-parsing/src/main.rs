//! The worker of the queue `save-parsing`, and its work as commands.

mod arguments;
mod brief;
mod ending;
mod extract;
mod iterate;
mod lines;
mod pretty;
mod serve;
mod signals;
mod worker;

use std::{ffi::OsString, process::ExitCode};

use contracts::queues;
use runtime::RawConfig;

use crate::{
    arguments::{Arguments, Command, Misuse},
    ending::Ending,
};

fn main() -> ExitCode {
    runtime::prepare_process();
    let program: Vec<OsString> = std::env::args_os().collect();
    let arguments = match Arguments::read(program) {
        Ok(arguments) => arguments,
        Err(Misuse(error)) => {
            // Without an error to report where nobody reads it.
            let _ = error.print();
            // Help and version that were asked for are answers, of this command as of every other.
            let code = if error.use_stderr() { save_parsing::protocol::ExitCode::BadRequest.number() } else { 0 };
            return ExitCode::from(code);
        }
    };
    let ending = match run(arguments) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(ending) => ending,
    };
    ending.tell();
    ExitCode::from(ending.code())
}

fn run(arguments: Arguments) -> Result<(), Ending> {
    match arguments.command {
        Some(Command::Serve(options)) => serve::run(&options),
        Some(Command::ExtractSave(options)) => extract::run(&options, extract::Kind::Save),
        Some(Command::ExtractGamestate(options)) => extract::run(&options, extract::Kind::Gamestate),
        Some(Command::IterSave(options)) => iterate::run(&options),
        Some(Command::Brief(options)) => brief::run(&options),
        None if arguments.check_health => runtime::check_health(queues::SAVE_PARSING, &RawConfig::from_env())
            .map_err(|error| Ending::Worker(error.to_string())),
        None => worker::run().map_err(|error| Ending::Worker(format!("{error:#}"))),
    }
}
