//! The right to write a repository.

use postgres::Row;

use super::{error::Fault, session::Tx};
use crate::{
    error::StoreError,
    store::{Repository, Run},
};

/// The repository's row id and epoch, if it is there; refuses a run that a later one has replaced.
pub(super) fn check_right(tx: &mut Tx<'_>, run: &Run) -> Result<Option<(i64, i64)>, Fault> {
    let sql = "SELECT id, epoch, org_id FROM gantry.repository WHERE repo_id = $1";
    let row = tx.query_opt(sql, &[&run.repository.repo_id])?;
    row.map(|row| checked(&row, run)).transpose()
}

fn checked(row: &Row, run: &Run) -> Result<(i64, i64), Fault> {
    let Repository { org_id, repo_id } = &run.repository;
    let (id, current, owner): (i64, i64, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    if owner != *org_id {
        let (repo_id, org_id) = (repo_id.clone(), org_id.clone());
        return Err(StoreError::OtherOrganisation { repo_id, org_id, owner }.into());
    }
    if current > run.epoch {
        return Err(StoreError::Fenced { repo_id: repo_id.clone(), epoch: run.epoch, current }.into());
    }
    Ok((id, current))
}

/// Takes the right to write from earlier runs, and keeps every other writer of the repository out until the transaction
/// ends: its row is locked, and all that a write depends on is read after that. The repository's row id.
pub(super) fn fence(tx: &mut Tx<'_>, run: &Run) -> Result<i64, Fault> {
    let Repository { org_id, repo_id } = &run.repository;
    // It may be dropped between the two statements; then it is as if it had never been there.
    for _ in 0..3 {
        // A row that another transaction is about to insert cannot be locked; inserting waits for that one.
        tx.execute(
            "INSERT INTO gantry.repository (repo_id, org_id, epoch) SELECT $1, $2, $3
             WHERE NOT EXISTS (SELECT 1 FROM gantry.repository WHERE repo_id = $1)
             ON CONFLICT (repo_id) DO NOTHING",
            &[repo_id, org_id, &run.epoch],
        )?;
        let sql = "SELECT id, epoch, org_id FROM gantry.repository WHERE repo_id = $1 FOR UPDATE";
        let Some(row) = tx.query_opt(sql, &[repo_id])? else { continue };
        let (id, current) = checked(&row, run)?;
        if current < run.epoch {
            tx.execute("UPDATE gantry.repository SET epoch = $2 WHERE id = $1", &[&id, &run.epoch])?;
        }
        return Ok(id);
    }
    let reason = "the repository is dropped again and again; try when that has ended".to_owned();
    Err(StoreError::Unavailable { path: repo_id.clone(), reason }.into())
}
