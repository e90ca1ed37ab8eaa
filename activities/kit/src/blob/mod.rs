//! The blob store: data too big for a payload, named by the hash of its content, in a folder or an object store.

mod address;
mod failure;
mod place;
mod threads;
mod transfer;

use std::{
    env, fmt, fs,
    io::{self, Cursor, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

use contracts::{errors::ErrorType, shared::BlobRef};
use url::Url;

pub use address::{BlobUrlError, blob_url};
use place::Place;
use transfer::{Content, digest};

use crate::{Failure, OpenedFile, regular_file};

/// Largest blob that [`BlobStore::get`] reads into memory.
pub const LARGEST_IN_MEMORY: u64 = 512 * 1024 * 1024;

/// A store of blobs. Writing one twice is harmless, since its name is its content's hash.
///
/// The methods wait for the disk or the network on the thread that calls them; it may be any thread but one that runs
/// async tasks. Those have the methods with `_async`. Cloning shares the store with its connections.
#[derive(Clone)]
pub struct BlobStore(Arc<Inner>);

struct Inner {
    own: Place,
    readable: Vec<Place>,
    scratch: PathBuf,
}

impl fmt::Debug for BlobStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobStore").field("own", &self.0.own).field("readable", &self.0.readable).finish()
    }
}

impl BlobStore {
    /// The store at this URL (see [`blob_url`]), and others that blobs are only read from, with the credentials in this
    /// process's environment: `AWS_*`, `GOOGLE_*`, `AZURE_*`. Nothing is asked of them yet, and a folder is made when the
    /// first blob is written.
    ///
    /// # Errors
    /// When a URL or the environment does not make sense.
    pub fn open(url: &Url, readable: &[Url]) -> Result<Self, BlobUrlError> {
        let environment = env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Self::open_with(url, readable, environment)
    }

    /// [`BlobStore::open`] with credentials from elsewhere than this process's environment.
    ///
    /// # Errors
    /// As [`BlobStore::open`].
    pub fn open_with(
        url: &Url,
        readable: &[Url],
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, BlobUrlError> {
        let environment = environment.into_iter().collect();
        let readable = readable.iter().map(|url| Place::open(url, &environment)).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Inner { own: Place::open(url, &environment)?, readable, scratch: env::temp_dir() })))
    }

    /// The store in a folder.
    ///
    /// # Errors
    /// When the path is relative or no UTF-8.
    pub fn in_folder(folder: &Path) -> Result<Self, BlobUrlError> {
        let url = Url::from_file_path(folder).map_err(|()| BlobUrlError::new("the absolute path of a folder"))?;
        Self::open_with(&url, &[], [])
    }

    /// A store in memory, which is gone with its last clone. For tests.
    ///
    /// # Errors
    /// None that can happen.
    pub fn in_memory() -> Result<Self, BlobUrlError> {
        let own = Place::memory().map_err(|e| BlobUrlError::new(format!("a URL ({e})")))?;
        Ok(Self(Arc::new(Inner { own, readable: Vec::new(), scratch: env::temp_dir() })))
    }

    /// Keeps copies of blobs in this folder while they are used, and not in the system's folder for temporary files. A
    /// copy has no name there, so none stays behind.
    #[must_use]
    pub fn with_scratch(self, scratch: PathBuf) -> Self {
        let Inner { own, readable, .. } = &*self.0;
        Self(Arc::new(Inner { own: own.clone(), readable: readable.clone(), scratch }))
    }

    /// Its URL.
    pub fn url(&self) -> &Url {
        &self.0.own.address.base
    }

    /// Stores content that is in memory.
    ///
    /// # Errors
    /// `DiskFull`, `PermissionDenied`, `AuthRejected` or `StoreRejected` when the store does not take it,
    /// `StoreUnavailable` when it does not answer.
    pub fn put(&self, content: &[u8]) -> Result<BlobRef, Failure> {
        self.write(of_memory(content.to_vec())?)
    }

    /// Stores what a file holds, in memory that does not grow with it. The file is read twice: its hash is its name, which
    /// an upload has to know. If it changes in between, nothing is stored.
    ///
    /// # Errors
    /// As [`BlobStore::put`]; `InvalidInput` if it is no regular file, and what the system says.
    pub fn put_file(&self, path: &Path) -> Result<BlobRef, Failure> {
        self.write(of_file(path)?)
    }

    /// Stores all that can be read, in memory that does not grow with it. It is kept on disk until its hash is known.
    ///
    /// # Errors
    /// As [`BlobStore::put`], and what reading says.
    pub fn put_reader(&self, content: impl Read) -> Result<BlobRef, Failure> {
        let scratch = self.0.scratch.as_path();
        let failed = |e: &io::Error| Failure::io("keeping what is to be stored", scratch, e);
        fs::create_dir_all(scratch).map_err(|e| failed(&e))?;
        let mut file = tempfile::tempfile_in(scratch).map_err(|e| failed(&e))?;
        let (sha256, bytes) = digest(content, &file).map_err(|e| failed(&e))?;
        file.seek(SeekFrom::Start(0)).map_err(|e| failed(&e))?;
        self.write(Content { sha256, bytes, reader: Box::new(file) })
    }

    fn write(&self, content: Content) -> Result<BlobRef, Failure> {
        let inner = self.0.clone();
        threads::wait(async move { inner.own.write(content).await })
    }

    /// Reads a blob of at most [`LARGEST_IN_MEMORY`] and checks it against its reference.
    ///
    /// # Errors
    /// `PathEscape` if it is in no store that this worker reads, `NotFound` if it is gone, `ParseError` if it is not what
    /// the reference says, `LimitExceeded` if it is too large, `AuthRejected` and `StoreUnavailable` as the store says.
    pub fn get(&self, blob: &BlobRef) -> Result<Vec<u8>, Failure> {
        let (inner, blob) = (self.0.clone(), blob.clone());
        threads::wait(async move { inner.read(&blob).await })
    }

    /// A blob as a file that is open for reading, checked against its reference and in memory that does not grow with it.
    /// Of a blob in the file system it is the blob's own file, else a copy without a name.
    ///
    /// # Errors
    /// As [`BlobStore::get`]; `LimitExceeded` if it has more bytes than `limit`, `DiskFull` if there is no room for a copy.
    pub fn fetch(&self, blob: &BlobRef, limit: u64) -> Result<OpenedFile, Failure> {
        let (inner, blob) = (self.0.clone(), blob.clone());
        threads::wait(async move { inner.fetch(&blob, limit).await })
    }

    /// Whether the store can be used: a folder is made and can be written, a bucket is there and takes the credentials.
    ///
    /// # Errors
    /// `StoreUnavailable` when it does not answer, which may pass; others say what is wrong for good.
    pub fn probe(&self) -> Result<(), Failure> {
        let inner = self.0.clone();
        threads::wait(async move { inner.own.probe().await })
    }

    /// [`BlobStore::put`] for async tasks.
    ///
    /// # Errors
    /// As [`BlobStore::put`].
    pub async fn put_async(&self, content: Vec<u8>) -> Result<BlobRef, Failure> {
        let inner = self.0.clone();
        threads::join(async move { inner.own.write(threads::block(|| of_memory(content)).await?).await }).await
    }

    /// [`BlobStore::put_file`] for async tasks.
    ///
    /// # Errors
    /// As [`BlobStore::put_file`].
    pub async fn put_file_async(&self, path: PathBuf) -> Result<BlobRef, Failure> {
        let inner = self.0.clone();
        threads::join(async move { inner.own.write(threads::block(move || of_file(&path)).await?).await }).await
    }

    /// [`BlobStore::get`] for async tasks.
    ///
    /// # Errors
    /// As [`BlobStore::get`].
    pub async fn get_async(&self, blob: &BlobRef) -> Result<Vec<u8>, Failure> {
        let (inner, blob) = (self.0.clone(), blob.clone());
        threads::join(async move { inner.read(&blob).await }).await
    }

    /// [`BlobStore::fetch`] for async tasks.
    ///
    /// # Errors
    /// As [`BlobStore::fetch`].
    pub async fn fetch_async(&self, blob: &BlobRef, limit: u64) -> Result<OpenedFile, Failure> {
        let (inner, blob) = (self.0.clone(), blob.clone());
        threads::join(async move { inner.fetch(&blob, limit).await }).await
    }
}

