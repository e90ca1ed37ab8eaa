//! `gantry graph`: asks the code graph, exports it, backs it up, removes repositories from it.

mod answer;
pub(crate) mod arguments;
mod backup;
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
    match command {
        GraphCommand::Backup(options) => return backup::backup(places, options),
        GraphCommand::Restore(options) => return backup::restore(places, options),
        _ => {}
    }
    let (url, mut store) = open(places)?;
    let store = store.as_mut();
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
        GraphCommand::Backup(_) | GraphCommand::Restore(_) => Ok(()),
    }
}

/// The graph store, which must be there: looking must not make an empty one.
pub(crate) fn open(places: &Places) -> Result<(GraphUrl, Box<dyn GraphStore>), Problem> {
    let place = places.graph()?;
    let store: Box<dyn GraphStore> = match &place.url {
        GraphUrl::Sqlite(path) if !path.exists() => return Err(nothing_at(&place.url)),
        GraphUrl::Sqlite(path) => Box::new(SqliteGraph::open_existing(path)?),
        _ => place.open()?,
    };
    Ok((place.url, store))
}

fn nothing_at(url: &GraphUrl) -> Problem {
    Problem::filesystem(format!("there is no graph at {url}"))
        .hint("index something first: gantry index PATH; GANTRY_HOME and GANTRY_GRAPH_URL say where the graph is")
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
