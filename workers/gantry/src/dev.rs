//! `gantry dev`: everything on this machine until Ctrl-C.

use tokio::signal::unix::{SignalKind, signal};

use crate::{
    arguments::DevOptions,
    places::Places,
    problem::Problem,
    report,
    stack::{Options, Stack, describe},
};

pub(crate) async fn run(places: &Places, options: &DevOptions) -> Result<(), Problem> {
    report::note("starting Temporal and the workers");
    let options = Options { port_base: options.port_base, home: options.home.clone(), show_logs: true };
    let stack = tokio::select! {
        stack = Stack::start(places, options) => stack?,
        () = told_to_stop() => return Ok(()),
    };
    describe(&stack.dev);
    report::note("ready; Ctrl-C drains and stops all of it. Next, in another terminal: gantry index PATH");
    told_to_stop().await;
    report::note("draining and stopping");
    stack.stop().await;
    report::note("stopped");
    Ok(())
}

/// Returns on SIGINT or SIGTERM.
pub(crate) async fn told_to_stop() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
}
