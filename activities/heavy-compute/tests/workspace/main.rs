//! Workspaces against real git: what is checked out, what is listed, what is never run, and what is collected.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

mod checkout;
mod collection;
mod hostile;
mod kills;
mod packages;
mod patterns;
mod private;
mod scan;
mod support;
