//! Agent sessions, from the files that coding agents write to a server, each event once.
//!
//! The engine needs no Temporal and no async runtime of its caller: every call blocks, and is made from a thread.
//!
//! | module | knows |
//! | --- | --- |
//! | [`provider`] | where an agent keeps its sessions, and what a line of them means; one trait, one registry |
//! | [`discovery`] | which files there are |
//! | [`lines`] | whole lines of a file that may grow or shrink meanwhile |
//! | [`session`] | what a batch must know of the part of a file before it |
//! | [`batch`] | bytes of a source to the body of one request: pure, deterministic |
//! | [`document`] | the same for sessions that are one JSON document |
//! | [`encoding`] | gzip and zstd |
//! | [`redaction`] | what must not leave the machine |
//! | [`config`] | folders, address, token, limits |
//! | [`state`] | offsets, spool and quarantine in SQLite |
//! | [`upload`] | one request and what its answer means; holding back for all |
//! | [`engine`] | batches in parallel, acknowledged in order; replay, recovery, status |
//! | [`watch`] | changes as they happen, the scan that heals what was missed |
//! | [`service`] | systemd unit and launchd agent |
//! | `steps` | what each activity of the queue does; with the feature `activities` |

#[cfg(feature = "activities")]
mod activities;
pub mod batch;
pub mod config;
pub mod discovery;
pub mod document;
mod edit;
pub mod encoding;
pub mod engine;
mod json;
pub mod lines;
mod media;
mod payload;
pub mod provider;
mod quoted;
pub mod redaction;
pub mod service;
pub mod session;
pub mod state;
#[cfg(feature = "activities")]
pub mod steps;
pub mod timestamp;
pub mod upload;
pub mod watch;

#[cfg(feature = "activities")]
pub use activities::{Shipping, register};
