//! Moving content to and from an object store, piece by piece: what is held in memory does not grow with the blob.

use std::{
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use contracts::{errors::ErrorType, shared::BlobRef};
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use object_store::{
    Error, GetOptions, GetRange, GetResult, GetResultPayload, ObjectMeta, ObjectStoreExt, WriteMultipart, path::Path,
};
use sha2::{Digest, Sha256};
use tokio_util::bytes::Bytes;

use super::{
    failure::{Doing, is_access_denied, lacks_bucket, of_store},
    place::Place,
    threads,
};
use crate::{Failure, file_ref::OpenedFile};

/// What one request moves: S3 takes no smaller parts than 5 MiB, and at most [`MOST_PARTS`] of them.
const PIECE: u64 = 8 * 1024 * 1024;
const MOST_PARTS: u64 = 9_000;
/// Requests of one blob that run at once.
const AT_ONCE: usize = 2;
/// A blob that was written longer ago is written again and not left as it is, so that its age tells whoever clears up
/// that somebody wants it.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// Content that is to be stored, and what it is stored under.
pub(super) struct Content {
    pub(super) sha256: String,
    pub(super) bytes: u64,
    pub(super) reader: Reader,
}

pub(super) type Reader = Box<dyn Read + Send>;

type Pieces<'a> = BoxStream<'a, Result<Bytes, Failure>>;

/// SHA-256 and size of what is read, which is copied to `copy` on the way.
pub(super) fn digest(mut content: impl Read, mut copy: impl Write) -> io::Result<(String, u64)> {
    let mut sha = Sha256::new();
    let mut bytes = 0;
    let mut chunk = vec![0; 256 * 1024];
    loop {
        let n = match content.read(&mut chunk) {
            Ok(0) => return Ok((hex::encode(sha.finalize()), bytes)),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        let piece = chunk.get(..n).unwrap_or_default();
        sha.update(piece);
        copy.write_all(piece)?;
        bytes += piece.len() as u64;
    }
}

impl Place {
    /// Stores content, unless it is there. What is under its name is never half of it.
    pub(super) async fn write(&self, content: Content) -> Result<BlobRef, Failure> {
        let Content { sha256, bytes, reader } = content;
        let blob = BlobRef { uri: self.address.uri(&sha256), sha256, bytes };
        let key = self.address.key(&blob.sha256);
        if self.has(&key, &blob).await? {
            return Ok(blob);
        }
        let part = PIECE.max(bytes.div_ceil(MOST_PARTS));
        if bytes <= part || !self.has_parts() {
            let (content, _) = read_piece(reader, bytes).await?;
            if content.len() as u64 != bytes || hex::encode(Sha256::digest(&content)) != blob.sha256 {
                return Err(changed(&blob));
            }
            self.store.put(&key, content.into()).await.map_err(|e| self.failed(Doing::Writing, &blob, e))?;
        } else {
            self.write_in_parts(&key, &blob, part, reader).await?;
        }
        Ok(blob)
    }

    async fn write_in_parts(&self, key: &Path, blob: &BlobRef, part: u64, content: Reader) -> Result<(), Failure> {
        let failed = |e| self.failed(Doing::Writing, blob, e);
        let upload = self.store.put_multipart(key).await.map_err(failed)?;
        let size = usize::try_from(part).unwrap_or(usize::MAX);
        let mut upload = WriteMultipart::new_with_chunk_size(upload, size);
        match feed(&mut upload, blob, part, content, failed).await {
            Ok(()) => upload.finish().await.map(drop).map_err(failed),
            Err(failure) => {
                // The parts that are there are of no use. If the store is gone, its own rules clear them away.
                let _ = upload.abort().await;
                Err(failure)
            }
        }
    }

    /// Whether the blob is there and need not be written.
    async fn has(&self, key: &Path, blob: &BlobRef) -> Result<bool, Failure> {
        let meta = match self.store.head(key).await {
            Ok(meta) => meta,
            // A store that does not let this worker ask may let it write all the same.
            Err(Error::NotFound { .. } | Error::PermissionDenied { .. }) => return Ok(false),
            Err(e) => return Err(self.failed(Doing::Writing, blob, e)),
        };
        if meta.size != blob.bytes || !is_fresh(&meta) {
            return Ok(false);
        }
        // A disk keeps what was damaged; an object store checks what it holds.
        Ok(!self.is_local() || self.open_local(key, blob).await.is_ok())
    }

    /// Reads a blob into memory.
    pub(super) async fn read(&self, blob: &BlobRef) -> Result<Vec<u8>, Failure> {
        let mut content = Vec::new();
        // Only spares copying: what the reference says of the size may be wrong.
        let _ = content.try_reserve_exact(usize::try_from(blob.bytes).unwrap_or_default());
        self.read_to(blob, content, |_| unwritable()).await
    }

    /// The blob as a file: its own in the file system, else a copy that nobody else sees.
    pub(super) async fn fetch(&self, blob: &BlobRef, scratch: &std::path::Path) -> Result<OpenedFile, Failure> {
        if self.is_local() {
            return self.open_local(&self.address.key(&blob.sha256), blob).await;
        }
        let (folder, scratch) = (scratch.to_owned(), scratch.to_owned());
        let no_copy = move |e: &io::Error| Failure::io("copying a blob to this host", &scratch, e);
        let file = threads::block({
            let no_copy = no_copy.clone();
            move || {
                std::fs::create_dir_all(&folder).and_then(|()| tempfile::tempfile_in(&folder)).map_err(|e| no_copy(&e))
            }
        })
        .await?;
        let mut file = self.read_to(blob, file, no_copy.clone()).await?;
        file.seek(SeekFrom::Start(0)).map_err(|e| no_copy(&e))?;
        Ok(OpenedFile { file, name: blob.uri.clone(), bytes: blob.bytes, sha256: Some(blob.sha256.clone()) })
    }

    /// Opens the file of a blob and checks what is in it.
    async fn open_local(&self, key: &Path, blob: &BlobRef) -> Result<OpenedFile, Failure> {
        let found = self.store.get(key).await.map_err(|e| self.failed(Doing::Reading, blob, e))?;
        let GetResultPayload::File(mut file, path) = found.payload else { return Err(unwritable()) };
        let expected = blob.clone();
        threads::block(move || {
            let failed = |e: &io::Error| Failure::io("reading a blob", &path, e);
            if found.meta.size != expected.bytes {
                return Err(damaged(&expected));
            }
            let (sha256, bytes) = digest(&file, io::sink()).map_err(|e| failed(&e))?;
            if sha256 != expected.sha256 || bytes != expected.bytes {
                return Err(damaged(&expected));
            }
            file.seek(SeekFrom::Start(0)).map_err(|e| failed(&e))?;
            Ok(OpenedFile { file, name: expected.uri, bytes, sha256: Some(sha256) })
        })
        .await
    }

    async fn read_to<W: Write + Send + 'static>(
        &self,
        blob: &BlobRef,
        to: W,
        unwritten: impl Fn(&io::Error) -> Failure + Clone + Send + 'static,
    ) -> Result<W, Failure> {
        let key = self.address.key(&blob.sha256);
        let mut sink = (to, Sha256::new(), 0);
        let mut pieces = if self.has_parts() { self.ranges(&key, blob) } else { self.stream(&key, blob) };
        while let Some(piece) = pieces.try_next().await? {
            let unwritten = unwritten.clone();
            sink = threads::block(move || {
                let (mut to, mut sha, bytes) = sink;
                sha.update(&piece);
                to.write_all(&piece).map_err(|e| unwritten(&e))?;
                Ok((to, sha, bytes + piece.len() as u64))
            })
            .await?;
        }
        let (to, sha, bytes) = sink;
        if bytes != blob.bytes || hex::encode(sha.finalize()) != blob.sha256 {
            return Err(damaged(blob));
        }
        Ok(to)
    }

    /// The content in requests that each move a piece.
    fn ranges<'a>(&'a self, key: &'a Path, blob: &'a BlobRef) -> Pieces<'a> {
        let piece = move |range: Range<u64>| async move {
            let range = (range.end - range.start < blob.bytes).then_some(GetRange::Bounded(range));
            let found = self.found(key, blob, GetOptions { range, ..GetOptions::default() }).await?;
            found.bytes().await.map_err(|e| self.failed(Doing::Reading, blob, e))
        };
        stream::iter(pieces(blob.bytes)).map(piece).buffered(AT_ONCE).boxed()
    }

    /// The content as the answer to one request.
    fn stream<'a>(&'a self, key: &'a Path, blob: &'a BlobRef) -> Pieces<'a> {
        let failed = move |e| self.failed(Doing::Reading, blob, e);
        let found =
            async move { Ok(self.found(key, blob, GetOptions::default()).await?.into_stream().map_err(failed)) };
        stream::once(found).try_flatten().boxed()
    }

    /// Asks for a blob. Nothing is moved of what has another size.
    async fn found(&self, key: &Path, blob: &BlobRef, options: GetOptions) -> Result<GetResult, Failure> {
        let found = self.store.get_opts(key, options).await.map_err(|e| self.failed(Doing::Reading, blob, e))?;
        if found.meta.size == blob.bytes { Ok(found) } else { Err(damaged(blob)) }
    }

    /// Whether the store can be used: that its folder can be written, that its bucket is there, that it takes the
    /// credentials. Nothing is left behind.
    pub(super) async fn probe(&self) -> Result<(), Failure> {
        if let Some(folder) = self.is_local().then(|| self.address.base.to_file_path().ok()).flatten() {
            return threads::block(move || {
                std::fs::create_dir_all(&folder)
                    .and_then(|()| tempfile::tempfile_in(&folder))
                    .map(drop)
                    .map_err(|e| Failure::io("using the folder of the blob store", &folder, &e))
            })
            .await;
        }
        // No content has this hash.
        let nothing = "0".repeat(64);
        match self.store.get(&self.address.key(&nothing)).await {
            Err(e) if lacks_bucket(&e) => {
                Err(of_store(&self.address, Doing::Writing, self.address.base.to_string(), e))
            }
            Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
            // What S3 says of a name that is not there to one who may not list what is.
            Err(e) if is_access_denied(&e) => {
                tracing::info!(url = %self.address.base, "the blob store does not tell whether a blob is there");
                Ok(())
            }
            Err(e) => Err(of_store(&self.address, Doing::Reading, self.address.base.to_string(), e)),
        }
    }

    fn failed(&self, doing: Doing, blob: &BlobRef, error: Error) -> Failure {
        of_store(&self.address, doing, blob.uri.clone(), error)
    }
}

