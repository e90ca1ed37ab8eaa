//! Every name, shape and place that Gantry's processes share: activities and workflows with their queues, inputs,
//! outputs, time-outs and error types.
//!
//! This crate is the one source of truth. [`heavy_compute::ACTIVITIES`] and its siblings are tables: the registration
//! test, the TypeScript types and the typed proxies under `workflows-ts/src/contracts` are all made from them, so an
//! activity that is declared but not implemented, or implemented with other types, does not get through.
//!
//! Wire rules: camelCase, one input object and one output object for each activity, fields may be added and are never
//! renamed. Counts and sizes are JSON numbers below 2^53; hashes, keys and ids are strings. There is no `usize` here.

mod closed;
mod declare;
pub mod env;
pub mod errors;
mod export;
pub mod heavy_compute;
pub mod ingest;
mod input;
pub mod queues;
pub mod save_parsing;
pub mod search_attributes;
pub mod shared;
pub mod shipping;
pub mod workflows;

pub use declare::{Activity, Attempts, Declared, Policy};
pub use export::{ExportError, all_activities, contracts_hash, export_typescript};
pub use input::{Input, Mismatch, schema_of};
