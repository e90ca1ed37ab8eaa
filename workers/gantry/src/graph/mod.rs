//! `gantry graph`: asks the code graph, exports it, removes repositories from it.

mod answer;
pub(crate) mod arguments;
mod edges;
mod entity;
mod export;
mod find;
mod path;
mod remove;
mod stats;
#[cfg(test)]
mod tests;

use arguments::GraphCommand;
use edges::Question;
use graph_store::{GraphStore, GraphUrl, Repository, SqliteGraph};

use crate::{places::Places, problem::Problem};

pub(crate) fn run(places: &Places, command: &GraphCommand) -> Result<(), Problem> {
    let (url, mut store) = open(places)?;
    let store: &mut dyn GraphStore = &mut store;
    match command {
        GraphCommand::Find(options) => find::find(store, options)?.print(options.shown.json),
        GraphCommand::Callers(options) => edges::ask(store, Question::Callers, options)?.print(options.shown.json),
        GraphCommand::Callees(options) => edges::ask(store, Question::Callees, options)?.print(options.shown.json),
        GraphCommand::References(options) => {
            edges::ask(store, Question::References, options)?.print(options.shown.json)
        }
        GraphCommand::Path(options) => path::path(store, options)?.print(options.json),
        GraphCommand::Drop(options) => remove::run(store, options),
        GraphCommand::Stats { repository, json } => stats::stats(store, &url, repository)?.print(*json),
        GraphCommand::Export(options) => export::run(store, options),
    }
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

/// The repository, which must be there.
fn known(wanted: Option<Repository>, all: &[Repository]) -> Result<Option<Repository>, Problem> {
    let Some(wanted) = wanted else { return Ok(None) };
    if all.contains(&wanted) {
        return Ok(Some(wanted));
    }
    let names: Vec<&str> = all.iter().map(|r| r.repo_id.as_str()).collect();
    Err(Problem::input(format!("the graph has no repository {} of organisation {}", wanted.repo_id, wanted.org_id))
        .hint(format!("it has: {}", if names.is_empty() { "none".to_owned() } else { names.join(", ") })))
}
