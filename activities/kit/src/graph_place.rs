//! Where the graph is kept, and who asks for it. A credential stays a reference until the store is opened, and is read anew
//! each time: one that was changed meanwhile holds from the next attempt on.

use std::num::NonZeroU32;

use contracts::errors::ErrorType;
use graph_store::{
    ArangoOptions, Credential, GraphStore, GraphUrl, OpenOptions, PostgresOptions, StoreError, open_with,
};

use crate::{Failure, Secret};

/// How large a document is, for those who say how many go at once.
const DOCUMENT_BYTES: usize = 1024;

/// A graph store and the way into it.
#[derive(Debug, Clone)]
pub struct GraphPlace {
    /// Which store.
    pub url: GraphUrl,
    /// Who asks, for a store that wants to know.
    pub credential: Option<GraphCredential>,
    /// How many documents go in one request, for a server; the store decides where nothing is said.
    pub batch: Option<NonZeroU32>,
}

/// Where a credential is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphCredential {
    /// A reference to all of it: `user:password` or a JWT of ArangoDB, the password of PostgreSQL.
    Whole(String),
    /// A reference to the password of this user.
    PasswordOf(&'static str, String),
}

/// Why a store is not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenGraphError {
    /// The store says so.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The credential cannot be had, or is none.
    #[error("{0}")]
    Credential(Failure),
}

impl From<GraphUrl> for GraphPlace {
    fn from(url: GraphUrl) -> Self {
        Self { url, credential: None, batch: None }
    }
}

impl std::str::FromStr for GraphPlace {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, StoreError> {
        url.parse::<GraphUrl>().map(Self::from)
    }
}

impl GraphPlace {
    /// Opens the store and brings its schema up to date. It waits for the disk or the network.
    ///
    /// # Errors
    /// As [`graph_store::open_with`], or when there is nothing behind the reference.
    pub fn open(&self) -> Result<Box<dyn GraphStore>, OpenGraphError> {
        Ok(open_with(&self.url, self.options()?)?)
    }

    fn options(&self) -> Result<OpenOptions, OpenGraphError> {
        let mut options = OpenOptions::default();
        if let Some(batch) = self.batch {
            let documents = usize::try_from(batch.get()).unwrap_or(usize::MAX);
            let bytes = documents.saturating_mul(DOCUMENT_BYTES);
            options.arango.batch_bytes = bytes.clamp(1 << 20, 4 << 20);
        }
        if matches!(self.url, GraphUrl::Sqlite(_)) {
            return Ok(options);
        }
        let Some(credential) = &self.credential else { return Ok(options) };
        let text = credential.text().map_err(OpenGraphError::Credential)?;
        match &self.url {
            GraphUrl::Sqlite(_) => {}
            GraphUrl::Arango(_) => {
                let credential: Credential = text.parse().map_err(|what: &str| {
                    let hint = "write USER:PASSWORD, the same in base64, or a JWT";
                    let place = "the credential of the graph store, which is not shown here";
                    OpenGraphError::Credential(Failure::new(ErrorType::AuthRejected, what, place, hint))
                })?;
                options.arango = ArangoOptions { credential: Some(credential), ..options.arango };
            }
            GraphUrl::Postgres(_) => options.postgres = PostgresOptions::with_password(&text),
        }
        Ok(options)
    }
}

impl GraphCredential {
    fn text(&self) -> Result<zeroize::Zeroizing<String>, Failure> {
        Ok(zeroize::Zeroizing::new(match self {
            Self::Whole(reference) => Secret::resolve(reference)?.expose().to_owned(),
            Self::PasswordOf(user, reference) => format!("{user}:{}", Secret::resolve(reference)?.expose()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{GraphCredential, GraphPlace, OpenGraphError};

    #[test]
    fn a_credential_is_read_when_the_store_is_opened_and_shown_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        let mut place: GraphPlace = "arangodb+http://127.0.0.1:1/graph".parse().unwrap();
        place.credential = Some(GraphCredential::Whole(format!("file:{}", file.display())));
        assert!(matches!(place.open(), Err(OpenGraphError::Credential(_))), "nothing is there yet");
        fs::write(&file, "me:s3cret\n").unwrap();
        let options = place.options().unwrap();
        assert!(options.arango.credential.is_some() && !format!("{options:?}{place:?}").contains("s3cret"));
        fs::write(&file, "s3cret").unwrap();
        let refused = place.options().unwrap_err().to_string();
        assert!(refused.contains("neither") && !refused.contains("s3cret"), "{refused}");
        place.credential = Some(GraphCredential::PasswordOf("root", format!("file:{}", file.display())));
        assert!(place.options().unwrap().arango.credential.is_some());
    }

    #[test]
    fn an_embedded_store_asks_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let mut place: GraphPlace = format!("sqlite:{}", folder.path().join("graph.db").display()).parse().unwrap();
        place.credential = Some(GraphCredential::Whole("env:GANTRY_TEST_NOT_SET".into()));
        assert!(place.open().is_ok());
    }
}
