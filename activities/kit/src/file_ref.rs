//! Files that an input names: on this host within the allowed folders, or in a blob store.

use std::{fs::File, path::Path};

use contracts::{errors::ErrorType, shared::FileRef};

use crate::{AllowedRoots, BlobStore, Failure};

/// A regular file that is open for reading, at its beginning.
#[derive(Debug)]
pub struct OpenedFile {
    /// The file itself. What is behind its path by now does not matter.
    pub file: File,
    /// The path or URL that it was named by, for messages.
    pub name: String,
    /// Its size when it was opened. A file that is not a blob may grow while it is read.
    pub bytes: u64,
    /// SHA-256 of its content, 64 lower-case hexadecimal digits, where that is known already: of a blob.
    pub sha256: Option<String>,
}

/// What a worker opens files for its inputs with.
#[derive(Debug, Clone)]
pub struct Files {
    /// Folders that an input may name a path in.
    pub roots: AllowedRoots,
    /// The blob store.
    pub blobs: BlobStore,
}

impl Files {
    /// Opens the file that an input names, of at most `limit` bytes. It waits for the disk or the network.
    ///
    /// # Errors
    /// As [`AllowedRoots::open_file`] and [`BlobStore::fetch`]; `LimitExceeded` if it is larger.
    pub fn open(&self, file: &FileRef, limit: u64) -> Result<OpenedFile, Failure> {
        let opened = match file {
            FileRef::Blob(blob) => self.blobs.fetch(blob, limit)?,
            FileRef::Path { path } => self.roots.open_file(Path::new(path))?,
        };
        if opened.bytes > limit {
            return Err(Failure::new(
                ErrorType::LimitExceeded,
                format!("the file has {} bytes, more than the {limit} that are read here", opened.bytes),
                opened.name,
                "give a smaller one",
            ));
        }
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Read};

    use super::*;

    #[test]
    fn a_path_and_a_blob_are_opened_alike() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "content").unwrap();
        let blobs = BlobStore::in_memory().unwrap();
        let blob = blobs.put(b"content").unwrap();
        let files = Files { roots: AllowedRoots::new([folder.path().to_owned()]), blobs };

        let path = FileRef::Path { path: path.display().to_string() };
        let blob = FileRef::Blob(blob);
        for named in [&path, &blob] {
            let mut opened = files.open(named, 7).unwrap();
            let mut text = String::new();
            opened.file.read_to_string(&mut text).unwrap();
            assert_eq!((text.as_str(), opened.bytes), ("content", 7));
            assert_eq!(files.open(named, 6).unwrap_err().error_type, ErrorType::LimitExceeded);
        }
        assert_eq!(files.open(&path, 7).unwrap().sha256, None);
        assert!(files.open(&blob, 7).unwrap().sha256.is_some());
        let outside = FileRef::Path { path: "/etc/passwd".into() };
        assert_eq!(files.open(&outside, u64::MAX).unwrap_err().error_type, ErrorType::PathEscape);
    }
}
