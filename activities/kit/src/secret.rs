//! Secrets by reference: what travels is a name, what it names is read in the worker, anew at each attempt.

use std::{env, fs, path::Path};

use contracts::errors::ErrorType;

use crate::Failure;

/// A secret's value. It does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Reads what a reference, `env:NAME` or `file:PATH`, names. White space at the end of a file is cut.
    ///
    /// # Errors
    /// `InvalidInput` if this is no reference (it is not repeated: it may be the secret itself), `NotFound` or
    /// `PermissionDenied` if there is nothing behind it.
    pub fn resolve(reference: &str) -> Result<Self, Failure> {
        let missing = |what: &str, place: &str| {
            Failure::new(ErrorType::NotFound, what.to_owned(), place, "set it where the worker runs")
        };
        match reference.split_once(':') {
            Some(("env", name)) => match env::var(name) {
                Ok(value) if !value.is_empty() => Ok(Self(value)),
                _ => Err(missing("the environment variable of a secret is not set", reference)),
            },
            Some(("file", path)) => {
                let path = Path::new(path);
                let text = fs::read_to_string(path).map_err(|e| Failure::io("reading a secret", path, &e))?;
                match text.trim_end() {
                    "" => Err(missing("the file of a secret is empty", reference)),
                    value => Ok(Self(value.to_owned())),
                }
            }
            _ => Err(Failure::new(
                ErrorType::InvalidInput,
                "a secret has to be given by reference",
                "the reference, which is not shown here",
                "write env:NAME or file:PATH",
            )),
        }
    }

    /// The value. Pass it on in an environment or a header, never in an argument or a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_resolved_and_a_literal_is_neither_taken_nor_repeated() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "s3cret\n").unwrap();
        let secret = Secret::resolve(&format!("file:{}", file.path().display())).unwrap();
        assert_eq!(secret.expose(), "s3cret");
        assert!(!format!("{secret:?}").contains("s3cret"));
        let refused = Secret::resolve("ghp_s3cret").unwrap_err();
        assert_eq!(refused.error_type, ErrorType::InvalidInput);
        assert!(!refused.to_string().contains("s3cret"));
        assert_eq!(Secret::resolve("env:GANTRY_NO_SUCH_SECRET").unwrap_err().error_type, ErrorType::NotFound);
    }
}
