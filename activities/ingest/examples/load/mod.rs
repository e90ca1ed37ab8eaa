//! What loads a service: rows, requests, connections, readers of the stream, and the process that serves.

pub(crate) mod client;
pub(crate) mod process;
pub(crate) mod rows;
pub(crate) mod stream;
