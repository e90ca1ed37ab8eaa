//! What senders, dashboards and operators of the ingest service depend on, below HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what a test is made of fails where it stands, and counts of a test are small"
)]

mod batch;
mod config;
mod crash;
mod event;
mod faults;
mod lifecycle;
mod lists;
mod metadata;
mod old_database;
mod prices;
mod properties;
mod stats;
mod store;
mod support;
mod timestamp;
mod transfer;
