//! The worker process: configuration, connection, slots, health, metrics, drain. The only crate that builds a Worker.

mod admin;
mod config;
mod connection;
mod generation;
mod health;
mod host;
mod interceptor;
mod logging;
mod namespace;
mod serve;
mod slots;
mod traces;

pub use config::{ConfigError, RawConfig, WorkerConfig};
pub use connection::{ConnectError, Temporal, load_temporal_config, plain_temporal, wait_for_temporal};
pub use health::{HealthError, check_health};
pub use host::host_id;
pub use logging::{LogFormat, init_logging};
pub use namespace::{indexed_type, missing_search_attributes};
pub use serve::{ServeError, prepare_process, serve};
pub use slots::Slots;
pub use traces::Traces;
