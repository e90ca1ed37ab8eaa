//! What every activity shares: failures with a type, checkpoint and resume over heartbeats, cancellation and drain, blobs,
//! path confinement, secret references, and the small accounts (warnings, phases, memory) that every result carries.

mod account;
mod blob;
mod drain;
mod failure;
mod file_ref;
mod graph_place;
mod job;
mod paths;
mod regular_file;
mod runner;
mod secret;
pub mod telemetry;
mod tls;

pub use account::{Phases, Warnings, peak_rss_bytes, resident_bytes};
pub use blob::{BlobStore, BlobUrlError, LARGEST_IN_MEMORY, blob_url};
pub(crate) use drain::Stop;
pub use drain::{Drain, StopReason};
pub use failure::{Failure, WorkError, WorkResult};
pub use file_ref::{Files, OpenedFile};
pub use graph_place::{GraphCredential, GraphPlace, OpenGraphError};
pub use job::Job;
pub use paths::AllowedRoots;
pub use runner::Runner;
pub use secret::Secret;
pub use tls::install_tls_provider;
