//! Files and variables of the person whose machine this is.

use std::path::{Path, PathBuf};

use super::{Config, DEFAULT_URL, Homes, TokenSource, address};
use crate::engine::{Error, ErrorKind};

/// Variables that hold a token, in the order in which they are asked.
const TOKEN_VARIABLES: [&str; 2] = ["GANTRY_AGENTS_API_TOKEN", "AGENTS_API_TOKEN"];
/// Files in Claude's folder that hold one. The daemon wrote the first, its documents named the second.
const TOKEN_FILES: [&str; 2] = ["longhouse-device-token", "longhouse-token"];

impl Homes {
    /// The folders of a person: `CLAUDE_CONFIG_DIR`, `CODEX_HOME` and `HOME` as `variable` gives them.
    ///
    /// # Errors
    ///
    /// `InvalidInput` when no variable names the home folder.
    pub fn of_user(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = set("HOME").or_else(|| set("USERPROFILE")).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidInput,
                "there is no home folder",
                "HOME",
                "set HOME to the folder that holds .claude",
            )
        })?;
        let under = Self::under(&home);
        Ok(Self {
            claude: set("CLAUDE_CONFIG_DIR").unwrap_or(under.claude),
            codex: set("CODEX_HOME").unwrap_or(under.codex),
            gemini: under.gemini,
        })
    }
}

impl Config {
    /// The configuration of a person as the older daemon's files and variables tell it: database `longhouse-shipper.db`, address in
    /// `longhouse-url`, token from `GANTRY_AGENTS_API_TOKEN`, `AGENTS_API_TOKEN`, `longhouse-device-token` or `longhouse-token`
    /// (files in Claude's folder; the first that is there). `variable` is the environment, so that tests need not change theirs.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for an address that cannot be used.
    pub fn of_user(homes: Homes, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let set = |name: &str| variable(name).is_some_and(|value| !value.trim().is_empty());
        let token = match TOKEN_VARIABLES.iter().find(|name| set(name)) {
            Some(name) => TokenSource::Variable((*name).to_owned()),
            None => TokenSource::Files(TOKEN_FILES.iter().map(|name| homes.claude.join(name)).collect()),
        };
        let url = first_line(&homes.claude.join("longhouse-url"))?.unwrap_or_else(|| DEFAULT_URL.to_owned());
        let database = homes.claude.join("longhouse-shipper.db");
        Ok(Self::new(homes, address::checked(&url)?, token, database))
    }

    /// What a person should know before anything is sent: a token given as such, plain HTTP to another machine.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.token.is_literal() {
            warnings.push(
                "the token was given as such and shows in the list of processes; give env:NAME or file:PATH".to_owned(),
            );
        }
        if address::is_plain_and_remote(&self.url) {
            warnings
                .push(format!("{} is not encrypted: sessions and token can be read on the way; use https", self.url));
        }
        warnings
    }
}

fn first_line(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let hint = "make it a file with the address in its first line, or remove it";
            Err(Error::new(ErrorKind::InvalidInput, error.to_string(), path.display().to_string(), hint))
        }
    }
}

/// The name of this machine: `unknown` where the system says none.
pub(super) fn host_name() -> String {
    rustix::system::uname().nodename().to_str().ok().filter(|name| !name.is_empty()).unwrap_or("unknown").to_owned()
}
