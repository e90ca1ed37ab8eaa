//! Signals: the first that asks for an end is obeyed in peace, the second at once.

use std::{
    io,
    sync::atomic::{AtomicI32, Ordering},
    thread,
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::ending::Ending;

/// The signal that asked for the end; 0 before any did.
static ENDED_BY: AtomicI32 = AtomicI32::new(0);

/// Calls `stop` at the first SIGINT or SIGTERM, from a thread of its own. The next one ends the process.
///
/// # Errors
/// When the system refuses.
pub(crate) fn on_end(stop: impl FnOnce() + Send + 'static) -> Result<(), Ending> {
    watch(&[SIGINT, SIGTERM], stop, || {})
}

/// The same, with `hang_up` for each SIGHUP.
///
/// # Errors
/// When the system refuses.
pub(crate) fn on_end_and_hang_up(
    stop: impl FnOnce() + Send + 'static,
    hang_up: impl Fn() + Send + 'static,
) -> Result<(), Ending> {
    watch(&[SIGINT, SIGTERM, SIGHUP], stop, hang_up)
}

/// The signal that asked for the end, if one did.
pub(crate) fn ended_by() -> Option<Ending> {
    u8::try_from(ENDED_BY.load(Ordering::Relaxed)).ok().filter(|number| *number > 0).map(Ending::Signal)
}

fn watch(
    numbers: &[i32],
    stop: impl FnOnce() + Send + 'static,
    hang_up: impl Fn() + Send + 'static,
) -> Result<(), Ending> {
    let failed =
        |error: io::Error| Ending::Failed { code: 4, what: format!("watching for signals: {error}"), hint: None };
    let mut signals = Signals::new(numbers).map_err(failed)?;
    let mut stop = Some(stop);
    let work = move || {
        for number in signals.forever() {
            if number == SIGHUP {
                hang_up();
            } else if let Some(stop) = stop.take() {
                ENDED_BY.store(number, Ordering::Relaxed);
                stop();
            } else {
                std::process::exit(number + 128);
            }
        }
    };
    thread::Builder::new().name("signals".to_owned()).spawn(work).map(drop).map_err(failed)
}
