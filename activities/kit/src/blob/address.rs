//! Addresses of blob stores, and of the blobs in them.

use contracts::shared::BlobRef;
use object_store::{ObjectStoreScheme, path::Path};
use url::Url;

/// A blob store's URL that cannot be used. It says what is expected instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct BlobUrlError {
    /// What the URL should be.
    pub expected: String,
    /// Whether the URL may hold a secret and must not be shown.
    pub secret: bool,
}

impl BlobUrlError {
    pub(super) fn new(expected: impl Into<String>) -> Self {
        Self { expected: expected.into(), secret: false }
    }
}

/// The URL of a blob store, if it is one: `file:///FOLDER`, `s3://BUCKET/PREFIX`, `gs://`, `az://` or `https://`.
///
/// # Errors
/// When it is none, or holds what may be a secret.
pub fn blob_url(text: &str) -> Result<Url, BlobUrlError> {
    let url = Url::parse(text.trim()).map_err(|e| BlobUrlError {
        expected: format!("a URL such as file:///FOLDER ({e})"),
        // What cannot be read may hold a password all the same.
        secret: text.contains(['@', '?', '#']),
    })?;
    Address::new(&url).map(|address| address.base)
}

/// Where a blob store is.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// Its URL, without a slash at the end.
    pub(super) base: Url,
    pub(super) scheme: ObjectStoreScheme,
    /// The part of the URL that stands before the names of all blobs.
    prefix: Path,
}

impl Address {
    pub(super) fn new(url: &Url) -> Result<Self, BlobUrlError> {
        // `az://CONTAINER@ACCOUNT.dfs.core.windows.net` is the one form in which a user name is none.
        let azure = matches!(url.scheme(), "az" | "abfs" | "abfss");
        let user = !url.username().is_empty() && !azure;
        if user || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            let expected = "a URL without user, password, query and fragment (it is not shown: one of them may be a \
                            secret); credentials are read from AWS_*, GOOGLE_* and AZURE_*";
            return Err(BlobUrlError { secret: true, ..BlobUrlError::new(expected) });
        }
        let schemes =
            "file:///FOLDER, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX or https://HOST/PATH";
        let (scheme, prefix) =
            ObjectStoreScheme::parse(url).map_err(|e| BlobUrlError::new(format!("{schemes} ({e})")))?;
        if scheme == ObjectStoreScheme::Memory {
            return Err(BlobUrlError::new(schemes));
        }
        let mut base = url.clone();
        if scheme == ObjectStoreScheme::Local {
            // In the one spelling that a path has as a URL.
            base =
                url.to_file_path().and_then(Url::from_file_path).map_err(|()| BlobUrlError::new("file:///FOLDER"))?;
        }
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        Ok(Self { base, scheme, prefix })
    }

    /// A store in this process's memory.
    pub(super) fn memory() -> Result<Self, url::ParseError> {
        Ok(Self {
            base: Url::parse("memory:///blobs")?,
            scheme: ObjectStoreScheme::Memory,
            prefix: Path::from("blobs"),
        })
    }

    /// The name of the blob with this content in the object store.
    pub(super) fn key(&self, sha256: &str) -> Path {
        self.prefix.clone().join(shard(sha256)).join(sha256)
    }

    /// The URL of the blob with this content.
    pub(super) fn uri(&self, sha256: &str) -> String {
        let mut uri = self.base.clone();
        uri.set_path(&format!("{}/{}/{sha256}", self.base.path().trim_end_matches('/'), shard(sha256)));
        uri.into()
    }

    /// Whether the reference names a blob of this store: the same place, however it is spelled.
    pub(super) fn holds(&self, blob: &BlobRef) -> bool {
        let Ok(named) = Url::parse(&blob.uri) else { return false };
        let Ok(expected) = Url::parse(&self.uri(&blob.sha256)) else { return false };
        let same = |part: fn(&Url) -> Option<&str>| part(&named) == part(&expected);
        named.scheme() == expected.scheme()
            && named.port_or_known_default() == expected.port_or_known_default()
            && same(Url::host_str)
            && same(Url::password)
            && same(Url::query)
            && same(Url::fragment)
            && named.username() == expected.username()
            && match (Path::from_url_path(named.path()), Path::from_url_path(expected.path())) {
                (Ok(named), Ok(expected)) => named == expected,
                _ => false,
            }
    }
}

