//! Indexers as children: what they give, what they must not do, and what is left of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "in a test, what goes wrong ends it")]

mod children;
mod kept;
mod plan;
mod real;
mod support;
