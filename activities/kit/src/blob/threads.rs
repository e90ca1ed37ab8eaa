//! The threads that blobs are moved on. They are the process's own and apart from every other, so that a caller may wait
//! for them wherever it runs: on a thread without a runtime, on a blocking thread, also of a runtime with one thread.

use std::{
    sync::{OnceLock, mpsc::sync_channel},
    time::Duration,
};

use contracts::errors::ErrorType;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinSet,
};
use tracing::Instrument;

use crate::Failure;

/// Of the threads that read and write files; what they do is short.
const BLOCKING: usize = 16;

fn handle() -> Result<&'static Handle, Failure> {
    // Never dropped: a runtime must not be dropped on a thread of another one.
    static THREADS: OnceLock<Result<Runtime, String>> = OnceLock::new();
    let threads = THREADS.get_or_init(|| {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1).max_blocking_threads(BLOCKING).thread_keep_alive(Duration::from_secs(5));
        builder.thread_name("blobs").enable_all().build().map_err(|e| e.to_string())
    });
    threads.as_ref().map(Runtime::handle).map_err(|e| {
        let what = format!("starting the threads of the blob store: {e}");
        Failure::new(ErrorType::Internal, what, "this worker", "look at its limits for threads and open files")
    })
}

/// Does the work and waits for it, blocking this thread.
pub(super) fn wait<T: Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    let (send, receive) = sync_channel(1);
    let work = work.in_current_span();
    handle()?.spawn(async move {
        // Nobody waits any more only if this process ends.
        let _ = send.send(work.await);
    });
    receive.recv().unwrap_or_else(|_| Err(lost()))
}

/// Does the work; it ends when this future is dropped.
pub(super) async fn join<T: Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    let mut one = JoinSet::new();
    one.spawn_on(work.in_current_span(), handle()?);
    one.join_next().await.and_then(Result::ok).unwrap_or_else(|| Err(lost()))
}

/// Does work that blocks beside what waits.
pub(super) async fn block<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    handle()?.spawn_blocking(work).await.unwrap_or_else(|_| Err(lost()))
}

fn lost() -> Failure {
    let hint = "a defect of Gantry: please report it with the worker's log";
    Failure::new(ErrorType::Internal, "moving a blob ended without a result", "the blob store", hint)
}
