//! SIGTERM and SIGINT: the first is obeyed in peace, the second at once.

use std::io;

use tokio::{
    runtime::Handle,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Whether the process was told to end.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens to the signals from now on, in a task.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn watch(tasks: &Handle) -> io::Result<Self> {
        let _guard = tasks.enter();
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let (told, stop) = watch::channel(false);
        tasks.spawn(async move {
            let mut next = async || tokio::select! { _ = terminate.recv() => 15, _ = interrupt.recv() => 2 };
            next().await;
            told.send_replace(true);
            let number = next().await;
            tracing::warn!("told twice: ends at once");
            // What was answered is committed.
            std::process::exit(128 + number);
        });
        Ok(Self(stop))
    }

    #[cfg(feature = "worker")]
    pub(crate) fn is_told(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once the process was told to end.
    pub(crate) async fn told(&self) {
        // Its sender lives as long as the task that listens.
        let _ = self.0.clone().wait_for(|told| *told).await;
    }
}
