//! What must not bring the service down or lose what it has acknowledged: kills, disks, locks, and clients of every kind.
//! Slow readers of the stream are in `http_stream`, ten thousand connections in `idle_connections`, very many sessions in
//! `many_sessions`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what goes wrong here is a failed test")]

#[path = "../http_stand/mod.rs"]
mod http_stand;

mod bodies;
mod clients;
mod disk;
mod kill;
mod lock;
mod log;
mod process;