fn shard(sha256: &str) -> &str {
    sha256.get(..2).unwrap_or(sha256)
}

/// Whether this is a name that a blob can have.
pub(super) fn is_name(sha256: &str) -> bool {
    sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_store_has_its_url() {
        let name = "ab".repeat(32);
        for (text, uri) in [
            ("file:///srv/blobs", "file:///srv/blobs/ab/"),
            ("file:///srv/a b%20c%25/", "file:///srv/a%20b%20c%25/ab/"),
            ("file:///", "file:///ab/"),
            ("s3://bucket", "s3://bucket/ab/"),
            ("s3://bucket/some/prefix/", "s3://bucket/some/prefix/ab/"),
            ("gs://bucket/p", "gs://bucket/p/ab/"),
            ("az://container/p", "az://container/p/ab/"),
            (
                "abfss://container@account.dfs.core.windows.net/p",
                "abfss://container@account.dfs.core.windows.net/p/ab/",
            ),
            ("https://host:8443/blobs", "https://host:8443/blobs/ab/"),
        ] {
            let address = Address::new(&blob_url(text).unwrap()).unwrap();
            assert_eq!(address.uri(&name), format!("{uri}{name}"), "{text}");
            assert!(address.holds(&BlobRef { uri: address.uri(&name), sha256: name.clone(), bytes: 0 }), "{text}");
        }
    }

    #[test]
    fn what_is_no_blob_store_is_named_with_what_is_expected() {
        for text in
            ["ftp://host/x", "memory:///", "file://host/x", "blobs", "s3:///", "file:///a//b", "file:///%FF", "gs:"]
        {
            let error = blob_url(text).unwrap_err();
            assert!(!error.expected.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_url_that_may_hold_a_secret_is_neither_taken_nor_shown() {
        for text in [
            "s3://key:hunter2@bucket/x",
            "s3://hunter2@bucket/x",
            "https://:hunter2@host/x",
            "https://host/x?sig=hunter2",
            "https://host/x#hunter2",
            "az://container:hunter2@account/x",
            "https://u:hunter2@ho st/x",
        ] {
            let error = blob_url(text).unwrap_err();
            assert!(error.secret && !error.to_string().contains("hunter2"), "{text}: {error}");
        }
    }

    #[test]
    fn a_reference_is_known_however_its_place_is_spelled_and_no_other_is() {
        let name = "0f".repeat(32);
        let address = Address::new(&blob_url("https://host/a b").unwrap()).unwrap();
        let holds =
            |uri: &str| address.holds(&BlobRef { uri: uri.replace("NAME", &name), sha256: name.clone(), bytes: 0 });
        for uri in ["https://host/a%20b/0f/NAME", "https://HOST:443/%61 b/0f/NAME"] {
            assert!(holds(uri), "{uri}");
        }
        for uri in [
            "http://host/a%20b/0f/NAME",
            "https://host:8443/a%20b/0f/NAME",
            "https://other/a%20b/0f/NAME",
            "https://host/0f/NAME",
            "https://host/a%20b/x/../NAME",
            "https://host/a%20b/0f/NAME/",
            "https://user@host/a%20b/0f/NAME",
            "https://host/a%20b/0f/NAME?x",
            "https://host/a%20b%2F0f/NAME/..",
            "NAME",
            "",
        ] {
            let same_path = uri == "https://host/a%20b/0f/NAME/";
            assert_eq!(holds(uri), same_path, "{uri}");
        }
    }
}
