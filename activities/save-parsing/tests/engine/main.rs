//! The save engine through its public interface.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test says what it expects, and why it was skipped"
)]

mod archive;
mod damage;
mod defects;
mod fixtures;
mod paths;
mod raw;
mod round_trip;
mod samples;
mod schema_1;
mod schema_2;
mod support;
