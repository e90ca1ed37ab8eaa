//! Where the token comes from.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::engine::{Error, ErrorKind};

/// No token is longer, in bytes; what is longer is some other file.
const LONGEST: u64 = 16 * 1024;

/// A token in memory. Neither `Debug` nor any message shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a token; white space around it is dropped.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The token itself, for the one header that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// Where the token comes from. It is looked up at each attempt, so a new token in the file or the variable ends a hold by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// Requests carry no token.
    None,
    /// A variable of the environment.
    Variable(String),
    /// The content of a file.
    File(PathBuf),
    /// The first of these files that is there and not empty.
    Files(Vec<PathBuf>),
    /// The token itself. It shows in a process list; callers warn when a person gives one so.
    Literal(Secret),
}

impl TokenSource {
    /// Reads a reference: `env:NAME`, `file:PATH`, else the token itself.
    pub fn parse(reference: &str) -> Self {
        match reference.split_once(':') {
            Some(("env", name)) => Self::Variable(name.to_owned()),
            Some(("file", path)) => Self::File(PathBuf::from(path)),
            _ => Self::Literal(Secret::new(reference)),
        }
    }

    /// Whether the token itself was given, which callers warn about.
    pub fn is_literal(&self) -> bool {
        matches!(self, Self::Literal(_))
    }

    /// The token as it is now; `None` where requests carry none.
    ///
    /// # Errors
    ///
    /// `InvalidInput` when the variable is unset, the file cannot be read, or its content cannot stand in a header.
    pub fn resolve(&self) -> Result<Option<Secret>, Error> {
        match self {
            Self::None => Ok(None),
            Self::Literal(secret) => checked(secret.clone(), "the token that was given").map(Some),
            Self::Variable(name) => {
                let value = std::env::var(name).map_err(|_| {
                    let hint = format!("set {name}, or name another source of the token");
                    Error::new(ErrorKind::InvalidInput, "the variable of the token is not set, or not text", name, hint)
                })?;
                checked(Secret::new(&value), name).map(Some)
            }
            Self::File(path) => read(path).map(Some),
            Self::Files(paths) => paths.iter().find(|path| path.exists()).map(|path| read(path)).transpose(),
        }
    }
}

fn read(path: &Path) -> Result<Secret, Error> {
    let place = path.display().to_string();
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes)).map_err(|error| {
        let hint = "write the token into that file, readable by you alone";
        Error::new(ErrorKind::InvalidInput, format!("the file of the token cannot be read: {error}"), &place, hint)
    })?;
    checked(Secret::new(&String::from_utf8_lossy(&bytes)), &place)
}

/// A token that can stand in a header. The message names where it came from and never what it is.
fn checked(secret: Secret, place: &str) -> Result<Secret, Error> {
    let text = secret.expose();
    if text.is_empty() {
        return Err(Error::new(ErrorKind::InvalidInput, "the token is empty", place, "write a token there"));
    }
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let hint = "a token is one word of printable ASCII";
        return Err(Error::new(ErrorKind::InvalidInput, "what is there is no token", place, hint));
    }
    Ok(secret)
}
