//! Which store, as a URL.

use std::path::PathBuf;

use crate::{error::StoreError, postgres::PostgresUrl};

/// Where a graph is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphUrl {
    /// `sqlite:PATH`, an embedded database that several processes of one host may use at once.
    Sqlite(PathBuf),
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
        let message = "postgres://me:sec@ret@db/x".parse::<GraphUrl>().unwrap_err().to_string();
        assert!(message.contains("no password") && !message.contains("sec@"), "{message}");
        assert!("sqlite:".parse::<GraphUrl>().is_err());
        assert!("graph.db".parse::<GraphUrl>().is_err());
        assert_eq!("sqlite:a/b.db".parse::<GraphUrl>().unwrap(), GraphUrl::Sqlite("a/b.db".into()));
    }
}