impl Inner {
    async fn read(&self, blob: &BlobRef) -> Result<Vec<u8>, Failure> {
        self.place_of(blob, LARGEST_IN_MEMORY)?.read(blob).await
    }

    async fn fetch(&self, blob: &BlobRef, limit: u64) -> Result<OpenedFile, Failure> {
        self.place_of(blob, limit)?.fetch(blob, &self.scratch).await
    }

    /// The store that a reference, which comes from outside, names a blob of.
    fn place_of(&self, blob: &BlobRef, limit: u64) -> Result<&Place, Failure> {
        let places = || [&self.own].into_iter().chain(&self.readable);
        let named = places().find(|place| address::is_name(&blob.sha256) && place.address.holds(blob));
        let Some(place) = named else {
            let known: Vec<&str> = places().map(|place| place.address.base.as_str()).collect();
            return Err(Failure::new(
                ErrorType::PathEscape,
                "the blob is in no store that this worker reads",
                blob.uri.clone(),
                format!("it reads {}; GANTRY_BLOB_URL and GANTRY_BLOB_READ_URLS say so", known.join(", ")),
            ));
        };
        if blob.bytes > limit {
            return Err(Failure::new(
                ErrorType::LimitExceeded,
                format!("the blob has {} bytes, more than the {limit} that are read here", blob.bytes),
                blob.uri.clone(),
                "give a smaller one",
            ));
        }
        Ok(place)
    }
}

fn of_memory(content: Vec<u8>) -> Result<Content, Failure> {
    let hashed = digest(content.as_slice(), io::sink());
    let (sha256, bytes) = hashed.map_err(|e| Failure::io("hashing a blob", Path::new("memory"), &e))?;
    Ok(Content { sha256, bytes, reader: Box::new(Cursor::new(content)) })
}

fn of_file(path: &Path) -> Result<Content, Failure> {
    let (mut file, _) = regular_file::open("storing a file", path)?;
    let failed = |e: &io::Error| Failure::io("reading a file that is to be stored", path, e);
    let (sha256, bytes) = digest(&file, io::sink()).map_err(|e| failed(&e))?;
    file.seek(SeekFrom::Start(0)).map_err(|e| failed(&e))?;
    Ok(Content { sha256, bytes, reader: Box::new(file) })
}
