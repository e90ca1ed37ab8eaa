//! Opening a store.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

use rusqlite::Connection;

use super::{
    Durability, Settings, Store, StoreError,
    checkpoint::{Checkpoints, LOG_BYTES},
    owner::Owner,
    readers::Readers,
    schema,
    shared::Shared,
    writer::Writer,
};

/// Kibibytes of pages that the writer keeps.
const CACHE_KIB: i64 = 10_000;

pub(super) fn open(path: &Path, settings: Settings) -> Result<Store, StoreError> {
    let path = resolved(path)?;
    let owner = Owner::take(&path)?;
    let mut connection = connect(&path, &settings)?;
    let checkpoints = Checkpoints::start(&mut connection, &path, settings.lock_timeout)?;
    let shared = Arc::new(Shared::new(&settings));
    let mut writer = Writer::new(connection, checkpoints, settings.clone(), Arc::clone(&shared));
    writer.measure()?;
    let running = thread::Builder::new()
        .name("ingest-writer".to_owned())
        .spawn(move || writer.run())
        .map_err(|error| StoreError::Failed(format!("no thread: {error}")))?;
    let readers = Readers::new(path.clone(), settings.lock_timeout, settings.readers);
    Ok(Store { path, settings, shared, readers, running: Mutex::new(Some((running, owner))) })
}

/// One path for one file, whatever links lead to it.
fn resolved(path: &Path) -> Result<PathBuf, StoreError> {
    let failed = |error: std::io::Error| StoreError::ReadOnly(format!("{}: {error}", path.display()));
    if let Ok(there) = path.canonicalize() {
        return Ok(there);
    }
    let name = path.file_name().ok_or_else(|| StoreError::Failed(format!("{} names no file", path.display())))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    Ok(folder.canonicalize().map_err(failed)?.join(name))
}

fn connect(path: &Path, settings: &Settings) -> Result<Connection, StoreError> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(settings.lock_timeout)?;
    // Of a new file only; space that retention frees can be given back without writing the file anew.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match settings.durability {
        Durability::Normal => "NORMAL",
        Durability::Full => "FULL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    if let Some(bytes) = settings.max_bytes {
        let page: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
        connection.pragma_update(None, "max_page_count", pages.max(1))?;
    }
    connection.set_prepared_statement_cache_capacity(48);
    schema::prepare(&mut connection, path)?;
    Ok(connection)
}
