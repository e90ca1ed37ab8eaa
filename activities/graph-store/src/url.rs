//! Which store, as a URL.

use std::path::PathBuf;

use crate::{arango::ArangoUrl, error::StoreError, postgres::PostgresUrl};

/// Where a graph is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphUrl {
    /// `sqlite:PATH`, an embedded database that several processes of one host may use at once.
    Sqlite(PathBuf),
    /// `arangodb+http(s)://host:8529/DATABASE`, a database of an ArangoDB server.
    Arango(ArangoUrl),
    /// `postgres://USER@HOST:PORT/DATABASE`, a server.
    Postgres(PostgresUrl),
}

impl std::str::FromStr for GraphUrl {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, StoreError> {
        let refuse = |reason: &str| StoreError::Url { url: redacted(url), reason: reason.to_owned() };
        match url.split_once(':') {
            Some(("sqlite", "")) => Err(refuse("the path is empty")),
            Some(("sqlite", path)) => Ok(Self::Sqlite(PathBuf::from(path))),
            Some(("arangodb+http" | "arangodb+https", _)) => {
                let plain = url.strip_prefix("arangodb+").unwrap_or(url);
                ArangoUrl::parse(plain).map(Self::Arango).map_err(refuse)
            }
            Some(("postgres" | "postgresql", _)) => match PostgresUrl::parse(url) {
                Ok(url) => Ok(Self::Postgres(url)),
                Err(reason) => Err(refuse(&reason)),
            },
            Some((scheme, _)) => Err(refuse(&format!("no store for {scheme:?} in this build"))),
            None => Err(refuse("no scheme")),
        }
    }
}

impl std::fmt::Display for GraphUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Arango(url) => url.fmt(f),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

/// Hides what stands before an `@`, which may be a password.
fn redacted(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}://***{}", url.get(..scheme).unwrap_or_default(), url.get(at..).unwrap_or_default())
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_store_is_refused_and_its_password_is_not_repeated() {
        let message = "mysql://me:secret@db/x".parse::<GraphUrl>().unwrap_err().to_string();
        assert!(message.contains("no store for \"mysql\""), "{message}");
        assert!(!message.contains("secret"), "{message}");
        let message = "arangodb+http://me:secret@db:8529/x".parse::<GraphUrl>().unwrap_err().to_string();
        assert!(message.contains("GANTRY_ARANGO_AUTH") && !message.contains("secret"), "{message}");
        let arango: GraphUrl = "arangodb+https://db/graph".parse().unwrap();
        assert_eq!(arango.to_string(), "arangodb+https://db:8529/graph");
        let message = "postgres://me:sec@ret@db/x".parse::<GraphUrl>().unwrap_err().to_string();
        assert!(message.contains("no password") && !message.contains("sec@"), "{message}");
        assert!("sqlite:".parse::<GraphUrl>().is_err());
        assert!("graph.db".parse::<GraphUrl>().is_err());
        assert_eq!("sqlite:a/b.db".parse::<GraphUrl>().unwrap(), GraphUrl::Sqlite("a/b.db".into()));
    }
}
