//! What there is and what of it is new.

use std::collections::HashMap;
use std::path::PathBuf;

use super::excluded::Excluded;
use super::{Discovery, Error, ErrorKind, Lane, Scope, ScopeSources};
use crate::config::Config;
use crate::discovery::{self, Found, SessionFile};
use crate::provider::{self, Layout, Provider};
use crate::state::FileRow;

/// The providers that a configuration names.
///
/// # Errors
///
/// `InvalidInput` for a name that no provider has.
pub(super) fn providers(config: &Config) -> Result<Vec<&'static dyn Provider>, Error> {
    match &config.providers {
        Some(names) => named(names),
        None => Ok(provider::registry().to_vec()),
    }
}

fn named(names: &[String]) -> Result<Vec<&'static dyn Provider>, Error> {
    names
        .iter()
        .map(|name| {
            provider::by_name(name).ok_or_else(|| {
                let known: Vec<_> = provider::registry().iter().map(|provider| provider.name()).collect();
                let hint = format!("known are {}", known.join(", "));
                Error::new(ErrorKind::InvalidInput, "there is no such provider", name, hint)
            })
        })
        .collect()
}

/// The sources of a scope, new or not.
///
/// # Errors
///
/// `InvalidInput` when paths were named and none of them is a session.
pub(super) fn find(config: &Config, providers: &[&'static dyn Provider], scope: &Scope) -> Result<Found, Error> {
    let mut providers = providers.to_vec();
    if let Some(names) = &scope.providers {
        let wanted = named(names)?;
        providers.retain(|provider| wanted.iter().any(|name| name.name() == provider.name()));
    }
    let providers = providers.as_slice();
    match &scope.sources {
        ScopeSources::New => Ok(discovery::discover(&config.homes, providers)),
        ScopeSources::Paths(paths) => {
            let found = discovery::discover_paths(&config.homes, providers, paths);
            if found.files.is_empty() && paths.iter().all(|path| !path.exists()) && !paths.is_empty() {
                let place = paths.first().map(|path| path.display().to_string()).unwrap_or_default();
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    "there is no such file",
                    place,
                    "name files or folders that exist",
                ));
            }
            Ok(found)
        }
    }
}

/// The text under which the state knows a path.
pub(super) fn key(path: &std::path::Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Whether a path, as the state knows it, is one document. By its extension: the state of an older daemon says no more.
pub(super) fn is_document(path: &str) -> bool {
    path.ends_with(".json")
}

/// Bytes of a source that were not read yet; `None` where nothing can be new. A file that was touched but has nothing new by its size
/// is one with 0 bytes: it may have been replaced.
pub(super) fn new_bytes(file: &SessionFile, row: Option<&FileRow>, excluded: &Excluded) -> Option<u64> {
    let Some(row) = row else { return Some(file.bytes) };
    if row.excluded.is_some_and(|mark| mark != excluded.mark()) {
        return Some(file.bytes);
    }
    if let Some(identity) = &row.identity
        && identity.modified / 1000 == file.modified.0
        && identity.bytes == file.bytes
    {
        return None;
    }
    let position = row.position();
    match file.provider.layout() {
        Layout::Document => {
            let changed = row.identity.is_some()
                || i64::try_from(position).is_ok_and(|position| file.modified.seconds() > position);
            changed.then_some(file.bytes)
        }
        Layout::Lines if row.identity.is_none() && position == file.bytes => None,
        // A file that is shorter than what was read of it is another one.
        Layout::Lines if file.bytes < position => Some(file.bytes),
        Layout::Lines => Some(file.bytes - position),
    }
}

/// A source with something new in it.
#[derive(Debug, Clone)]
pub(super) struct New {
    pub(super) key: String,
    pub(super) path: PathBuf,
    pub(super) provider: &'static dyn Provider,
    pub(super) bytes: u64,
    pub(super) modified: i64,
    pub(super) tracked: bool,
}

/// What of the sources is new, in the order of a lane, and the numbers of all.
pub(super) fn new(
    found: Found,
    rows: &HashMap<String, FileRow>,
    excluded: &Excluded,
    lane: Lane,
) -> (Vec<New>, Discovery) {
    let mut discovery = Discovery { warnings: found.warnings, ..Discovery::default() };
    let mut new = Vec::new();
    for file in found.files {
        let key = key(&file.path);
        let row = rows.get(&key);
        let fresh = new_bytes(&file, row, excluded);
        let by_provider = discovery.by_provider.entry(file.provider.name().to_owned()).or_default();
        by_provider.files += 1;
        by_provider.bytes += file.bytes;
        if let Some(bytes) = fresh {
            if bytes > 0 {
                by_provider.new_files += 1;
                by_provider.new_bytes += bytes;
            }
            let tracked = row.is_some();
            new.push(New { key, path: file.path, provider: file.provider, bytes, modified: file.modified.0, tracked });
        }
    }
    for sources in discovery.by_provider.values() {
        discovery.files += sources.files;
        discovery.bytes += sources.bytes;
        discovery.new_files += sources.new_files;
        discovery.new_bytes += sources.new_bytes;
    }
    match lane {
        Lane::Live => new.sort_by_key(|file| std::cmp::Reverse(file.modified)),
        Lane::Backfill => new.sort_by_key(|file| std::cmp::Reverse(file.bytes)),
    }
    (new, discovery)
}
