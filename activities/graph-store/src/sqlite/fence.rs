//! The right to write a repository.

use std::path::Path;

use rusqlite::{OptionalExtension, Transaction, params};

use super::error::sqlite_error;
use crate::{
    error::{StoreError, StoreResult},
    store::{Repository, Run},
};

/// The repository's row id and epoch, if it is there; refuses a run that a later one has replaced.
pub(super) fn check_right(tx: &Transaction<'_>, run: &Run, path: &Path) -> StoreResult<Option<(i64, i64)>> {
    let Repository { org_id, repo_id } = &run.repository;
    let row: Option<(i64, i64, String)> = tx
        .prepare_cached("SELECT id, epoch, org_id FROM repository WHERE repo_id = ?1")
        .and_then(|mut s| s.query_row([repo_id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).optional())
        .map_err(|e| sqlite_error(path, e))?;
    let Some((id, current, owner)) = row else { return Ok(None) };
    if owner != *org_id {
        return Err(StoreError::OtherOrganisation { repo_id: repo_id.clone(), org_id: org_id.clone(), owner });
    }
    if current > run.epoch {
        return Err(StoreError::Fenced { repo_id: repo_id.clone(), epoch: run.epoch, current });
    }
    Ok(Some((id, current)))
}

/// Takes the right to write from earlier runs; the repository's row id.
pub(super) fn fence(tx: &Transaction<'_>, run: &Run, path: &Path) -> StoreResult<i64> {
    match check_right(tx, run, path)? {
        Some((id, current)) if current == run.epoch => Ok(id),
        _ => tx
            .query_row(
                "INSERT INTO repository (repo_id, org_id, epoch) VALUES (?1, ?2, ?3)
                 ON CONFLICT (repo_id) DO UPDATE SET epoch = excluded.epoch RETURNING id",
                params![run.repository.repo_id, run.repository.org_id, run.epoch],
                |r| r.get(0),
            )
            .map_err(|e| sqlite_error(path, e)),
    }
}
