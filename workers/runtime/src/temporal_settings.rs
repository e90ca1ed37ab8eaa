//! Temporal's own settings, `temporal.toml` and `TEMPORAL_*`, read as every SDK of Temporal reads them. What the Rust SDK
//! passes over in silence is said here.

use std::{collections::HashMap, env, fs};

use contracts::env as names;
use temporalio_client::{ClientOptions, ConnectionOptions};
use temporalio_common::envconfig::{
    ClientConfigProfile, ClientConfigTLS, DataSource, LoadClientConfigProfileOptions, load_client_config_profile,
};
use tonic::metadata::{Ascii, MetadataValue};

use crate::{codec::PayloadEncryption, connect_error::ConnectError, connection::Temporal};

const DEFAULT_NAMESPACE: &str = "default";
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";
const KEY: &str = "PRIVATE KEY-----";

/// Reads `temporal.toml` and `TEMPORAL_*` as every Temporal SDK does, and `GANTRY_CODEC_KEYS`.
///
/// # Errors
/// When they do not make sense, or ask for what cannot be done.
pub fn load_temporal_config() -> Result<Temporal, ConnectError> {
    load(
        env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    )
}

fn load(mut variables: HashMap<String, String>) -> Result<Temporal, ConnectError> {
    // An empty variable is how a container says "not set"; for a header it means "do without".
    variables.retain(|name, value| !value.is_empty() || name.starts_with("TEMPORAL_GRPC_META_"));
    check_words(&variables)?;
    let profile = load_client_config_profile(LoadClientConfigProfileOptions::default(), Some(&variables))
        .map_err(|e| unreadable(&e))?;
    check(&profile)?;
    let warnings = warnings(&profile);
    let encryption = PayloadEncryption::new(variables.get(names::CODEC_KEYS).map(String::as_str))?;
    let namespace = profile.namespace.clone().unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
    let connection = ConnectionOptions::try_from(profile).map_err(|e| unreadable(&e))?;
    let client = ClientOptions::new(namespace).build();
    Ok(Temporal { connection, client, warnings }.encrypted(&encryption))
}

/// A server at `host:port` without TLS or credentials, such as a dev server.
///
/// # Errors
/// When the address makes no sense.
pub fn plain_temporal(address: &str, namespace: &str) -> Result<Temporal, ConnectError> {
    let target =
        reqwest::Url::parse(&format!("http://{address}")).map_err(|e| settings(format!("{address:?}: {e}")))?;
    let (connection, client) = (ConnectionOptions::new(target).build(), ClientOptions::new(namespace).build());
    Ok(Temporal { connection, client, warnings: Vec::new() }.encrypted(&PayloadEncryption::default()))
}

fn settings(reason: impl Into<String>) -> ConnectError {
    ConnectError::Settings { reason: reason.into() }
}

/// Only the first line: a parser's next ones show the place in the file, and that may be the API key.
fn unreadable(error: &dyn std::fmt::Display) -> ConnectError {
    settings(error.to_string().lines().next().unwrap_or_default())
}

/// The SDK takes a word that it does not know for "not set".
fn check_words(variables: &HashMap<String, String>) -> Result<(), ConnectError> {
    for name in ["TEMPORAL_TLS", "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"] {
        let Some(word) = variables.get(name) else { continue };
        if !["true", "false", "1", "0"].contains(&word.to_lowercase().as_str()) {
            return Err(settings(format!("{name}={word:?}: expected true or false")));
        }
    }
    Ok(())
}

fn check(profile: &ClientConfigProfile) -> Result<(), ConnectError> {
    if let Some(tls) = &profile.tls {
        check_tls(tls)?;
    }
    let address = profile.address.as_deref().unwrap_or_default();
    match (address.split_once("://").map(|(scheme, _)| scheme), uses_tls(profile)) {
        (Some("http"), true) => {
            return Err(settings("the address begins with http://, but TLS is on: write it as host:port"));
        }
        (Some("https"), false) => {
            return Err(settings("the address begins with https://, but TLS is off: set TEMPORAL_TLS=true"));
        }
        _ => {}
    }
    if let Some(key) = &profile.api_key
        && MetadataValue::<Ascii>::try_from(format!("Bearer {key}")).is_err()
    {
        return Err(settings("TEMPORAL_API_KEY holds what no header can hold, for example an end of line"));
    }
    Ok(())
}

