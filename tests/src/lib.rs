//! What the end-to-end tests stand on: a Temporal server, workers and repositories of their own for each test, in real
//! processes that can be killed.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "test support: a broken set-up ends the test with the reason"
)]

mod collector;
mod git;
mod jobs;
mod processes;
mod runs;
mod stand_in;
mod tls_proxy;
mod world;

pub use collector::{Collector, Span};
pub use git::{GitServer, Repository, git, non_utf8_name};
pub use jobs::Job;
pub use processes::{Process, binary, installation_root, temporal_cli};
pub use runs::{FailedRun, Run, checkpoint_of, failure_of};
pub use stand_in::StandIn;
pub use tls_proxy::{Certificates, Demands, SERVER_NAME, TlsProxy};
pub use world::{World, free_port, wait_for};
