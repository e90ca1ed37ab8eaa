//! A receiver of sessions that fails on purpose, sinks for measurements, and the harness that kills the shipper at random.
//!
//! For tests and measurements only; nothing here has limits or manners.

mod connection;
mod faults;
mod receiver;
pub mod reliability;
mod sink;

pub use self::{
    faults::{Fault, FaultCounts, FaultSettings},
    receiver::FaultyReceiver,
    sink::{Sink, SinkCounts, SinkKind},
};