fn check_tls(tls: &ClientConfigTLS) -> Result<(), ConnectError> {
    if tls.disable_host_verification {
        return Err(settings(
            "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION (tls.disable_host_verification in temporal.toml) is not supported: \
             name the authority that signed the server's certificate with TEMPORAL_TLS_SERVER_CA_CERT_PATH, and the name \
             in that certificate with TEMPORAL_TLS_SERVER_NAME",
        ));
    }
    check_pem("TEMPORAL_TLS_SERVER_CA_CERT", "server_ca_cert", tls.server_ca_cert.as_ref(), CERTIFICATE)?;
    check_pem("TEMPORAL_TLS_CLIENT_CERT", "client_cert", tls.client_cert.as_ref(), CERTIFICATE)?;
    check_pem("TEMPORAL_TLS_CLIENT_KEY", "client_key", tls.client_key.as_ref(), KEY)
}

/// That there is PEM of this kind. The SDK's own errors would not say in which file it is missing.
fn check_pem(variable: &str, field: &str, source: Option<&DataSource>, kind: &str) -> Result<(), ConnectError> {
    let (place, bytes) = match source {
        Some(DataSource::Path(path)) => {
            let place = format!("{variable}_PATH (tls.{field}_path in temporal.toml), {path}");
            let bytes = fs::read(path).map_err(|e| settings(format!("{place}: {e}")))?;
            (place, bytes)
        }
        Some(DataSource::Data(bytes)) => {
            (format!("{variable}_DATA (tls.{field}_data in temporal.toml)"), bytes.clone())
        }
        _ => return Ok(()),
    };
    if String::from_utf8_lossy(&bytes).contains(kind) {
        return Ok(());
    }
    let what = if kind == KEY { "private key" } else { "certificate" };
    Err(settings(format!("{place}: expected a {what} in PEM form")))
}

/// As the SDK decides it.
fn uses_tls(profile: &ClientConfigProfile) -> bool {
    match &profile.tls {
        Some(tls) => tls.disabled != Some(true),
        None => profile.api_key.is_some(),
    }
}

