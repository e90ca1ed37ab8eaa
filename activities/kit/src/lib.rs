//! What every activity shares: failures with a type, checkpoint and resume over heartbeats, cancellation and drain, blobs,
//! path confinement, secret references, and the small accounts (warnings, phases, memory) that every result carries.

mod account;
mod blob;
mod drain;
mod failure;
mod job;
mod paths;
mod secret;

pub use account::{Phases, Warnings, peak_rss_bytes};
pub use blob::BlobStore;
pub use drain::Drain;
pub use failure::{Failure, WorkError, WorkResult};
pub use job::{Job, run};
pub use paths::AllowedRoots;
pub use secret::Secret;
