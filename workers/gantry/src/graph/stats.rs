//! How much there is of what.

use std::collections::BTreeMap;

use graph_store::{GraphStore, GraphUrl, Repository};
use serde_json::json;

use super::{answer::Answer, arguments::RepositoryFilter, known};
use crate::{problem::Problem, report};

pub(super) fn stats(store: &mut dyn GraphStore, url: &GraphUrl, filter: &RepositoryFilter) -> Result<Answer, Problem> {
    let all = store.repositories()?;
    let repository = known(filter.repository(), &all)?;
    let counts = store.counts(repository.as_ref())?;
    let sum = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
    let shown: Vec<&Repository> = all.iter().filter(|r| repository.as_ref().is_none_or(|only| only == *r)).collect();
    let files = counts.entities.get("file").copied().unwrap_or_default();
    let repositories: Vec<_> = shown.iter().map(|r| json!({ "orgId": r.org_id, "repoId": r.repo_id })).collect();
    let json = json!({
        "store": url.to_string(),
        "repositories": repositories,
        "files": files,
        "entities": sum(&counts.entities),
        "edges": sum(&counts.edges),
        "byKind": counts.entities,
        "edgesByKind": counts.edges,
        "byLanguage": counts.languages,
    });
    let rows: Vec<Vec<String>> = shown.iter().map(|r| vec![r.repo_id.clone(), r.org_id.clone()]).collect();
    let parts = [
        format!("store {url}"),
        if rows.is_empty() {
            "no repositories".to_owned()
        } else {
            report::table(&["repository", "organisation"], &rows)
        },
        report::counts(&format!("{files} files by language"), &counts.languages),
        report::counts(&format!("{} entities by kind", sum(&counts.entities)), &counts.entities),
        report::counts(&format!("{} edges by kind", sum(&counts.edges)), &counts.edges),
    ];
    Ok(Answer { text: parts.join("\n\n"), json, notes: Vec::new() })
}
