//! Asks the worker of this host whether it is ready: the health check of an image that has no HTTP client.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use serde_json::Value;

use crate::config::{ConfigError, RawConfig, WorkerConfig};

/// Longer than `/ready` takes when it waits for everything it asks.
const ANSWER: Duration = Duration::from_secs(5);

/// Why a worker counts as unhealthy.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// The settings make no sense; the worker does not run with them either.
    #[error(transparent)]
    Settings(#[from] ConfigError),
    /// Nobody but the worker knows where it listens.
    #[error("GANTRY_ADMIN_LISTEN={address} leaves the port to the system; set one to be asked on")]
    NoPort {
        /// The address.
        address: SocketAddr,
    },
    /// Nobody is there.
    #[error(
        "no answer from http://{address}/ready: {reason}; does a worker run here with the same GANTRY_ADMIN_LISTEN?"
    )]
    Silent {
        /// Who was asked.
        address: SocketAddr,
        /// Why there is no answer.
        reason: String,
    },
    /// The worker is there and says what it lacks.
    #[error("not ready: {reason}")]
    NotReady {
        /// What it says.
        reason: String,
    },
}

/// Asks `/ready` of the worker of a queue that runs on this host, with the same settings as this process.
///
/// # Errors
/// Unless the worker is ready.
pub fn check_health(queue: &'static str, raw: &RawConfig) -> Result<(), HealthError> {
    let address = reachable(WorkerConfig::new(queue, raw)?.admin_listen)?;
    let silent = |reason: String| HealthError::Silent { address, reason };
    let one_thread =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| silent(e.to_string()))?;
    let (ready, body) = one_thread.block_on(ask(address)).map_err(|e| silent(innermost(&e)))?;
    if ready { Ok(()) } else { Err(HealthError::NotReady { reason: reason(&body) }) }
}

/// Where a server that listens on `address` answers: one that listens everywhere does so on the loopback too.
fn reachable(mut address: SocketAddr) -> Result<SocketAddr, HealthError> {
    if address.port() == 0 {
        return Err(HealthError::NoPort { address });
    }
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    Ok(address)
}

async fn ask(address: SocketAddr) -> Result<(bool, String), reqwest::Error> {
    // A proxy that is set for cloning does not lead to this host.
    let http = reqwest::Client::builder().no_proxy().timeout(ANSWER).build()?;
    let answer = http.get(format!("http://{address}/ready")).send().await?;
    Ok((answer.status().is_success(), answer.text().await?))
}

/// What the worker says; whatever else answers there is quoted.
fn reason(body: &str) -> String {
    let said =
        serde_json::from_str::<Value>(body).ok().and_then(|answer| Some(answer.get("reason")?.as_str()?.to_owned()));
    said.unwrap_or_else(|| body.chars().take(200).collect())
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Result<String, String> {
        reachable(address.parse().unwrap()).map(|a| a.to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn a_worker_that_listens_everywhere_is_asked_on_the_loopback() {
        assert_eq!(at("0.0.0.0:9601").unwrap(), "127.0.0.1:9601");
        assert_eq!(at("[::]:9601").unwrap(), "[::1]:9601");
        assert_eq!(at("10.1.2.3:9601").unwrap(), "10.1.2.3:9601");
        assert!(at("127.0.0.1:0").unwrap_err().contains("GANTRY_ADMIN_LISTEN"));
    }

    #[test]
    fn the_reason_is_what_the_worker_says() {
        assert_eq!(reason(r#"{"ready":false,"reason":"waiting for Temporal"}"#), "waiting for Temporal");
        assert_eq!(reason("not found"), "not found");
    }
}
