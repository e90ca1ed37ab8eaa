//! The connection to Temporal, and a start that waits for the server.

use std::{future::Future, time::Duration};

use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions};
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;
use tonic::IntoRequest;

use crate::{codec::PayloadEncryption, connect_error::ConnectError};

/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(5);
/// Between two looks at whether we are still let in.
const LOOK: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How to reach Temporal.
#[derive(Clone)]
pub struct Temporal {
    /// Address, TLS, API key.
    pub connection: ConnectionOptions,
    /// Namespace and data converter.
    pub client: ClientOptions,
    /// What the settings ask for and do not get, for people.
    pub warnings: Vec<String>,
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

    /// The same server, with payloads encrypted like this.
    #[must_use]
    pub fn encrypted(mut self, encryption: &PayloadEncryption) -> Self {
        encryption.apply_to(&mut self.client);
        self
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
        let connection = Connection::connect(self.connection.clone())
            .await
            .map_err(|error| ConnectError::of_connecting(self, &error))?;
        let request = DescribeNamespaceRequest { namespace: self.namespace().to_owned(), ..Default::default() };
        let described = connection.workflow_service().describe_namespace(request.into_request()).await;
        described.map_err(|status| ConnectError::of_call(self, &status))?;
        Client::new(connection, self.client.clone()).map_err(|e| ConnectError::Settings { reason: e.to_string() })
    }

    /// A text from elsewhere, made safe to show.
    pub(crate) fn without_api_key(&self, text: &str) -> String {
        match &self.connection.api_key {
            Some(key) if !key.is_empty() => text.replace(key, "***"),
            _ => text.to_owned(),
        }
    }
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

/// Says so while the server turns away a client that it let in before. The SDK keeps trying for up to two minutes without a
/// word, then ends the worker; whoever looks at the log meanwhile should know why nothing happens.
pub(crate) async fn tell_of_refusals(temporal: Temporal, connection: Connection) {
    let mut refused = false;
    loop {
        tokio::time::sleep(LOOK).await;
        let request = DescribeNamespaceRequest { namespace: temporal.namespace().to_owned(), ..Default::default() };
        let answer = connection.workflow_service().describe_namespace(request.into_request()).await;
        match answer.map_err(|status| ConnectError::of_call(&temporal, &status)) {
            Err(error) if !error.may_pass() => {
                tracing::warn!("{error}; the worker ends if that stays so");
                refused = true;
            }
            Ok(_) if refused => {
                tracing::info!("Temporal lets us in again");
                refused = false;
            }
            _ => {}
        }
    }
}
