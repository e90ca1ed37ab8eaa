//! Secrets by reference: what travels is a name, what it names is read in the worker, anew at each attempt.

use std::{
    env,
    io::{self, Read},
    path::Path,
};

use contracts::errors::ErrorType;

use crate::{Failure, regular_file};

/// Largest file of a secret. What is larger is something else, named by mistake.
const LARGEST: u64 = 64 * 1024;

/// A secret's value. It does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Reads what a reference, `env:NAME` or `file:PATH`, names. A file holds UTF-8 text of at most 64 KiB; white space at
    /// its end is cut. Links are followed: a mounted secret is one.
    ///
    /// # Errors
    /// `InvalidInput` if this is no reference (it is not repeated: it may be the secret itself), or names what is no such
    /// file; `NotFound` or `PermissionDenied` if there is nothing behind it.
    pub fn resolve(reference: &str) -> Result<Self, Failure> {
        let missing = |what: &str, place: &str| {
            Failure::new(ErrorType::NotFound, what.to_owned(), place, "set it where the worker runs")
        };
        match reference.split_once(':') {
            Some(("env", name)) => match env::var(name) {
                Ok(value) if !value.is_empty() => Ok(Self(value)),
                _ => Err(missing("the environment variable of a secret is not set", reference)),
            },
            Some(("file", path)) => match of_file(Path::new(path))?.trim_end() {
                "" => Err(missing("the file of a secret is empty", reference)),
                value => Ok(Self(value.to_owned())),
            },
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

fn of_file(path: &Path) -> Result<String, Failure> {
    let invalid =
        |what: &str, hint: &str| Failure::new(ErrorType::InvalidInput, what, path.display().to_string(), hint);
    if !path.is_absolute() {
        let hint = "write file: and an absolute path: the worker has a working folder of its own";
        return Err(invalid("the path of a secret is relative", hint));
    }
    let (file, _) = regular_file::open("reading a secret", path)?;
    let mut text = String::new();
    match file.take(LARGEST + 1).read_to_string(&mut text) {
        Ok(_) if text.len() as u64 > LARGEST => {
            Err(invalid("the file of a secret is larger than 64 KiB", "name the file that holds the secret alone"))
        }
        Ok(_) => Ok(text),
        // Cut in the middle of a character, a file that is too large is no UTF-8 either.
        Err(e) if e.kind() == io::ErrorKind::InvalidData => {
            let hint = "name a file that holds the secret alone, as UTF-8 text of at most 64 KiB";
            Err(invalid("the file of a secret is no text", hint))
        }
        Err(e) => Err(Failure::io("reading a secret", path, &e)),
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

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
        for odd in ["env:", "env:A=B", "env:\0"] {
            assert_eq!(Secret::resolve(odd).unwrap_err().error_type, ErrorType::NotFound, "{odd:?}");
        }
    }

    #[test]
    fn a_file_that_holds_no_secret_is_refused_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let name = |name: &str| folder.path().join(name);
        let largest = usize::try_from(LARGEST).unwrap();
        fs::write(name("largest"), "x".repeat(largest)).unwrap();
        fs::write(name("larger"), "x".repeat(largest + 1)).unwrap();
        fs::write(name("larger and cut"), format!("{}é", "x".repeat(largest))).unwrap();
        fs::write(name("binary"), b"s3cret\xff").unwrap();
        fs::write(name("empty"), " \n").unwrap();
        fs::create_dir(name("folder")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, name("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        std::os::unix::fs::symlink("largest", name("link")).unwrap();
        let resolve = |file: &str| Secret::resolve(&format!("file:{}", name(file).display()));
        assert_eq!(resolve("largest").unwrap().expose().len(), largest);
        assert_eq!(resolve("link").unwrap().expose().len(), largest);
        for file in ["larger", "larger and cut", "binary", "folder", "pipe"] {
            let refused = resolve(file).unwrap_err();
            assert_eq!(refused.error_type, ErrorType::InvalidInput, "{file}");
            assert!(!refused.to_string().contains("s3cret"));
        }
        for file in ["empty", "missing"] {
            assert_eq!(resolve(file).unwrap_err().error_type, ErrorType::NotFound, "{file}");
        }
        for relative in ["file:", "file:secret", "file:~/secret"] {
            assert_eq!(Secret::resolve(relative).unwrap_err().error_type, ErrorType::InvalidInput, "{relative}");
        }
    }
}
