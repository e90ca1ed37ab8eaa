//! Pointers of Git LFS: small text files in the place of large ones that are kept elsewhere.

use std::{fs, path::Path};

use kit::{Job, Warnings, WorkResult};

use super::small_file;

/// How a pointer begins, by the specification of Git LFS.
const BEGINNING: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";
/// Largest pointer, by the same.
const LARGEST: u64 = 1024;
/// Largest `.gitattributes` that is looked into.
const LARGEST_ATTRIBUTES: u64 = 1024 * 1024;

/// Warns of pointers among the files; they stay what they are, since LFS would be a filter to run. Only where a
/// `.gitattributes` names the filter: nothing else makes pointers, and all small files would have to be read.
pub(super) fn warn_of_pointers<C: Send + Sync>(
    job: &Job<C>,
    root: &Path,
    files: &[String],
    warnings: &mut Warnings,
) -> WorkResult<()> {
    let names_lfs = |path: &String| {
        let text = small_file::read(&root.join(path), LARGEST_ATTRIBUTES).ok().flatten().unwrap_or_default();
        text.windows(10).any(|part| part == b"filter=lfs")
    };
    let mut attributes = files.iter().filter(|path| path.rsplit('/').next() == Some(".gitattributes"));
    if !attributes.any(names_lfs) {
        return Ok(());
    }
    for (n, path) in files.iter().enumerate() {
        if n % 1024 == 0 {
            job.proceed()?;
        }
        let place = root.join(path);
        let small = fs::symlink_metadata(&place).is_ok_and(|meta| meta.len() <= LARGEST);
        if small && small_file::read(&place, LARGEST).ok().flatten().is_some_and(|text| text.starts_with(BEGINNING)) {
            warnings.add("lfsPointer", || {
                format!("Git LFS keeps the content elsewhere, and it is not fetched; indexed as it is: {path}")
            });
        }
    }
    Ok(())
}
