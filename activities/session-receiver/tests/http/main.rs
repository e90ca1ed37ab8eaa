//! Every answer of the receiver, over HTTP.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

mod bodies;
mod process;
mod refusals;
mod server;
mod storing;
