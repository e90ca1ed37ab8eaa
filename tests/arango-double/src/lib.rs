//! A stand-in for an ArangoDB server: it answers the requests that the graph store and the official drivers send, keeps
//! its data in a file, so that it can be killed at any moment, and fails on demand.
//!
//! It is written from the server's documentation and knows nothing of the store: the AQL texts in it are its own copies,
//! so a text that is changed on one side only is answered with an error.

mod auth;
mod checks;
mod cursor;
mod database;
mod definition;
mod document;
mod envelope;
mod faults;
mod import;
mod log;
mod process;
mod request;
mod response;
mod server;
mod settings;

pub use process::{Double, order};
pub use server::serve;
pub use settings::Settings;
