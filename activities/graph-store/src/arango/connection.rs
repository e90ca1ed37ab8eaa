//! Waiting for the client, for callers that are not async.

use std::sync::Arc;

use super::client::Client;
use crate::error::{StoreError, StoreResult};

/// The client with threads of its own, for callers that wait.
pub(super) struct Connection {
    pub(super) client: Arc<Client>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Connection {
    pub(super) fn new(client: Client) -> StoreResult<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("arango")
            .enable_all()
            .build()
            .map_err(|e| StoreError::Unavailable { path: client.place(), reason: format!("no threads: {e}") })?;
        Ok(Self { client: Arc::new(client), runtime: Some(runtime) })
    }

    /// Waits for an answer. On a thread that runs async tasks, another one waits in its place: that thread may not.
    pub(super) fn wait<T: Send>(&self, future: impl Future<Output = StoreResult<T>> + Send) -> StoreResult<T> {
        let Some(runtime) = &self.runtime else {
            return Err(StoreError::Unavailable { path: self.client.place(), reason: "closed".into() });
        };
        if tokio::runtime::Handle::try_current().is_err() {
            return runtime.block_on(future);
        }
        std::thread::scope(|scope| match scope.spawn(|| runtime.block_on(future)).join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // A runtime that is dropped waits for its threads, which is not allowed where tasks run.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
