//! `gantry graph`: looks into the code graph.

use std::{
    fs::File,
    io::{self, BufWriter},
    path::Path,
};

use graph_store::{GraphStore, GraphUrl, Repository, SqliteGraph};
use serde_json::json;

use crate::{arguments::RepositoryFilter, places::Places, problem::Problem, report};

impl RepositoryFilter {
    fn repository(&self) -> Option<Repository> {
        self.repo_id.clone().map(|repo_id| Repository { org_id: self.org_id.clone(), repo_id })
    }
}

pub(crate) fn stats(places: &Places, filter: &RepositoryFilter, as_json: bool) -> Result<(), Problem> {
    let (url, mut store) = open(places)?;
    let all = store.repositories()?;
    let repository = known(filter, &all)?;
    let counts = store.counts(repository.as_ref())?;
    let sum = |counts: &std::collections::BTreeMap<String, u64>| counts.values().sum::<u64>();
    let shown: Vec<&Repository> = all.iter().filter(|r| repository.as_ref().is_none_or(|only| only == *r)).collect();
    let files = counts.entities.get("file").copied().unwrap_or_default();
    if as_json {
        let repositories: Vec<_> = shown.iter().map(|r| json!({ "orgId": r.org_id, "repoId": r.repo_id })).collect();
        return report::data(
            &json!({
                "store": url.to_string(),
                "repositories": repositories,
                "files": files,
                "entities": sum(&counts.entities),
                "edges": sum(&counts.edges),
                "byKind": counts.entities,
                "edgesByKind": counts.edges,
                "byLanguage": counts.languages,
            })
            .to_string(),
        );
    }
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
    report::data(&parts.join("\n\n"))
}

pub(crate) fn export(places: &Places, filter: &RepositoryFilter, output: Option<&Path>) -> Result<(), Problem> {
    let (_, mut store) = open(places)?;
    let all = store.repositories()?;
    let repository = known(filter, &all)?;
    let Some(path) = output else {
        let mut stdout = BufWriter::new(io::stdout().lock());
        store.export(repository.as_ref(), &mut stdout)?;
        return Ok(());
    };
    let what = format!("writing {}", path.display());
    let failed = |e: io::Error| Problem::io(&what, &e);
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    let lines = store.export(repository.as_ref(), &mut file)?;
    file.into_inner().map_err(|e| failed(e.into_error()))?.sync_all().map_err(failed)?;
    report::note(&format!("{lines} documents in {}", path.display()));
    Ok(())
}

/// The graph store, which must be there: looking must not make an empty one.
pub(crate) fn open(places: &Places) -> Result<(GraphUrl, SqliteGraph), Problem> {
    let url = places.graph_url()?;
    let GraphUrl::Sqlite(path) = &url;
    if !path.exists() {
        return Err(Problem::filesystem(format!("there is no graph at {url}")).hint(
            "index something first: gantry index PATH; GANTRY_HOME and GANTRY_GRAPH_URL say where the graph is",
        ));
    }
    let store = SqliteGraph::open_existing(path)?;
    Ok((url, store))
}

fn known(filter: &RepositoryFilter, all: &[Repository]) -> Result<Option<Repository>, Problem> {
    let Some(wanted) = filter.repository() else { return Ok(None) };
    if all.contains(&wanted) {
        return Ok(Some(wanted));
    }
    let names: Vec<&str> = all.iter().map(|r| r.repo_id.as_str()).collect();
    Err(Problem::input(format!("the graph has no repository {} of organisation {}", wanted.repo_id, wanted.org_id))
        .hint(format!("it has: {}", if names.is_empty() { "none".to_owned() } else { names.join(", ") })))
}
