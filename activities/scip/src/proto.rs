//! The messages of `proto/scip.proto` as owned values, generated when the crate is built.
//!
//! They own every string and list. Where a whole index is walked, [`crate::document`] does it without.

#![allow(missing_docs, reason = "generated; the fields are described in proto/scip.proto")]
#![allow(clippy::all, reason = "generated")]

include!(concat!(env!("OUT_DIR"), "/scip.rs"));
