//! The engine against a server that answers as it is told.

#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

mod copies;
mod documents;
mod dry_run;
mod dying;
mod holds;
mod homes;
mod identity;
mod older_database;
mod property;
mod replay;
mod ship;
mod spool;
mod state;
mod status;
mod support;
mod upload;