fn warnings(profile: &ClientConfigProfile) -> Vec<String> {
    let mut warnings = Vec::new();
    if profile.codec.as_ref().is_some_and(|codec| codec.endpoint.is_some() || codec.auth.is_some()) {
        warnings.push(
            "TEMPORAL_CODEC_ENDPOINT and TEMPORAL_CODEC_AUTH (codec in temporal.toml) are for the Temporal command line and \
             have no effect here; payloads are encrypted by the keys of GANTRY_CODEC_KEYS"
                .to_owned(),
        );
    }
    if profile.api_key.is_some() && !uses_tls(profile) {
        warnings.push("TLS is off: the API key travels in the clear".to_owned());
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Temporal, ConnectError> {
        let nowhere = [("TEMPORAL_CONFIG_FILE", "/no/such/file")];
        load(nowhere.iter().chain(variables).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn with_file(text: &str) -> Result<Temporal, ConnectError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        with(&[("TEMPORAL_CONFIG_FILE", file.path().to_str().unwrap())])
    }

    fn refused(result: Result<Temporal, ConnectError>) -> String {
        result.err().unwrap().to_string()
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let temporal = with(&[("TEMPORAL_API_KEY", ""), ("TEMPORAL_ADDRESS", ""), ("TEMPORAL_TLS", "")]).unwrap();
        assert_eq!(temporal.address(), "localhost:7233");
        assert!(temporal.connection.tls_options.is_none() && temporal.connection.api_key.is_none());
    }

    #[test]
    fn an_api_key_turns_tls_on_and_is_warned_of_where_it_does_not() {
        let temporal = with(&[("TEMPORAL_API_KEY", "s3cret"), ("TEMPORAL_ADDRESS", "h:1")]).unwrap();
        assert_eq!(temporal.connection.target.scheme(), "https");
        assert!(temporal.warnings.is_empty());
        let temporal = with(&[("TEMPORAL_API_KEY", "s3cret"), ("TEMPORAL_TLS", "false")]).unwrap();
        assert!(temporal.warnings[0].contains("in the clear") && !temporal.warnings[0].contains("s3cret"));
    }

    #[test]
    fn what_the_sdk_would_pass_over_is_refused_or_warned_of() {
        for setting in ["true", "1"] {
            let said = refused(with(&[("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", setting)]));
            assert!(said.contains("not supported") && said.contains("TEMPORAL_TLS_SERVER_CA_CERT_PATH"), "{said}");
        }
        assert!(with(&[("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", "false")]).is_ok());
        let said = refused(with_file("[profile.default.tls]\ndisable_host_verification = true\n"));
        assert!(said.contains("disable_host_verification in temporal.toml"), "{said}");
        for (name, value) in [("TEMPORAL_TLS", "yes"), ("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", "on")] {
            assert!(refused(with(&[(name, value)])).contains(&format!("{name}={value:?}: expected true or false")));
        }
        for name in ["TEMPORAL_CODEC_ENDPOINT", "TEMPORAL_CODEC_AUTH"] {
            let temporal = with(&[(name, "http://localhost:8234")]).unwrap();
            assert!(temporal.warnings[0].contains("GANTRY_CODEC_KEYS"), "{:?}", temporal.warnings);
        }
        let temporal = with_file("[profile.default.codec]\nendpoint = \"http://localhost:8234\"\n").unwrap();
        assert_eq!(temporal.warnings.len(), 1);
    }

    #[test]
    fn a_scheme_that_contradicts_the_settings_is_refused() {
        let said = refused(with(&[("TEMPORAL_ADDRESS", "http://h:1"), ("TEMPORAL_TLS", "true")]));
        assert!(said.contains("TLS is on"), "{said}");
        let said = refused(with(&[("TEMPORAL_ADDRESS", "https://h:1")]));
        assert!(said.contains("TEMPORAL_TLS=true"), "{said}");
    }

    #[test]
    fn a_file_without_pem_is_named_with_its_setting() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "hello").unwrap();
        let path = file.path().to_str().unwrap();
        for name in
            ["TEMPORAL_TLS_SERVER_CA_CERT_PATH", "TEMPORAL_TLS_CLIENT_CERT_PATH", "TEMPORAL_TLS_CLIENT_KEY_PATH"]
        {
            let said = refused(with(&[(name, path)]));
            assert!(said.contains(name) && said.contains(path) && said.contains("PEM"), "{said}");
            let said = refused(with(&[(name, "/no/such.pem")]));
            assert!(said.contains(name) && said.contains("/no/such.pem: No such file"), "{said}");
        }
    }

    #[test]
    fn no_error_shows_an_api_key() {
        let broken = refused(with_file("[profile.default]\naddress = \"h:1\"\napi_key = s3cret\n"));
        assert!(broken.contains("line 3") && !broken.contains("s3cret"), "{broken}");
        let unsendable = refused(with(&[("TEMPORAL_API_KEY", "s3cret\n")]));
        assert!(unsendable.contains("TEMPORAL_API_KEY") && !unsendable.contains("s3cret"), "{unsendable}");
    }

    #[test]
    fn keys_that_cannot_be_used_are_no_setting_of_temporal() {
        let said = refused(with(&[("GANTRY_CODEC_KEYS", "file:/no/such/keys")]));
        assert!(said.contains("GANTRY_CODEC_KEYS") && said.contains("/no/such/keys"), "{said}");
        assert!(!said.contains("TEMPORAL_"), "{said}");
    }
}
