//! The command line of Gantry.

mod arguments;
mod blobs;
mod brief;
mod codec;
mod connect;
mod demo;
mod dev;
mod doctor;
mod duration;
mod failure;
mod follow;
mod graph;
mod import;
mod index;
mod job;
mod places;
mod problem;
mod queue;
mod report;
mod run;
mod save;
mod schedules;
mod setup;
mod ship;
mod stack;
mod top;
mod verify;

use std::{io, process::ExitCode};

use clap::Parser;

use crate::{
    arguments::{Arguments, Command},
    places::Places,
    problem::Problem,
};

fn main() -> ExitCode {
    kit::install_tls_provider();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Without an error to report where nobody reads it. A mistake in typing is an input error like any other.
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    match obey(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough.
        Err(problem) if problem.is_broken_pipe() => ExitCode::SUCCESS,
        Err(problem) => {
            report::error(&problem);
            ExitCode::from(problem.code)
        }
    }
}

fn obey(command: Command) -> Result<(), Problem> {
    let places = Places::find()?;
    let ended = dispatch(&places, command);
    if let Some(traces) = &places.traces {
        traces.flush();
    }
    ended
}

fn dispatch(places: &Places, command: Command) -> Result<(), Problem> {
    match command {
        Command::Graph { command } => graph::run(places, &command),
        Command::Dev(options) => block_on(dev::run(places, &options)),
        Command::Demo(options) => block_on(demo::run(places, &options)),
        Command::Index(options) => block_on(index::run(places, &options)),
        Command::Ship(options) => block_on(ship::run(places, &options)),
        Command::Brief(options) => block_on(brief::run(places, &options)),
        Command::Import(options) => block_on(import::run(places, &options)),
        Command::Save { command } => block_on(save::run(places, &command)),
        Command::Job { command } => block_on(job::run(places, &command)),
        Command::Queue { command } => block_on(queue::run(places, &command)),
        Command::Top(options) => block_on(top::run(places, &options)),
        Command::Codec { command } => block_on(codec::run(places, &command)),
        Command::Doctor { json } => block_on(doctor::run(places, json)),
        Command::Setup(options) => block_on(setup::run(places, &options)),
    }
}

fn block_on(work: impl Future<Output = Result<(), Problem>>) -> Result<(), Problem> {
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e: io::Error| Problem::filesystem(format!("starting the async threads: {e}")))?;
    let ended = threads.block_on(work);
    threads.shutdown_background();
    ended
}
