//! Files of this host for workers of others, by the blob store.

use std::path::PathBuf;

use contracts::shared::{BlobRef, FileRef};

use crate::{places::Places, problem::Problem};

/// Puts a file into the blob store.
pub(crate) async fn put(places: &Places, file: PathBuf) -> Result<BlobRef, Problem> {
    let blobs = places.blobs()?;
    let put = tokio::task::spawn_blocking(move || {
        blobs.put_file(&file).map_err(|failure| {
            let message = format!("{}: {}", failure.what, failure.place);
            Problem::of_type(Some(failure.error_type), message).hint(failure.hint)
        })
    });
    put.await.map_err(|e| Problem::filesystem(format!("reading a file: {e}")))?
}

/// Puts files into the blob store, one after the other: the disk is what they wait for.
pub(crate) async fn put_all(places: &Places, files: Vec<PathBuf>) -> Result<Vec<FileRef>, Problem> {
    let mut references = Vec::with_capacity(files.len());
    for file in files {
        references.push(FileRef::Blob(put(places, file).await?));
    }
    Ok(references)
}

/// What is in a blob of the store that the workers write to.
pub(crate) async fn get(places: &Places, blob: &BlobRef) -> Result<Vec<u8>, Problem> {
    let read = places.blobs()?.get_async(blob).await;
    read.map_err(|failure| {
        let message = format!("{}: {}: {}", failure.error_type, failure.what, failure.place);
        Problem::of_type(Some(failure.error_type), message).hint(failure.hint)
    })
}
