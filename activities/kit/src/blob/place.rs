//! Opening the object store at an address: credentials, time-outs, retries.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ClientConfigKey, ClientOptions, ObjectStore, ObjectStoreScheme, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    azure::{AzureConfigKey, MicrosoftAzureBuilder},
    gcp::{GoogleCloudStorageBuilder, GoogleConfigKey},
    http::HttpBuilder,
    local::LocalFileSystem,
    memory::InMemory,
};
use url::Url;

use super::address::{Address, BlobUrlError};
use crate::install_tls_provider;

/// Longest time of one request, which moves at most one piece. `AWS_TIMEOUT` and its like set another.
const REQUEST: &str = "20 seconds";
/// `AWS_CONNECT_TIMEOUT` and its like set another.
const CONNECT: &str = "5 seconds";

/// So that a store that does not answer is a failure of the activity within the time-out of a heartbeat: the activity's
/// own retries have more patience.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
            base: 2.0,
        },
        max_retries: 3,
        retry_timeout: Duration::from_secs(8),
    }
}

/// A blob store that is open.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) address: Address,
    pub(super) store: Arc<dyn ObjectStore>,
}

impl fmt::Debug for Place {
    // The store's own text would show how it is configured.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.address.base.as_str())
    }
}

impl Place {
    pub(super) fn open(url: &Url, environment: &BTreeMap<String, String>) -> Result<Self, BlobUrlError> {
        let address = Address::new(url)?;
        install_tls_provider();
        let opened = match address.scheme {
            ObjectStoreScheme::AmazonS3 => s3(&address, environment),
            ObjectStoreScheme::GoogleCloudStorage => google(&address, environment),
            ObjectStoreScheme::MicrosoftAzure => azure(&address, environment),
            ObjectStoreScheme::Http => http(&address),
            _ => Ok(Arc::new(LocalFileSystem::new().with_fsync(true)) as Arc<dyn ObjectStore>),
        };
        let store = opened.map_err(|error| {
            // A setting that cannot be read is shown in the error, and may be the secret itself.
            let mut text = error.to_string();
            for value in environment.values().filter(|v| v.len() > 3) {
                text = text.replace(value.as_str(), "***");
            }
            BlobUrlError::new(format!("the settings of {} to be usable ({text})", address.base))
        })?;
        Ok(Self { address, store })
    }

    pub(super) fn memory() -> Result<Self, url::ParseError> {
        Ok(Self { address: Address::memory()?, store: Arc::new(InMemory::new()) })
    }

    /// Whether a blob lies in the file system, where reading it needs no copy.
    pub(super) fn is_local(&self) -> bool {
        self.address.scheme == ObjectStoreScheme::Local
    }

    /// Whether a blob can be moved in several requests. WebDAV cannot write one so, and not every web server read.
    pub(super) fn has_parts(&self) -> bool {
        self.address.scheme != ObjectStoreScheme::Http
    }
}

/// The variables that a store's own tools read. An empty one counts as unset.
fn settings<'a>(environment: &'a BTreeMap<String, String>, prefix: &'a str) -> impl Iterator<Item = (String, &'a str)> {
    let named = environment.iter().filter(move |(name, value)| name.starts_with(prefix) && !value.is_empty());
    named.map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
}

fn s3(address: &Address, environment: &BTreeMap<String, String>) -> object_store::Result<Arc<dyn ObjectStore>> {
    let mut builder = AmazonS3Builder::new()
        .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), REQUEST)
        .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::ConnectTimeout), CONNECT);
    for (name, value) in settings(environment, "AWS_") {
        if let Ok(key) = name.parse() {
            builder = builder.with_config(key, value);
        }
    }
    Ok(Arc::new(builder.with_url(address.base.as_str()).with_retry(retries()).build()?))
}

