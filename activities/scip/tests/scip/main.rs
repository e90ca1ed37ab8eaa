//! The crate as its users see it: bytes in, parts and findings out.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "in a test, what goes wrong ends it")]

mod agreement;
mod command_line;
mod damage;
mod encode;
mod huge;
mod linting;
mod paths;
mod positions;
mod python;
mod same;
mod symbols;
mod wire;
