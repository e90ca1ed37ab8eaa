//! Where a PostgreSQL server is, and how to speak to it.

use std::path::PathBuf;

use postgres::config::{Config, Host};

/// `postgres://user@host:port/db`, as libpq reads it, with less that can go wrong: one server, no password, and encryption
/// that is either there and verified or is not there.
///
/// Parameters: `sslmode` (`disable`, `require`, `verify-full`), `sslrootcert=PATH` (PEM; without it the certificates that
/// the system trusts), and `host=FOLDER` of a Unix socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    /// Who asks.
    pub user: String,
    /// Name, address or, beginning with `/`, the folder of the Unix socket.
    pub host: String,
    /// Port, also of a Unix socket.
    pub port: u16,
    /// Database.
    pub database: String,
    /// Whether the connection is encrypted.
    pub encryption: Encryption,
}

/// Whether a connection is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// Never. What a URL of this machine means when it does not say.
    Off,
    /// Always, and the server's certificate is verified, its name too: by these roots or by those of the system.
    Verified {
        /// PEM file.
        roots: Option<PathBuf>,
    },
}

const PORT: u16 = 5432;

impl PostgresUrl {
    /// Reads a URL. The reason of a refusal does not repeat what may be a password.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let rest = url.split_once("://").map(|(_, rest)| rest).ok_or("it has to begin with postgres://")?;
        let (base, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority = base.split('/').next().unwrap_or_default();
        if authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
            return Err("a URL holds no password, since URLs are shown and logged; give it as a secret".to_owned());
        }
        let config: Config = format!("postgres://{base}").parse().map_err(|e: postgres::Error| reason(&e))?;
        let user = config.get_user().ok_or("it names no user: postgres://USER@HOST/DATABASE")?.to_owned();
        let database = config.get_dbname().ok_or("it names no database: postgres://USER@HOST/DATABASE")?.to_owned();
        let mut hosts = config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        });
        let mut host = hosts.next();
        if hosts.next().is_some() {
            return Err("it names several servers; name the one that is written to".to_owned());
        }
        let port = config.get_ports().first().copied().unwrap_or(PORT);
        let (mut mode, mut roots) = (None, None);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "sslmode" => mode = Some(value.into_owned()),
                "sslrootcert" => roots = Some(PathBuf::from(value.into_owned())),
                "host" if value.starts_with('/') && host.is_none() => host = Some(value.into_owned()),
                "password" => return Err("a URL holds no password; give it as a secret".to_owned()),
                _ => return Err(format!("{name:?} is none of sslmode, sslrootcert and host=FOLDER")),
            }
        }
        let host = host.ok_or("it names no server: postgres://USER@HOST/DATABASE")?;
        let encryption = match (mode.as_deref(), &roots) {
            (Some("disable"), None) => Encryption::Off,
            (Some("disable"), Some(_)) => return Err("sslrootcert says nothing with sslmode=disable".to_owned()),
            (Some("require" | "verify-full"), _) | (None, Some(_)) => Encryption::Verified { roots },
            (None, None) if is_this_machine(&host) => Encryption::Off,
            (None, None) => Encryption::Verified { roots },
            (Some("allow" | "prefer"), _) => {
                return Err("sslmode allow and prefer fall back to no encryption; write require or disable".to_owned());
            }
            (Some("verify-ca"), _) => {
                return Err("sslmode verify-ca takes any server's certificate; write verify-full".to_owned());
            }
            (Some(_), _) => return Err("sslmode is none of disable, require and verify-full".to_owned()),
        };
        if host.starts_with('/') && encryption != Encryption::Off {
            return Err("a Unix socket is not encrypted; leave sslmode out".to_owned());
        }
        Ok(Self { user, host, port, database, encryption })
    }
}

fn reason(error: &postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| "it cannot be read".to_owned(), ToString::to_string)
}

fn is_this_machine(host: &str) -> bool {
    host.starts_with('/')
        || host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Without the parameters: what messages name the store by.
impl std::fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "postgres://{}@{}:{}/{}", self.user, self.host, self.port, self.database)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> PostgresUrl {
        PostgresUrl::parse(url).unwrap()
    }

    #[test]
    fn a_url_names_user_server_and_database() {
        let url = parse("postgres://me%40home@db.example:6543/graphs");
        assert_eq!(
            (&*url.user, &*url.host, url.port, &*url.database),
            ("me@home", "db.example", 6543, "graphs"),
            "percent signs are read"
        );
        assert_eq!(parse("postgresql://me@[::1]/g").port, 5432);
        assert_eq!(parse("postgres://me@/g?host=/run/postgresql").host, "/run/postgresql");
    }

    #[test]
    fn what_leaves_this_machine_is_encrypted_and_verified_unless_said_otherwise() {
        let verified = |roots: Option<&str>| Encryption::Verified { roots: roots.map(PathBuf::from) };
        for (url, encryption) in [
            ("postgres://me@localhost/g", Encryption::Off),
            ("postgres://me@127.0.0.1/g", Encryption::Off),
            ("postgres://me@[::1]/g", Encryption::Off),
            ("postgres://me@/g?host=/run", Encryption::Off),
            ("postgres://me@localhost/g?sslmode=verify-full", verified(None)),
            ("postgres://me@db.example/g", verified(None)),
            ("postgres://me@db.example/g?sslmode=require", verified(None)),
            ("postgres://me@db.example/g?sslrootcert=%2Fa%20b.pem", verified(Some("/a b.pem"))),
            ("postgres://me@db.example/g?sslmode=disable", Encryption::Off),
        ] {
            assert_eq!(parse(url).encryption, encryption, "{url}");
        }
    }

    #[test]
    fn a_url_that_would_surprise_is_refused_and_says_why() {
        for (url, part) in [
            ("postgres://me:hunter2@db/g", "no password"),
            ("postgres://me:hun@ter2@db/g", "no password"),
            ("postgres://me@db/g?password=hunter2", "no password"),
            ("postgres://db/g", "no user"),
            ("postgres://me@db", "no database"),
            ("postgres://me@/g", "no server"),
            ("postgres://me@a,b/g", "several servers"),
            ("postgres://me@db:port/g", "invalid"),
            ("postgres://me@db/g?sslmode=prefer", "fall back"),
            ("postgres://me@db/g?sslmode=verify-ca", "verify-full"),
            ("postgres://me@db/g?sslmode=on", "none of"),
            ("postgres://me@db/g?sslmode=disable&sslrootcert=/a", "says nothing"),
            ("postgres://me@/g?host=/run&sslmode=require", "not encrypted"),
            ("postgres://me@db/g?options=-c", "options"),
            ("postgres:me@db/g", "postgres://"),
        ] {
            let reason = PostgresUrl::parse(url).unwrap_err();
            assert!(reason.contains(part), "{url}: {reason}");
            assert!(!reason.contains("hunter2"), "{reason}");
        }
    }
}
