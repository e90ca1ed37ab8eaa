//! Briefings of whole saves: real ones, where `GANTRY_TEST_SAVES` names their folder, and ones that this crate writes itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test says what it expects, and why it was skipped"
)]

mod differences;
mod explanations;
mod json;
mod known_differences;
mod real;
mod robust;
mod saves;
mod second_reading;
mod versions;
mod worked_examples;
