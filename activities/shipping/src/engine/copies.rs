//! Sources that no server has and that their owner is about to delete, kept beside the database until a server has them.
//!
//! The spool only points at sources; what an agent deletes meanwhile would be lost. A hard link costs nothing and keeps the bytes;
//! where that cannot be (another file system) it is a copy.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Engine, Error, sources, status};
use crate::discovery::SessionFile;
use crate::provider::Layout;
use crate::timestamp::Timestamp;

const DAY: i64 = 86_400 * 1_000_000;

/// Where the copy of a source lies, if there is one.
pub(super) fn path_for(database: &Path, key: &str) -> PathBuf {
    let hash = Sha256::digest(key.as_bytes());
    let name: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let mut folder = database.as_os_str().to_owned();
    folder.push(".copies");
    PathBuf::from(folder).join(name)
}

/// Makes copies of what is old and not acknowledged, spools the rest of those whose source is gone, and removes those that are no
/// longer needed. What goes wrong is a warning: shipping goes on.
pub(super) fn tend(
    engine: &Engine,
    files: &[SessionFile],
    now: Timestamp,
    warnings: &mut Vec<String>,
) -> Result<(), Error> {
    if !engine.config.keep_copies {
        return Ok(());
    }
    let limit = now.0.saturating_sub(status::warned_after(&engine.config.homes.claude).saturating_mul(DAY));
    for file in files.iter().filter(|file| file.modified.0 < limit) {
        let key = sources::key(&file.path);
        let acked = engine.database.file(&key)?.filter(|row| row.excluded.is_none()).map_or(0, |row| row.acked);
        let copy = path_for(&engine.config.database, &key);
        if is_acknowledged(file.provider.layout(), acked, file.bytes, file.modified) || copy.exists() {
            continue;
        }
        match keep(&file.path, &copy) {
            Ok(()) => engine.database.note_copy(&key, file.provider.name())?,
            Err(error) => warnings.push(format!("{}: no copy can be kept of it: {error}", file.path.display())),
        }
    }
    for (key, provider) in engine.database.copies()? {
        settle(engine, &key, &provider, now)?;
    }
    Ok(())
}

fn settle(engine: &Engine, key: &str, provider: &str, now: Timestamp) -> Result<(), Error> {
    let copy = path_for(&engine.config.database, key);
    let layout = if sources::is_document(key) { Layout::Document } else { Layout::Lines };
    let row = engine.database.file(key)?.unwrap_or_default();
    if let Ok(found) = fs::metadata(Path::new(key)).or_else(|_| fs::metadata(&copy)) {
        let modified = found.modified().map_or(Timestamp(0), Timestamp::of_system);
        if !is_acknowledged(layout, row.acked, found.len(), modified) {
            if !Path::new(key).exists() {
                let end = match layout {
                    Layout::Lines => found.len(),
                    Layout::Document => u64::try_from(modified.seconds()).unwrap_or(0),
                };
                engine.database.spool_rest(key, provider, end, now)?;
            }
            return Ok(());
        }
    }
    // The link may be gone already; the row is what must not stay.
    let _ = fs::remove_file(&copy);
    engine.database.forget_copy(key)
}

fn is_acknowledged(layout: Layout, acked: u64, bytes: u64, modified: Timestamp) -> bool {
    match layout {
        Layout::Lines => acked >= bytes,
        Layout::Document => i64::try_from(acked).is_ok_and(|acked| acked >= modified.seconds()),
    }
}

fn keep(source: &Path, copy: &Path) -> std::io::Result<()> {
    if let Some(folder) = copy.parent() {
        make_private(folder)?;
    }
    if fs::hard_link(source, copy).is_ok() {
        return Ok(());
    }
    let half = copy.with_extension("half");
    fs::copy(source, &half)?;
    fs::rename(half, copy)
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}
