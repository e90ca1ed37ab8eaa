//! The crate as its users see it: bytes in, parts and findings out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

mod agreement;
mod damage;
mod encode;
mod huge;
mod linting;
mod paths;
mod positions;
mod symbols;
mod wire;