/// Reads the content into an upload.
async fn feed(
    upload: &mut WriteMultipart,
    blob: &BlobRef,
    part: u64,
    mut content: Reader,
    failed: impl Fn(Error) -> Failure,
) -> Result<(), Failure> {
    let mut sha = Sha256::new();
    let mut bytes = 0;
    loop {
        upload.wait_for_capacity(AT_ONCE).await.map_err(&failed)?;
        let (piece, rest) = read_piece(content, part).await?;
        content = rest;
        bytes += piece.len() as u64;
        if piece.is_empty() || bytes > blob.bytes {
            break;
        }
        let (hashed, piece) = threads::block(move || {
            sha.update(&piece);
            Ok((sha, piece))
        })
        .await?;
        sha = hashed;
        upload.put(piece.into());
    }
    // What was hashed before is what was uploaded, or it does not get the name.
    if bytes != blob.bytes || hex::encode(sha.finalize()) != blob.sha256 {
        return Err(changed(blob));
    }
    Ok(())
}

/// The next bytes, as many as asked for unless the content ends before.
async fn read_piece(mut content: Reader, most: u64) -> Result<(Vec<u8>, Reader), Failure> {
    threads::block(move || {
        let mut piece = Vec::with_capacity(usize::try_from(most).unwrap_or_default());
        (&mut content).take(most).read_to_end(&mut piece).map_err(|e| {
            Failure::io("reading what is to be stored", std::path::Path::new("the content of a blob"), &e)
        })?;
        Ok((piece, content))
    })
    .await
}

