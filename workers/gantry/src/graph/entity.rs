//! The one entity that a key, a path or a name means.

use graph_store::{EntityDocument, EntityKind, Find, GraphStore, Matching, Repository, StoreResult, entity_hash};

use super::{
    answer::{ENTITY, entity_cells, printable, table},
    find::{did_you_mean, near},
};
use crate::problem::Problem;

/// Candidates that are listed when a name means several.
const CANDIDATES: usize = 20;

/// The entity that is meant.
pub(super) fn meant(
    store: &mut dyn GraphStore,
    typed: &str,
    repository: Option<&Repository>,
    all: &[Repository],
) -> Result<EntityDocument, Problem> {
    let mut found = by_id(store, typed, repository, all)?;
    if found.is_empty() {
        let find = Find { name: typed, matching: Matching::Exact, kind: None, repository };
        found = store.find(&find, CANDIDATES + 1)?;
    }
    match found.len() {
        0 => Err(unknown(store, typed, repository, all)?),
        1 => found.pop().ok_or_else(|| Problem::input("the graph changed meanwhile; ask again")),
        _ => Err(ambiguous(typed, &found)),
    }
}

/// By key, by `collection/key`, or by the path of a file, from which its key is made.
fn by_id(
    store: &mut dyn GraphStore,
    typed: &str,
    repository: Option<&Repository>,
    all: &[Repository],
) -> StoreResult<Vec<EntityDocument>> {
    let file = EntityKind::File;
    let path = typed.strip_prefix("./").unwrap_or(typed);
    let mut ids = vec![typed.to_owned()];
    ids.extend(EntityKind::collections().iter().map(|collection| format!("{collection}/{typed}")));
    ids.extend(all.iter().map(|repository| {
        format!("{}/{}", file.collection(), entity_hash(&repository.repo_id, path, file.as_str(), path, ""))
    }));
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut found = store.entities(&ids)?;
    found.retain(|entity| repository.is_none_or(|only| entity.repo_id == only.repo_id));
    Ok(found)
}

fn unknown(
    store: &mut dyn GraphStore,
    typed: &str,
    repository: Option<&Repository>,
    all: &[Repository],
) -> Result<Problem, Problem> {
    if all.is_empty() {
        return Ok(Problem::input("the graph holds no repository").hint("index one first: gantry index PATH"));
    }
    let problem = Problem::input(format!("the graph has no key, path or name {}", printable(typed)));
    let proposal = did_you_mean(&near(store, typed, repository)?);
    Ok(problem.hint(proposal.unwrap_or_else(|| "look for it: gantry graph find NAME --prefix".to_owned())))
}

fn ambiguous(typed: &str, found: &[EntityDocument]) -> Problem {
    let shown = found.get(..CANDIDATES).unwrap_or(found);
    let row = |entity| {
        let mut cells = entity_cells(entity);
        cells.push(entity.id());
        (entity, cells)
    };
    let candidates = table(&[&ENTITY[..], &["key"]].concat(), shown.iter().map(row));
    let (count, rest) = if shown.len() < found.len() {
        (format!("more than {CANDIDATES}"), "\n...")
    } else {
        (found.len().to_string(), "")
    };
    let several = found.iter().any(|e| found.first().is_some_and(|first| e.repo_id != first.repo_id));
    let hint = if several {
        "give the key of the one that is meant, or its repository with --repo-id"
    } else {
        "give the key of the one that is meant"
    };
    Problem::input(format!("{} is the name of {count} entities:\n\n{candidates}{rest}\n", printable(typed))).hint(hint)
}
