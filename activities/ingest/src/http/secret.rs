//! Tokens by reference, `env:NAME` or `file:PATH`, with the rules that all of Gantry's secrets have. Not from the crate
//! `kit`: it brings Temporal's SDK, and this service stands without.

use std::{io::Read, path::Path};

/// Largest file of a token. What is larger is something else, named by mistake.
const LARGEST: u64 = 64 * 1024;

/// What a reference names, read now; white space at the end of a file is cut.
pub(super) fn resolve(reference: &str) -> Result<String, String> {
    let value = match reference.split_once(':') {
        Some(("env", name)) if !name.is_empty() && !name.contains(['=', '\0']) => {
            std::env::var(name).map_err(|_| format!("the variable {name} of a token is not set"))?
        }
        Some(("file", path)) if Path::new(path).is_absolute() => of_file(Path::new(path))?,
        // It is not repeated: it may be the token itself.
        _ => return Err("a token has to be given by reference".into()),
    };
    if value.is_empty() { Err(format!("there is no token in {reference}")) } else { Ok(value) }
}

fn of_file(path: &Path) -> Result<String, String> {
    let failed = |what: &str| format!("the file {} of a token {what}", path.display());
    let file = std::fs::File::open(path).map_err(|error| failed(&format!("cannot be opened: {error}")))?;
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err(failed("is no regular file"));
    }
    let mut text = String::new();
    match file.take(LARGEST + 1).read_to_string(&mut text) {
        Ok(_) if text.len() as u64 <= LARGEST => Ok(text.trim_end().to_owned()),
        Ok(_) => Err(failed("is larger than 64 KiB")),
        Err(error) => Err(failed(&format!("cannot be read: {error}"))),
    }
}
