//! An ArangoDB that fails, and attempts that are cut off: afterwards the graph is what it would have been, or the error has
//! a type and says what to do, and a further run makes it right.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

mod answers;
mod attempts;
mod errors;
mod sources;
#[path = "../support/mod.rs"]
mod support;
mod world;
