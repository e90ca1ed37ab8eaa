//! Removes a repository.

use std::io::{self, IsTerminal};

use graph_store::{GraphStore, Repository};
use serde_json::json;

use super::{answer::Answer, arguments::DropOptions, known};
use crate::{problem::Problem, report};

pub(super) fn run(store: &mut dyn GraphStore, options: &DropOptions) -> Result<(), Problem> {
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    remove(store, options, terminal, report::asked)?.print(options.json)
}

/// Removes it if that was said beforehand or is said now.
pub(super) fn remove(
    store: &mut dyn GraphStore,
    options: &DropOptions,
    terminal: bool,
    ask: impl FnOnce(&str) -> Result<bool, Problem>,
) -> Result<Answer, Problem> {
    let wanted = Repository { org_id: options.org_id.clone(), repo_id: options.repo_id.clone() };
    let all = store.repositories()?;
    known(Some(wanted.clone()), &all)?;
    if !options.yes {
        let counts = store.counts(Some(&wanted))?;
        let (entities, edges): (u64, u64) = (counts.entities.values().sum(), counts.edges.values().sum());
        let held = format!("{} with {entities} entities and {edges} edges", wanted.repo_id);
        if !terminal {
            return Err(
                Problem::input(format!("the graph holds {held}; nothing was removed")).hint("to remove it, say --yes")
            );
        }
        if !ask(&format!("remove {held}?"))? {
            return Err(Problem::input("nothing was removed"));
        }
    }
    let removed = store.drop_repository(&wanted)?;
    store.tidy()?;
    Ok(Answer {
        text: format!("removed {}: {} entities and {} edges", wanted.repo_id, removed.entities, removed.edges),
        json: json!({
            "orgId": wanted.org_id,
            "repoId": wanted.repo_id,
            "entities": removed.entities,
            "edges": removed.edges,
        }),
        notes: Vec::new(),
    })
}
