//! The connection to Temporal: settings from `temporal.toml` and `TEMPORAL_*`, and a start that waits for the server.

use std::{future::Future, time::Duration};

use temporalio_client::{
    Client, ClientOptions, Connection, ConnectionOptions, envconfig::LoadClientConfigProfileOptions,
};
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;
use tonic::{Code, IntoRequest};

/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How to reach Temporal.
#[derive(Clone)]
pub struct Temporal {
    /// Address, TLS, API key.
    pub connection: ConnectionOptions,
    /// Namespace and data converter.
    pub client: ClientOptions,
}

impl Temporal {
    /// The address, for people.
    pub fn address(&self) -> String {
        let url = &self.connection.target;
        match (url.host_str(), url.port_or_known_default()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            _ => url.to_string(),
        }
    }

    /// The namespace.
    pub fn namespace(&self) -> &str {
        &self.client.namespace
    }

    /// Connects once, and checks that the namespace is there.
    ///
    /// # Errors
    /// What the server, or the way to it, says.
    pub async fn connect(&self) -> Result<Client, ConnectError> {
        let silent =
            || ConnectError::Unreachable { address: self.address(), reason: "no answer within 5 s".to_owned() };
        tokio::time::timeout(ANSWER, self.connect_patiently()).await.map_err(|_| silent())?
    }

    async fn connect_patiently(&self) -> Result<Client, ConnectError> {
        let address = self.address();
        let connection = Connection::connect(self.connection.clone())
            .await
            .map_err(|e| ConnectError::Unreachable { address: address.clone(), reason: root_cause(&e) })?;
        let request = DescribeNamespaceRequest { namespace: self.namespace().to_owned(), ..Default::default() };
        connection.workflow_service().describe_namespace(request.into_request()).await.map_err(
            |status| match status.code() {
                Code::NotFound => {
                    ConnectError::NoNamespace { namespace: self.namespace().to_owned(), address: address.clone() }
                }
                Code::PermissionDenied | Code::Unauthenticated => {
                    ConnectError::Refused { address: address.clone(), reason: status.message().to_owned() }
                }
                _ => ConnectError::Unreachable { address: address.clone(), reason: status.message().to_owned() },
            },
        )?;
        Client::new(connection, self.client.clone()).map_err(|e| ConnectError::Settings { reason: e.to_string() })
    }
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The settings do not make sense.
    #[error("Temporal's settings (temporal.toml, TEMPORAL_*): {reason}")]
    Settings {
        /// What is wrong with them.
        reason: String,
    },
    /// Nobody answers there.
    #[error("Temporal at {address} does not answer: {reason}")]
    Unreachable {
        /// The address.
        address: String,
        /// Why.
        reason: String,
    },
    /// The server is there, its namespace is not.
    #[error("Temporal at {address} has no namespace {namespace:?}")]
    NoNamespace {
        /// The address.
        address: String,
        /// The namespace.
        namespace: String,
    },
    /// The server does not let us in.
    #[error("Temporal at {address} refuses us: {reason}; check the API key or the client certificate")]
    Refused {
        /// The address.
        address: String,
        /// Why.
        reason: String,
    },
}

impl ConnectError {
    /// Whether waiting can help.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::NoNamespace { .. })
    }
}

/// Reads `temporal.toml` and `TEMPORAL_*` as every Temporal SDK does.
///
/// # Errors
/// When they do not make sense.
pub fn load_temporal_config() -> Result<Temporal, ConnectError> {
    let (connection, client) = ClientOptions::load_from_config(LoadClientConfigProfileOptions::default())
        .map_err(|e| ConnectError::Settings { reason: e.to_string() })?;
    Ok(Temporal { connection, client })
}

/// Connects, and while there is no server or no namespace waits and says so. `None` when `stop` came first.
///
/// # Errors
/// When waiting cannot help: wrong settings or wrong credentials.
pub async fn wait_for_temporal(
    temporal: &Temporal,
    stop: impl Future<Output = ()>,
) -> Result<Option<Client>, ConnectError> {
    tokio::pin!(stop);
    let mut pause = FIRST_PAUSE;
    loop {
        let error = tokio::select! {
            connected = temporal.connect() => match connected {
                Ok(client) => return Ok(Some(client)),
                Err(error) if error.may_pass() => error,
                Err(error) => return Err(error),
            },
            () = &mut stop => return Ok(None),
        };
        tracing::warn!("{error}; trying again in {:.2} s", pause.as_secs_f32());
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = &mut stop => return Ok(None),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The innermost reason: `connection refused` rather than `transport error`.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// A server at `host:port` without TLS or credentials, such as a dev server.
///
/// # Errors
/// When the address makes no sense.
pub fn plain_temporal(address: &str, namespace: &str) -> Result<Temporal, ConnectError> {
    let target = reqwest::Url::parse(&format!("http://{address}"))
        .map_err(|e| ConnectError::Settings { reason: format!("{address:?}: {e}") })?;
    Ok(Temporal { connection: ConnectionOptions::new(target).build(), client: ClientOptions::new(namespace).build() })
}
