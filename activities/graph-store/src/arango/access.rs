//! Where an ArangoDB is, who asks, and how hard it may be pressed.

use std::{fmt, str::FromStr, time::Duration};

use base64::Engine;
use zeroize::Zeroizing;

/// A database on a server: `arangodb+http(s)://host:port/DATABASE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArangoUrl {
    /// `http://host:port` or `https://host:port`.
    pub(super) endpoint: String,
    /// Its name: a letter, then letters, digits, `_` and `-`, 64 at most.
    pub(super) database: String,
}

impl ArangoUrl {
    /// Reads what stands behind `arangodb+`. The error says what is wrong, without repeating the text.
    pub(crate) fn parse(url: &str) -> Result<Self, &'static str> {
        let parsed = url::Url::parse(url).map_err(|_| "not a URL")?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err("ArangoDB is reached by arangodb+http or arangodb+https");
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err("credentials do not belong into the URL; set GANTRY_ARANGO_AUTH");
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err("nothing may stand behind the name of the database");
        }
        let Some(host) = parsed.host_str().filter(|host| !host.is_empty()) else { return Err("the host is missing") };
        let database = parsed.path().trim_start_matches('/').trim_end_matches('/');
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if database.is_empty() {
            return Err("the name of the database is missing");
        }
        if database.len() > 64
            || !database.starts_with(|c: char| c.is_ascii_alphabetic())
            || !database.chars().all(plain)
        {
            return Err("a database is named by a letter, then letters, digits, _ and -, 64 at most");
        }
        // The server's own port, and not the one of web pages, when none is written.
        let authority = url.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
        let written = authority.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        let port = written.unwrap_or(8529);
        Ok(Self { endpoint: format!("{}://{host}:{port}", parsed.scheme()), database: database.to_owned() })
    }
}

impl fmt::Display for ArangoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arangodb+{}/{}", self.endpoint, self.database)
    }
}

/// Who asks. Its text is never shown.
#[derive(Clone)]
pub enum Credential {
    /// A user with a password, or with an access token in its place. Exchanged for a JWT that is renewed.
    Password {
        /// The user; may be empty with an access token.
        user: String,
        /// The password.
        password: Zeroizing<String>,
    },
    /// A JWT as it is; nobody here can renew it.
    Token(Zeroizing<String>),
}

impl FromStr for Credential {
    type Err = &'static str;

    /// `user:password`, plain or in base64, or a JWT. The error does not repeat the text.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        let text = text.trim_end_matches(['\r', '\n']);
        if let Some((user, password)) = text.split_once(':') {
            return Ok(Self::Password { user: user.to_owned(), password: Zeroizing::new(password.to_owned()) });
        }
        let url_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=');
        let parts: Vec<&str> = text.split('.').collect();
        if parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.chars().all(url_safe)) {
            return Ok(Self::Token(Zeroizing::new(text.to_owned())));
        }
        let decoded =
            base64::prelude::BASE64_STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match decoded.map(Zeroizing::new).as_deref().and_then(|text| text.split_once(':')) {
            Some((user, password)) => {
                Ok(Self::Password { user: user.to_owned(), password: Zeroizing::new(password.to_owned()) })
            }
            None => Err("neither user:password nor a JWT"),
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password { .. } => "Credential::Password(hidden)",
            Self::Token(_) => "Credential::Token(hidden)",
        })
    }
}

/// Which HTTP is spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1, a connection for each concurrent request. Measured as the faster one wherever they differ.
    #[default]
    Http1,
    /// HTTP/2: by prior knowledge over `http`, negotiated over `https` (and HTTP/1.1 where the server will not).
    Http2,
}

/// How the server is talked to.
#[derive(Debug, Clone)]
pub struct ArangoOptions {
    /// Who asks; none where the server asks nobody.
    pub credential: Option<Credential>,
    /// Requests at a time, 1 to 16.
    pub concurrency: usize,
    /// Which HTTP is spoken.
    pub protocol: Protocol,
    /// Whether bodies of requests are compressed: less to send, more to compute.
    pub gzip: bool,
    /// Bytes of documents in a request, 1 to 4 MB. One larger document goes alone.
    pub batch_bytes: usize,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long the whole answer to a request may take. The server is told to refuse what waits longer in its queue.
    pub answer_timeout: Duration,
    /// How long a request is tried again while the server is overloaded, starting, or not reached.
    pub patience: Duration,
    /// The wait before the first further try; doubled each time, 2 s at most.
    pub first_wait: Duration,
}

impl Default for ArangoOptions {
    fn default() -> Self {
        Self {
            credential: None,
            concurrency: 4,
            protocol: Protocol::Http1,
            gzip: false,
            batch_bytes: 2 << 20,
            connect_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_secs(120),
            patience: Duration::from_secs(60),
            first_wait: Duration::from_millis(50),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_read_and_never_shown() {
        for text in ["me:s3cret", "me:s3:cret\n", ":s3cret", "bWU6czNjcmV0"] {
            let credential: Credential = text.parse().unwrap();
            assert!(
                matches!(&credential, Credential::Password { password, .. } if password.starts_with("s3")),
                "{text}"
            );
            assert!(!format!("{credential:?}").contains("s3"), "{text}");
        }
        let token: Credential = "eyJh.eyJl.c2ln_-".parse().unwrap();
        assert_eq!(format!("{token:?}"), "Credential::Token(hidden)");
        for text in ["", "s3cret", "a.b", "a..c", "a.b.c d"] {
            assert!(!text.parse::<Credential>().unwrap_err().contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn a_url_names_a_server_and_a_database() {
        let show = |url: &str| ArangoUrl::parse(url).map(|url| url.to_string());
        assert_eq!(show("http://db:8529/graph").unwrap(), "arangodb+http://db:8529/graph");
        assert_eq!(show("https://db/graph/").unwrap(), "arangodb+https://db:8529/graph");
        assert_eq!(show("https://[::1]:443/g-1_x").unwrap(), "arangodb+https://[::1]:443/g-1_x");
        for url in ["http://db:8529", "http://db/1x", "http://db/a/b", "http://db/a%20b", "ftp://db/a", "http://db/a?b"]
        {
            assert!(show(url).is_err(), "{url}");
        }
        let refused = show("http://me:s3cret@db/graph").unwrap_err();
        assert!(refused.contains("GANTRY_ARANGO_AUTH") && !refused.contains("s3cret"), "{refused}");
    }
}
