//! What every activity shares: failures with a type, checkpoint and resume over heartbeats, cancellation and drain, blobs,
//! path confinement, secret references, and the small accounts (warnings, phases, memory) that every result carries.

mod account;
mod blob;
mod drain;
mod failure;
mod job;
mod paths;
mod runner;
mod secret;
pub mod telemetry;
mod tls;

pub use account::{Phases, Warnings, peak_rss_bytes};
pub use blob::BlobStore;
pub(crate) use drain::Stop;
pub use drain::{Drain, StopReason};
pub use failure::{Failure, WorkError, WorkResult};
pub use job::Job;
pub use paths::AllowedRoots;
pub use runner::Runner;
pub use secret::Secret;
pub use tls::install_tls_provider;
