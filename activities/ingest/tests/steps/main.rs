//! What the activities do, without Temporal.
#![cfg(feature = "activities")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong here is a failed test")]

mod exporting;
mod importing;
mod place;
mod writing;
