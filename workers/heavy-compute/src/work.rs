//! Does one piece of work on a thread, tells its progress, and stops it on a signal.

use std::{fmt::Debug, io, sync::Arc, time::Duration};

use kit::{Job, WorkError, WorkResult};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    ending::Ending,
    progress::{Lines, Share},
    report,
};

/// Whoever watches the lines learns that often that the work goes on.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// Runs `work`.
///
/// # Errors
/// What it fails with, or the signal that stopped it.
pub(crate) fn run<C, T>(
    shares: &'static [Share],
    work: impl FnOnce(&Job<C>) -> WorkResult<T> + Send + 'static,
) -> Result<T, Ending>
where
    C: Debug + Send + Sync + 'static,
    T: Send + 'static,
{
    let failed = |e: io::Error| Ending::other(4, format!("starting the work: {e}"));
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    threads.block_on(async {
        let mut signals = Signals::watch().map_err(failed)?;
        let job = Arc::new(Job::<C>::detached());
        let mut latest = job.latest();
        let mut lines = Lines::new(shares);
        report::note(&lines.again());
        let mut working = tokio::task::spawn_blocking({
            let job = job.clone();
            move || work(&job)
        });
        let mut stopped_by = None;
        loop {
            tokio::select! {
                ended = &mut working => {
                    let told = latest.borrow().progress.clone();
                    told.iter().flat_map(|progress| lines.at(progress)).for_each(|line| report::note(&line));
                    return match (ended, stopped_by) {
                        (Ok(Ok(output)), _) => Ok(output),
                        (Ok(Err(WorkError::Failed(failure))), _) => Err(failure.into()),
                        (Ok(Err(WorkError::Interrupted)), number) => Err(Ending::Signal(number.unwrap_or_default())),
                        (Err(panic), _) => Err(Ending::other(1, format!("a defect of Gantry: {panic}; please report it"))),
                    };
                }
                Ok(()) = latest.changed() => {
                    let told = latest.borrow_and_update().progress.clone();
                    told.iter().flat_map(|progress| lines.at(progress)).for_each(|line| report::note(&line));
                }
                () = tokio::time::sleep(SIGN_OF_LIFE) => report::note(&lines.again()),
                number = signals.next() => {
                    job.interrupt();
                    stopped_by = Some(number);
                }
            }
        }
    })
}

/// The signals that ask for an end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn watch() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// The number of the next one.
    async fn next(&mut self) -> u8 {
        let kind = tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
        };
        u8::try_from(kind.as_raw_value()).unwrap_or_default()
    }
}
