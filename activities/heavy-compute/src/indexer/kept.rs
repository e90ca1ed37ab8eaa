//! Indexes that are kept, so that an indexer does not run again while nothing changed.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use kit::{Failure, Job, WorkResult};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{fingerprint::Fingerprint, outcome::Index, plan::Planned};
use crate::workspace::{Collected, removal};

/// Digits of a hash in a name.
const DIGITS: usize = 16;
const INDEX: &str = "scip";
const RECORD: &str = "json";

/// What lies beside an index. Its time of change is when the index was last used.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    fingerprint: String,
    indexer: String,
    version: String,
    root: String,
    bytes: u64,
}

/// Where the indexes of a workspace are kept, in the folder of all.
pub fn folder_of(indexes: &Path, workspace: &Path) -> PathBuf {
    indexes.join(digits(workspace.as_os_str().as_encoded_bytes()))
}

fn digits(bytes: &[u8]) -> String {
    let digest = hex::encode(Sha256::digest(bytes));
    digest.get(..DIGITS).unwrap_or(&digest).to_owned()
}

fn place(folder: &Path, planned: &Planned) -> PathBuf {
    folder.join(format!("{}-{}.{INDEX}", planned.indexer.name, digits(planned.folder().as_bytes())))
}

/// The index that is kept, if it is of this fingerprint. From now on it counts as used.
pub(super) fn find(folder: &Path, planned: &Planned, fingerprint: &Fingerprint) -> Option<Index> {
    let path = place(folder, planned);
    let record = path.with_extension(RECORD);
    // While it is held, neither the collection nor another attempt changes what is there.
    let _held = hold(folder, FlockOperation::LockShared).ok()?;
    let kept: Record = serde_json::from_slice(&fs::read(&record).ok()?).ok()?;
    let meta = fs::symlink_metadata(&path).ok()?;
    if kept.fingerprint != fingerprint.digest || !meta.is_file() || meta.len() != kept.bytes {
        return None;
    }
    File::options().write(true).open(&record).and_then(|file| file.set_modified(SystemTime::now())).ok()?;
    let Record { version, bytes, .. } = kept;
    Some(Index { indexer: planned.indexer.name, version, root: planned.root.clone(), path, bytes, ms: 0 })
}

/// Keeps a file as the index of a fingerprint. It is moved.
pub(super) fn keep(
    folder: &Path,
    planned: &Planned,
    fingerprint: &Fingerprint,
    made: &Path,
    time: Duration,
) -> io::Result<Index> {
    let path = place(folder, planned);
    let record = path.with_extension(RECORD);
    let index = File::open(made)?;
    let bytes = index.metadata()?.len();
    // What a crash of the machine could leave must not pass for whole.
    index.sync_data()?;
    let text = serde_json::to_vec(&Record {
        fingerprint: fingerprint.digest.clone(),
        indexer: planned.indexer.name.to_owned(),
        version: fingerprint.version.clone(),
        root: planned.root.clone(),
        bytes,
    })?;
    let mut beside = tempfile::NamedTempFile::new_in(made.parent().unwrap_or(folder))?;
    beside.write_all(&text)?;
    let _held = hold(folder, FlockOperation::LockExclusive)?;
    // Without its record an index is none.
    absent_is_well(fs::remove_file(&record))?;
    fs::rename(made, &path)?;
    beside.persist(&record).map_err(|e| e.error)?;
    let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let version = fingerprint.version.clone();
    Ok(Index { indexer: planned.indexer.name, version, root: planned.root.clone(), path, bytes, ms })
}

/// Forgets an index that turned out to be damaged: the next run makes it anew.
///
/// # Errors
/// When it cannot be removed.
pub fn discard(index: &Index) -> Result<(), Failure> {
    let record = index.path.with_extension(RECORD);
    absent_is_well(fs::remove_file(&record)).map_err(|e| Failure::io("forgetting a damaged index", &record, &e))
}

/// Removes the indexes that were not used for `age`, and what killed attempts left, from the folder of all. What was not
/// made by us stays.
///
/// # Errors
/// When the work is interrupted. What cannot be removed is in the result.
pub fn collect<C: Send + Sync>(
    job: &Job<C>,
    indexes: &Path,
    age: Duration,
    dry: bool,
    collected: &mut Collected,
) -> WorkResult<()> {
    let limit = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
    for folder in entries(indexes).unwrap_or_default() {
        job.proceed()?;
        let ours = folder.file_name().and_then(|name| name.to_str()).is_some_and(is_digits);
        if !ours || !fs::symlink_metadata(&folder).is_ok_and(|meta| meta.is_dir()) {
            continue;
        }
        if let Err(error) = collect_in(&folder, limit, dry, collected) {
            collected.failed(&folder, &error);
        }
    }
    Ok(())
}

fn collect_in(folder: &Path, limit: SystemTime, dry: bool, collected: &mut Collected) -> io::Result<()> {
    // Somebody is just using it: the next collection comes.
    let Ok(_held) = hold(folder, FlockOperation::NonBlockingLockExclusive) else { return Ok(()) };
    for path in entries(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let partial = name.starts_with(removal::PARTIAL);
        let index = path.extension().is_some_and(|extension| extension == INDEX);
        let record = path.with_extension(RECORD);
        let used = fs::symlink_metadata(if index && record.is_file() { &record } else { &path })?;
        if !(partial || index) || used.modified()? >= limit {
            continue;
        }
        // Its indexer still runs.
        if partial && hold(&path, FlockOperation::NonBlockingLockExclusive).is_err() {
            continue;
        }
        if dry {
            collected.freed += fs::symlink_metadata(&path).map_or(0, |meta| if index { meta.len() } else { 0 });
        } else if partial {
            // Whether to go on was asked before, and what is left of one removal is met by the next.
            collected.freed += removal::remove(&Job::<()>::detached(), folder, &name).map_err(io_of)?;
        } else {
            absent_is_well(fs::remove_file(&record))?;
            collected.freed += fs::symlink_metadata(&path)?.len();
            fs::remove_file(&path)?;
        }
        collected.removed.push(path);
    }
    if !dry {
        // Only an empty one goes.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

fn io_of(error: kit::WorkError) -> io::Error {
    match error {
        kit::WorkError::Failed(failure) => io::Error::other(failure.to_string()),
        kit::WorkError::Interrupted => io::ErrorKind::Interrupted.into(),
    }
}

fn is_digits(name: &str) -> bool {
    name.len() == DIGITS && name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort_unstable();
    Ok(paths)
}

pub(super) fn hold(folder: &Path, operation: FlockOperation) -> io::Result<File> {
    let folder = File::open(folder)?;
    flock(&folder, operation)?;
    Ok(folder)
}

fn absent_is_well(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
