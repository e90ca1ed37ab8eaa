//! SIGTERM and SIGINT: what is being written is finished, then the process ends.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

/// How long a frame may take once the end was asked for: a client that reads no more must not hold the process.
const GRACE: Duration = Duration::from_secs(1);

/// Whether the end was asked for.
#[derive(Debug)]
pub(crate) struct Stop {
    flags: Arc<Flags>,
    listening: Receiver<()>,
}

#[derive(Debug, Default)]
struct Flags {
    asked: AtomicBool,
    answering: AtomicBool,
}

impl Stop {
    /// Waits for a signal in a thread of its own. Then the process ends with success: at once if it does not answer yet, else
    /// after `wake` was called and the frame that is being written has had its time.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(crate) fn watch(wake: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let flags = Arc::new(Flags::default());
        let (listens, listening) = sync_channel(1);
        let seen = Arc::clone(&flags);
        let work = move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
            if runtime.block_on(signal(listens)).is_err() {
                return;
            }
            seen.asked.store(true, Ordering::SeqCst);
            if seen.answering.load(Ordering::SeqCst) {
                wake();
                thread::sleep(GRACE);
            }
            std::process::exit(0);
        };
        thread::Builder::new().name("signals".to_owned()).spawn(work)?;
        Ok(Self { flags, listening })
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.flags.asked.load(Ordering::SeqCst)
    }

    /// Says that frames are written from now on: a signal has to wait for them. Returns once signals are listened to.
    pub(crate) fn answering(&self) {
        self.flags.answering.store(true, Ordering::SeqCst);
        // Where there are no signals to be had, the thread has ended and its end of the channel is gone.
        let _ = self.listening.recv();
    }
}

#[cfg(unix)]
async fn signal(listens: SyncSender<()>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    drop(listens);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signal(listens: SyncSender<()>) -> io::Result<()> {
    drop(listens);
    tokio::signal::ctrl_c().await
}
