//! Events over HTTP into a store, and live out of it again; import, export, sweeps.
//!
//! The library needs no Temporal. Every call of [`store`] and [`transfer`] blocks and is made from a thread, but for
//! [`store::Ticket`], which is a future too.
//!
//! | module | knows |
//! | --- | --- |
//! | [`config`] | the variables, their defaults and their least values |
//! | [`event`] | what an event is: the contract of a body, field by field, and the row that is stored |
//! | [`json`] | text of any bytes to the JSON that a JavaScript server would store |
//! | [`timestamp`] | points in time as JavaScript reads and SQLite writes them |
//! | [`prices`] | what a call of a model costs |
//! | [`lifecycle`] | when a session is active, idle, ended |
//! | [`store`] | one SQLite file: one writer, a few readers, counters |
//! | [`transfer`] | files of events in and out |
//! | [`http`] | the service: routes, safety, the socket |
//! | [`shipped`] | sessions that shippers send: what of them becomes an event, and catching up with the receiver's store |
//! | [`stream`] | the live stream: frames, clients, resuming |
//! | [`otel`] | log records and metrics of OTLP to events |
//! | [`metrics`] | figures for Prometheus |
//! | [`openapi`] | the description of the interface |
//! | `steps` | what each activity of the queue does; with the feature `activities` |

#[cfg(feature = "activities")]
mod activities;
pub mod config;
pub mod event;
pub mod http;
pub mod json;
pub mod lifecycle;
pub mod metrics;
pub mod openapi;
pub mod otel;
pub mod prices;
pub mod shipped;
#[cfg(feature = "activities")]
pub mod steps;
pub mod store;
pub mod stream;
pub mod timestamp;
pub mod transfer;

#[cfg(feature = "activities")]
pub use activities::{Ingest, register};
