//! Counting, and documents of one repository or of all.

use std::collections::BTreeMap;

use rusqlite::{Connection, Statement};

use crate::store::{Counts, Repository};

pub(super) fn counts(connection: &Connection, repository: Option<&Repository>) -> rusqlite::Result<Counts> {
    let filter = Filter(repository);
    let tally = |select: &str, tail: &str| tally(connection, &filter.sql(select, tail), &filter);
    Ok(Counts {
        entities: tally("SELECT d.kind, count(*) FROM entity d", "GROUP BY d.kind")?,
        edges: tally("SELECT d.collection, count(*) FROM edge d", "GROUP BY d.collection")?,
        languages: tally(
            "SELECT json_extract(d.doc, '$.language') AS language, count(*) FROM entity d",
            "AND d.kind = 'file' AND language IS NOT NULL GROUP BY language",
        )?,
    })
}

/// Restricts a query over documents `d` to one repository.
pub(super) struct Filter<'a>(pub(super) Option<&'a Repository>);

impl Filter<'_> {
    pub(super) fn sql(&self, select: &str, tail: &str) -> String {
        match self.0 {
            None => format!("{select} WHERE 1 {tail}"),
            Some(_) => format!(
                "{select} JOIN file f ON f.id = d.file JOIN repository r ON r.id = f.repository
                 WHERE r.repo_id = :repo AND r.org_id = :org {tail}"
            ),
        }
    }

    pub(super) fn bind(&self, statement: &mut Statement<'_>) -> rusqlite::Result<()> {
        if let Some(repository) = self.0 {
            bind(statement, ":repo", &repository.repo_id)?;
            bind(statement, ":org", &repository.org_id)?;
        }
        Ok(())
    }
}

pub(super) fn bind(statement: &mut Statement<'_>, name: &str, value: &str) -> rusqlite::Result<()> {
    match statement.parameter_index(name)? {
        Some(index) => statement.raw_bind_parameter(index, value),
        None => Err(rusqlite::Error::InvalidParameterName(name.to_owned())),
    }
}

fn tally(tx: &Connection, sql: &str, filter: &Filter<'_>) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut statement = tx.prepare(sql)?;
    filter.bind(&mut statement)?;
    let mut rows = statement.raw_query();
    let mut counts = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let count: i64 = row.get(1)?;
        counts.insert(row.get(0)?, u64::try_from(count).unwrap_or_default());
    }
    Ok(counts)
}
