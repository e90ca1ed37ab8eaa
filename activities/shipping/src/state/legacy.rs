//! The state that came before the database: `zerg-shipper-state.json`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::Database;
use super::error::of_io;
use super::values::{moment, stored};
use crate::engine::Error;
use crate::timestamp::Timestamp;

/// Name of the file, in Claude's folder.
pub(crate) const NAME: &str = "zerg-shipper-state.json";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Legacy {
    sessions: BTreeMap<String, Session>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Session {
    file_path: Option<String>,
    last_offset: u64,
    session_id: Option<String>,
    provider_session_id: Option<String>,
}

impl Database {
    /// Takes over the offsets of the older file, which were acknowledged ones, and renames it to `.bak`. A file that cannot be
    /// understood stays, and says so in the answer.
    pub(crate) fn import_legacy(&self, file: &Path, now: Timestamp) -> Result<Option<String>, Error> {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Ok(Some(format!("{}: the older state cannot be read: {error}", file.display()))),
        };
        let Some(sessions) = understood(&bytes) else {
            return Ok(Some(format!("{}: the older state is not understood and was left alone", file.display())));
        };
        self.write(|connection| {
            for (path, session) in &sessions {
                // What the database knows is newer.
                connection.execute(
                    "INSERT OR IGNORE INTO file_state (path, provider, queued_offset, acked_offset, session_id, provider_session_id,
                                                       last_updated) VALUES (?1, 'claude', ?2, ?2, ?3, ?4, ?5)",
                    rusqlite::params![path, stored(session.last_offset), session.session_id, session.provider_session_id, moment(now)],
                )?;
            }
            Ok(())
        })?;
        let mut backup = file.as_os_str().to_owned();
        backup.push(".bak");
        std::fs::rename(file, backup).map_err(|error| of_io(file, "the older state cannot be renamed", &error))?;
        Ok(None)
    }
}

/// Sessions by path: either `{"sessions": {PATH: {...}}}`, or the map alone, of objects or of bare offsets.
fn understood(bytes: &[u8]) -> Option<BTreeMap<String, Session>> {
    let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let object = value.as_object()?;
    let sessions = match object.get("sessions") {
        Some(_) => Legacy::deserialize(&value).ok()?.sessions,
        None => object
            .iter()
            .filter_map(|(path, entry)| {
                let session = match entry.as_u64() {
                    Some(last_offset) => Session { last_offset, ..Session::default() },
                    None => Session::deserialize(entry).ok()?,
                };
                Some((path.clone(), session))
            })
            .collect(),
    };
    let by_path = sessions.into_iter().map(|(path, session)| (session.file_path.clone().unwrap_or(path), session));
    Some(by_path.filter(|(path, _)| Path::new(path).is_absolute()).collect())
}
