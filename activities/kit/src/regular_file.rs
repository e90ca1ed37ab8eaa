//! Opening a file that the worker itself names, and nothing else than a file.

use std::{fs::File, io, os::unix::fs::OpenOptionsExt, path::Path};

use contracts::errors::ErrorType;
use rustix::fs::OFlags;

use crate::Failure;

/// Opens a regular file for reading, and tells its size. A pipe is refused and not waited for.
///
/// # Errors
/// `InvalidInput` if it is no regular file, and what the system says.
pub(crate) fn open(what: &str, path: &Path) -> Result<(File, u64), Failure> {
    let failed = |e: &io::Error| Failure::io(what, path, e);
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC).bits());
    let mut options = File::options();
    options.read(true).custom_flags(flags.map_err(|e| failed(&io::Error::other(e)))?);
    let file = options.open(path).map_err(|e| failed(&e))?;
    let meta = file.metadata().map_err(|e| failed(&e))?;
    if !meta.is_file() {
        let kind = if meta.is_dir() { "a folder" } else { "no regular file" };
        return Err(Failure::new(
            ErrorType::InvalidInput,
            format!("{what}: it is {kind}"),
            path.display().to_string(),
            "name a file",
        ));
    }
    Ok((file, meta.len()))
}
