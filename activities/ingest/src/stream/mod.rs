//! The live stream: frames as the existing dashboards read them, ids to resume by, and clients that are never skipped in
//! silence.

mod block;
mod client;
mod hub;
mod shared_pages;

pub use block::{Block, BlockWriter, Filter};
pub use client::{Pace, Pages, StreamBody, follow};
pub use hub::{Hub, Place, StreamCounts};
pub use shared_pages::SharedPages;

#[cfg(test)]
mod tests;
