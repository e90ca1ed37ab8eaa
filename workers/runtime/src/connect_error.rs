//! Why there is no connection, in one line that says what to check.

use std::error::Error;

use temporalio_client::errors::ClientConnectError;
use tonic::{Code, Status};

use crate::{codec::KeysError, connection::Temporal};

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The settings do not make sense.
    #[error("Temporal's settings (temporal.toml, TEMPORAL_*): {reason}")]
    Settings {
        /// What is wrong with them.
        reason: String,
    },
    /// The keys of payload encryption cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Nobody answers there.
    #[error("Temporal at {address} does not answer: {reason}")]
    Unreachable {
        /// The address.
        address: String,
        /// Why.
        reason: String,
    },
    /// Server and client do not agree on certificates.
    #[error("no TLS connection to Temporal at {address}: {reason}; {check}")]
    Tls {
        /// The address.
        address: String,
        /// Why.
        reason: String,
        /// What to look at.
        check: &'static str,
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
    #[error("Temporal at {address} refuses us: {reason}; {check}")]
    Refused {
        /// The address.
        address: String,
        /// Why.
        reason: String,
        /// What to look at.
        check: &'static str,
    },
}

impl ConnectError {
    /// Whether waiting can help. A key or a certificate is read at the start of a process, so no waiting changes it.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::NoNamespace { .. })
    }

    /// What the SDK's error means for a connection with these settings.
    pub(crate) fn of_connecting(temporal: &Temporal, error: &ClientConnectError) -> Self {
        match error {
            ClientConnectError::TonicTransportError(error) => Self::of_transport(temporal, error),
            ClientConnectError::SystemInfoCallError(status) => Self::of_call(temporal, status),
            ClientConnectError::DnsResolutionError { host, source } => {
                Self::unreachable(temporal, format!("no address is known for {host:?}: {source}"))
            }
            // It would show the value, which may be a credential.
            ClientConnectError::InvalidHeaders(_) => {
                Self::Settings { reason: "TEMPORAL_GRPC_META_* holds what no header can hold".to_owned() }
            }
            other => Self::Settings { reason: other.to_string() },
        }
    }

    /// What the answer to a first call means.
    pub(crate) fn of_call(temporal: &Temporal, status: &Status) -> Self {
        let address = temporal.address();
        match (status.code(), status.source()) {
            (Code::NotFound, _) => Self::NoNamespace { namespace: temporal.namespace().to_owned(), address },
            (Code::PermissionDenied | Code::Unauthenticated, _) => {
                let check = if temporal.connection.api_key.is_some() {
                    "check TEMPORAL_API_KEY (api_key in temporal.toml) and what that key may do"
                } else {
                    "set TEMPORAL_API_KEY (api_key in temporal.toml)"
                };
                Self::Refused { address, reason: temporal.without_api_key(status.message()), check }
            }
            (_, Some(source)) => Self::of_transport(temporal, source),
            (_, None) => Self::unreachable(temporal, temporal.without_api_key(status.message())),
        }
    }

    fn of_transport(temporal: &Temporal, error: &(dyn Error + 'static)) -> Self {
        let mut reason = root_cause(error).to_string();
        if let Some(check) = what_to_check(&reason) {
            return Self::Tls { address: temporal.address(), reason, check };
        }
        // A connection that stood and broke at the first call: that is how a server says no to a client without a
        // certificate, or without TLS, if its alert gets lost.
        if !causes(error).any(|cause| cause.is::<tonic::ConnectError>()) {
            reason.push_str(match &temporal.connection.tls_options {
                None => " (if it wants TLS: TEMPORAL_TLS=true)",
                Some(tls) if tls.client_tls_options.is_none() => {
                    " (if it wants a client certificate: TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH)"
                }
                Some(_) => " (if it does not take the client certificate: TEMPORAL_TLS_CLIENT_CERT_PATH)",
            });
        }
        Self::unreachable(temporal, reason)
    }

    fn unreachable(temporal: &Temporal, reason: String) -> Self {
        Self::Unreachable { address: temporal.address(), reason }
    }
}

/// What to look at, if the reason is one of the TLS library's. The texts are those of its errors; the end-to-end tests hold
/// them to it.
fn what_to_check(reason: &str) -> Option<&'static str> {
    const TABLE: [(&str, &str); 9] = [
        (
            "UnknownIssuer",
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH has to name the authority that signed the server's certificate",
        ),
        ("not valid for name", "TEMPORAL_TLS_SERVER_NAME has to be a name in the server's certificate"),
        ("invalid peer certificate", "check the server's certificate, and the clock of this host"),
        (
            "received fatal alert: CertificateRequired",
            "the server wants a client certificate: TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH",
        ),
        (
            "received fatal alert",
            "check what the server wants; for its certificates: TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH",
        ),
        ("received corrupt message", "it does not speak TLS there: check TEMPORAL_ADDRESS and TEMPORAL_TLS"),
        ("keys may not be consistent", "TEMPORAL_TLS_CLIENT_KEY_PATH is not the key of TEMPORAL_TLS_CLIENT_CERT_PATH"),
        ("parsing TLS private key", "check TEMPORAL_TLS_CLIENT_KEY_PATH"),
        ("parsing TLS certificate", "check TEMPORAL_TLS_SERVER_CA_CERT_PATH and TEMPORAL_TLS_CLIENT_CERT_PATH"),
    ];
    TABLE.iter().find(|(text, _)| reason.contains(text)).map(|(_, check)| *check)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source())
}

/// The innermost reason: `connection refused` rather than `transport error`.
fn root_cause<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    causes(error).last().unwrap_or(error)
}

/// An error with all that caused it, in one line.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).fold(String::new(), |said, next| match said.contains(&next) {
        true => said,
        false if said.is_empty() => next,
        false => format!("{said}: {next}"),
    })
}