fn google(address: &Address, environment: &BTreeMap<String, String>) -> object_store::Result<Arc<dyn ObjectStore>> {
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_config(GoogleConfigKey::Client(ClientConfigKey::Timeout), REQUEST)
        .with_config(GoogleConfigKey::Client(ClientConfigKey::ConnectTimeout), CONNECT);
    if let Some(path) = environment.get("SERVICE_ACCOUNT") {
        builder = builder.with_service_account_path(path);
    }
    for (name, value) in settings(environment, "GOOGLE_") {
        if let Ok(key) = name.parse() {
            builder = builder.with_config(key, value);
        }
    }
    Ok(Arc::new(builder.with_url(address.base.as_str()).with_retry(retries()).build()?))
}

fn azure(address: &Address, environment: &BTreeMap<String, String>) -> object_store::Result<Arc<dyn ObjectStore>> {
    let mut builder = MicrosoftAzureBuilder::new()
        .with_config(AzureConfigKey::Client(ClientConfigKey::Timeout), REQUEST)
        .with_config(AzureConfigKey::Client(ClientConfigKey::ConnectTimeout), CONNECT);
    for (name, value) in settings(environment, "AZURE_") {
        if let Ok(key) = name.parse() {
            builder = builder.with_config(key, value);
        }
    }
    if let Some(endpoint) = environment.get("IDENTITY_ENDPOINT") {
        builder = builder.with_msi_endpoint(endpoint);
    }
    Ok(Arc::new(builder.with_url(address.base.as_str()).with_retry(retries()).build()?))
}

fn http(address: &Address) -> object_store::Result<Arc<dyn ObjectStore>> {
    // The path of the URL is the prefix of the names.
    let mut server = address.base.clone();
    server.set_path("");
    // A blob is one answer, however large: what is bounded is the wait for its next bytes.
    let options = ClientOptions::new()
        .with_timeout_disabled()
        .with_config(ClientConfigKey::ReadTimeout, REQUEST)
        .with_config(ClientConfigKey::ConnectTimeout, CONNECT)
        .with_allow_http(address.base.scheme() == "http");
    Ok(Arc::new(HttpBuilder::new().with_url(server).with_client_options(options).with_retry(retries()).build()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::blob_url;

    fn open(url: &str, environment: &[(&str, &str)]) -> Result<Place, BlobUrlError> {
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Place::open(&blob_url(url).unwrap(), &environment)
    }

    #[test]
    fn stores_behind_tls_open_without_a_request_and_show_no_secret() {
        let key = [("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "hunter2"), ("AWS_REGION", "eu-west-1")];
        let azure = [("AZURE_STORAGE_ACCOUNT_NAME", "a"), ("AZURE_STORAGE_ACCOUNT_KEY", "aHVudGVyMg==")];
        let opened = [
            open("s3://bucket/prefix", &key),
            open("s3://bucket", &[]),
            open("gs://bucket/prefix", &[("GOOGLE_SKIP_SIGNATURE", "true")]),
            open("az://container/prefix", &azure),
            open("https://host/prefix", &[]),
        ];
        for place in opened {
            let text = format!("{:?}", place.unwrap());
            assert!(!text.contains("hunter2") && !text.contains("aHVudGVyMg"), "{text}");
        }
    }

    #[test]
    fn a_setting_that_makes_no_sense_is_an_error_that_does_not_show_secrets() {
        let half = open("s3://bucket", &[("AWS_SECRET_ACCESS_KEY", "hunter2")]).unwrap_err();
        assert!(!half.to_string().contains("hunter2"), "{half}");
        let wrong = open("s3://bucket", &[("AWS_TIMEOUT", "hunter2"), ("AWS_ACCESS_KEY_ID", ""), ("AWS_REGION", "")]);
        assert!(!wrong.unwrap_err().to_string().contains("hunter2"));
        let account = open("gs://bucket", &[("GOOGLE_SERVICE_ACCOUNT_KEY", "\"hunter2\"")]).unwrap_err();
        assert!(!account.to_string().contains("hunter2"), "{account}");
    }
}
