//! Indexes joined with sources: what the graph then says.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "in a test, what goes wrong ends it")]

mod interrupted;
mod joined;
mod real;
mod support;
