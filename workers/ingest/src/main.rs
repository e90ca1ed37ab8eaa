//! The service that takes events over HTTP, keeps them and streams them, and the worker of the queue `ingest`.

mod arguments;
mod ending;
mod serve;
mod service;
mod signals;
#[cfg(feature = "worker")]
mod worker;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    arguments::{Arguments, Command},
    ending::Ending,
};

fn main() -> ExitCode {
    #[cfg(feature = "worker")]
    runtime::prepare_process();
    let arguments = match Arguments::try_parse() {
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
            ExitCode::from(ending.code)
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Ending> {
    match arguments.command {
        Some(Command::Serve(serve)) => serve::run(serve),
        #[cfg(feature = "worker")]
        None if arguments.check_health => worker::check_health(),
        // Built for a queue, the program without a command is its worker.
        #[cfg(feature = "worker")]
        None => worker::run(arguments.serve),
        // The command line shows its help then.
        #[cfg(not(feature = "worker"))]
        None => Ok(()),
    }
}
