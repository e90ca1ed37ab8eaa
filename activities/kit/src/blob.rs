//! The blob store: data too big for a payload, named by the hash of its content.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use contracts::{errors::ErrorType, shared::BlobRef};
use sha2::{Digest, Sha256};
use url::Url;

use crate::Failure;

/// A folder of blobs. Writing one twice is harmless, since its name is its content's hash.
#[derive(Debug, Clone)]
pub struct BlobStore {
    root: PathBuf,
}

impl BlobStore {
    /// The store in this folder, which is made when the first blob is written.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Stores a blob.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put(&self, content: &[u8]) -> Result<BlobRef, Failure> {
        let sha256 = hex::encode(Sha256::digest(content));
        let path = self.path(&sha256);
        let failed = |e: io::Error| Failure::io("writing a blob", &path, &e);
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(failed)?;
        // Under its name there is never half a blob: it is written beside and then renamed.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        file.write_all(content).and_then(|()| file.as_file().sync_data()).map_err(failed)?;
        file.persist(&path).map_err(|e| failed(e.error))?;
        let uri = Url::from_file_path(&path)
            .map_err(|()| failed(io::Error::other("the blob store's folder has to be an absolute path")))?;
        Ok(BlobRef { uri: uri.into(), sha256, bytes: u64::try_from(content.len()).unwrap_or(u64::MAX) })
    }

    /// Reads a blob and checks it against its reference.
    ///
    /// # Errors
    /// `PathEscape` if it is not in this store, `NotFound` if it is gone, `ParseError` if it is not what the reference
    /// says.
    pub fn get(&self, blob: &BlobRef) -> Result<Vec<u8>, Failure> {
        let path = self.path(&blob.sha256);
        let named = Url::parse(&blob.uri).ok().filter(|u| u.scheme() == "file").and_then(|u| u.to_file_path().ok());
        if blob.sha256.len() != 64
            || !blob.sha256.bytes().all(|b| b.is_ascii_hexdigit())
            || named.as_ref() != Some(&path)
        {
            return Err(Failure::new(
                ErrorType::PathEscape,
                "the blob is not in this worker's blob store",
                blob.uri.clone(),
                format!("its blob store is {}; GANTRY_BLOB_URL sets it", self.root.display()),
            ));
        }
        let content = fs::read(&path).map_err(|e| Failure::io("reading a blob", &path, &e))?;
        if hex::encode(Sha256::digest(&content)) != blob.sha256 {
            let hint = "the file was changed or damaged; run the workflow again";
            return Err(Failure::new(
                ErrorType::ParseError,
                "the blob's content is not what its name says",
                blob.uri.clone(),
                hint,
            ));
        }
        Ok(content)
    }

    fn path(&self, sha256: &str) -> PathBuf {
        let shard: String = sha256.chars().take(2).collect();
        self.root.join(Path::new(&shard)).join(sha256)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_comes_back_as_it_was_and_damage_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let store = BlobStore::new(folder.path().join("a b%20c"));
        let blob = store.put(b"content").unwrap();
        assert_eq!(store.put(b"content").unwrap(), blob);
        assert_eq!(store.get(&blob).unwrap(), b"content");
        fs::write(store.path(&blob.sha256), "other").unwrap();
        assert_eq!(store.get(&blob).unwrap_err().error_type, ErrorType::ParseError);
        fs::remove_file(store.path(&blob.sha256)).unwrap();
        assert_eq!(store.get(&blob).unwrap_err().error_type, ErrorType::NotFound);
    }

    #[test]
    fn a_reference_to_a_file_elsewhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = BlobStore::new(folder.path().join("blobs"));
        let blob = store.put(b"x").unwrap();
        let uris = ["file:///etc/passwd", "http://localhost/x", "", "file:///"];
        for uri in uris {
            let refused = store.get(&BlobRef { uri: uri.into(), ..blob.clone() }).unwrap_err();
            assert_eq!(refused.error_type, ErrorType::PathEscape, "{uri}");
        }
        let refused = store.get(&BlobRef { sha256: "../../etc/passwd".into(), ..blob }).unwrap_err();
        assert_eq!(refused.error_type, ErrorType::PathEscape);
    }
}
