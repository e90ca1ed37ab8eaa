//! The arguments of a stand-in.

use std::{io, net::SocketAddr, path::PathBuf};

/// How a stand-in is started.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where its data is kept.
    pub data: PathBuf,
    /// The one user and the password; without, everybody may do everything.
    pub auth: Option<(String, String)>,
    /// Seconds for which a token is good.
    pub token_lifetime: u64,
}

impl Settings {
    /// Reads the arguments of a command line.
    ///
    /// # Errors
    /// When one is unknown, or wants a value.
    pub fn from_arguments(mut arguments: impl Iterator<Item = String>) -> io::Result<Self> {
        let mut settings = Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: PathBuf::new(),
            auth: None,
            token_lifetime: 3_600,
        };
        let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| wrong(&format!("{name} wants a value")))?;
            match name.as_str() {
                "--listen" => settings.listen = value.parse().map_err(|_| wrong("--listen wants host:port"))?,
                "--data" => settings.data = value.into(),
                "--auth" => {
                    let (user, password) = value.split_once(':').ok_or_else(|| wrong("--auth wants user:password"))?;
                    settings.auth = Some((user.to_owned(), password.to_owned()));
                }
                "--token-lifetime" => {
                    settings.token_lifetime = value.parse().map_err(|_| wrong("--token-lifetime wants seconds"))?;
                }
                _ => return Err(wrong(&format!("{name} is unknown"))),
            }
        }
        if settings.data.as_os_str().is_empty() {
            return Err(wrong("--data FILE is missing"));
        }
        Ok(settings)
    }
}
