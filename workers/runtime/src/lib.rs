//! The worker process: configuration, connection, slots, health, metrics, drain. The only crate that builds a Worker.

mod admin;
mod codec;
mod config;
mod connect_error;
mod connection;
mod generation;
mod health;
mod host;
mod hosts;
mod interceptor;
mod logging;
mod namespace;
mod serve;
mod slots;
mod temporal_settings;
mod traces;

pub use codec::{
    CodecError, KEY_ID, KeysError, PayloadEncryption, decode_message, decode_payloads, generate_key, is_key_id,
    reveal_failure,
};
pub use config::{ConfigError, RawConfig, WorkerConfig};
pub use connect_error::ConnectError;
pub use connection::{Temporal, wait_for_temporal};
pub use health::{HealthError, check_health};
pub use host::host_id;
pub use hosts::{host_in, host_of, polled_host_queues, worker_heartbeats};
pub use logging::{LogFormat, init_logging};
pub use namespace::{indexed_type, missing_search_attributes};
pub use serve::{ServeError, prepare_process, serve};
pub use slots::Slots;
pub use temporal_settings::{load_temporal_config, plain_temporal};
pub use traces::Traces;
