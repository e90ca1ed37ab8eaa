//! The variables of a worker.

use std::path::{Path, PathBuf};

use super::{Config, EncodingChoice, Homes, TokenSource, address};
use crate::engine::{Error, ErrorKind};

/// Home folder whose sessions are shipped.
pub const HOME: &str = "GANTRY_SHIPPING_HOME";
/// Server that they are shipped to.
pub const URL: &str = "GANTRY_SHIPPING_URL";
/// Reference to the server's token.
pub const TOKEN: &str = "GANTRY_SHIPPING_TOKEN";
/// The state.
pub const DATABASE: &str = "GANTRY_SHIPPING_DATABASE";
/// Agents, by name.
pub const PROVIDERS: &str = "GANTRY_SHIPPING_PROVIDERS";
/// Projects that are left out.
pub const EXCLUDE: &str = "GANTRY_SHIPPING_EXCLUDE";
/// `gzip`, `zstd` or `auto`.
pub const COMPRESSION: &str = "GANTRY_SHIPPING_COMPRESSION";
/// Megabytes a second.
pub const MAX_MBPS: &str = "GANTRY_SHIPPING_MAX_MBPS";

impl Config {
    /// The configuration of a worker: what its variables say, and the person's own files and older variables where they say
    /// nothing. `variable` is the environment.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for a variable that makes no sense.
    pub fn of_settings(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let homes = match set(HOME) {
            Some(home) => Homes::under(Path::new(&home)),
            None => Homes::of_user(variable)?,
        };
        let mut config = Self::of_user(homes, variable)?;
        if let Some(url) = set(URL) {
            config.url = address::checked(&url)?;
        }
        if let Some(token) = set(TOKEN) {
            config.token = TokenSource::parse(&token);
        }
        if let Some(database) = set(DATABASE) {
            config.database = PathBuf::from(database);
        }
        config.providers = set(PROVIDERS).map(|names| list(&names));
        config.excluded_projects = set(EXCLUDE).map(|globs| list(&globs)).unwrap_or_default();
        if let Some(text) = set(COMPRESSION) {
            config.encoding = match text.trim() {
                "gzip" => EncodingChoice::Gzip(1),
                "zstd" => EncodingChoice::Zstd(1),
                "auto" => EncodingChoice::Auto { gzip: 1, zstd: 1 },
                _ => return Err(refused(COMPRESSION, &text, "gzip, zstd or auto")),
            };
        }
        if let Some(text) = set(MAX_MBPS) {
            let limit = text.trim().parse().ok().filter(|limit: &f64| limit.is_finite() && *limit > 0.0);
            config.max_mbps = Some(limit.ok_or_else(|| refused(MAX_MBPS, &text, "a number above 0"))?);
        }
        Ok(config)
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn refused(name: &str, value: &str, expected: &str) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!("{value:?} is not {expected}"),
        name,
        format!("set {name} to {expected}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> Result<Config, Error> {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().display().to_string();
        Config::of_settings(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            found.or_else(|| (name == "HOME").then(|| home.clone()))
        })
    }

    #[test]
    fn a_worker_ships_another_home_to_another_server() {
        let config = config(&[
            (HOME, "/srv/home"),
            (URL, "http://127.0.0.1:3142/"),
            (TOKEN, "env:THE_TOKEN"),
            (DATABASE, "/srv/state.db"),
            (PROVIDERS, "claude, codex"),
            (EXCLUDE, "secret-*"),
            (COMPRESSION, "auto"),
            (MAX_MBPS, "2.5"),
        ])
        .unwrap();
        assert_eq!(config.homes, Homes::under(Path::new("/srv/home")));
        assert_eq!(config.url, "http://127.0.0.1:3142");
        assert_eq!(config.token, TokenSource::Variable("THE_TOKEN".to_owned()));
        assert_eq!(config.database, Path::new("/srv/state.db"));
        assert_eq!(config.providers.as_deref(), Some(["claude".to_owned(), "codex".to_owned()].as_slice()));
        assert_eq!(config.excluded_projects, ["secret-*"]);
        assert_eq!(config.encoding, EncodingChoice::Auto { gzip: 1, zstd: 1 });
        assert_eq!(config.max_mbps, Some(2.5));
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_its_name() {
        for (name, value) in [(COMPRESSION, "lz4"), (MAX_MBPS, "0"), (MAX_MBPS, "fast"), (URL, "ftp://x")] {
            let error = config(&[(name, value)]).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidInput, "{name}={value}");
        }
    }
}