/// The ranges that a blob is read in.
fn pieces(bytes: u64) -> Vec<Range<u64>> {
    let count = bytes.div_ceil(PIECE).max(1);
    (0..count).map(|i| i * PIECE..((i + 1) * PIECE).min(bytes)).collect()
}

fn is_fresh(meta: &ObjectMeta) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let written = Duration::from_secs(u64::try_from(meta.last_modified.timestamp()).unwrap_or_default());
    now.saturating_sub(written) < FRESH
}

fn damaged(blob: &BlobRef) -> Failure {
    let hint = "it was changed or damaged; remove it and run the workflow again";
    Failure::new(ErrorType::ParseError, "the blob's content is not what its name says", blob.uri.clone(), hint)
}

fn changed(blob: &BlobRef) -> Failure {
    let what = "what was to be stored changed meanwhile";
    Failure::new(ErrorType::Internal, what, blob.uri.clone(), "nothing was stored; it is tried again")
}

fn unwritable() -> Failure {
    let hint = "a defect of Gantry: please report it with the worker's log";
    Failure::new(ErrorType::Internal, "a blob could not be kept", "the blob store", hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_a_blob_of_any_size() {
        for bytes in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let pieces = pieces(bytes);
            assert_eq!(pieces.iter().map(|p| p.end - p.start).sum::<u64>(), bytes);
            assert!(pieces.windows(2).all(|w| w[0].end == w[1].start));
            assert!(pieces.iter().all(|p| p.end - p.start <= PIECE));
        }
    }
}
