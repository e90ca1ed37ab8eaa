//! Indexes joined with sources: what the graph then says.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "in a test, what goes wrong ends it")]
#![allow(clippy::print_stderr, reason = "says what is skipped")]

mod interrupted;
mod joined;
mod real;
mod support;
