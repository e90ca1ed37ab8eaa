//! Entities by name.

use std::collections::BTreeMap;

use graph_store::{Find, GraphStore, Matching, Repository, StoreResult};
use serde_json::json;

use super::{
    answer::{Answer, ENTITY, cut, entity_cells, entity_json, printable, table},
    arguments::FindOptions,
    known,
};
use crate::problem::Problem;

/// Names that are compared with one that nothing has.
const COMPARED: usize = 500;
/// Names that are proposed instead.
const PROPOSED: usize = 3;

pub(super) fn find(store: &mut dyn GraphStore, options: &FindOptions) -> Result<Answer, Problem> {
    let all = store.repositories()?;
    let repository = known(options.repository.repository(), &all)?;
    let limit = usize::try_from(options.shown.limit).unwrap_or(usize::MAX);
    let matching = if options.prefix { Matching::Prefix } else { Matching::Exact };
    let wanted = Find { name: &options.name, matching, kind: options.kind, repository: repository.as_ref() };
    let mut found = store.find(&wanted, limit.saturating_add(1))?;
    let more = found.len() > limit;
    found.truncate(limit);
    let mut notes = Vec::new();
    if more {
        notes.push(cut(limit));
    }
    if found.is_empty() {
        let kind = options.kind.map_or("entity", |kind| kind.as_str());
        let how = if options.prefix { "has a name that begins with" } else { "has the name" };
        notes.push(format!("no {kind} {how} {}", printable(&options.name)));
        notes.extend(did_you_mean(&near(store, &options.name, repository.as_ref())?));
    }
    let head = [&ENTITY[..], &["key"]].concat();
    let row = |entity| {
        let mut cells = entity_cells(entity);
        cells.push(entity.id());
        (entity, cells)
    };
    let text = table(&head, found.iter().map(row));
    let entities: Vec<_> = found.iter().map(entity_json).collect();
    Ok(Answer { text, json: json!({ "entities": entities, "more": more }), notes })
}

/// Names that are there and that are like this one, the likest first.
pub(super) fn near(
    store: &mut dyn GraphStore,
    name: &str,
    repository: Option<&Repository>,
) -> StoreResult<Vec<String>> {
    let characters = name.chars().count();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let typed = name.to_lowercase();
    // A slip is where the beginning ends that is right: first the few names that begin as this one does, then more.
    for shared in [characters, characters * 3 / 4, characters / 2, characters / 4, 1] {
        let prefix: String = name.chars().take(shared.max(1)).collect();
        let like = Find { name: &prefix, matching: Matching::Prefix, kind: None, repository };
        for entity in store.find(&like, COMPARED)? {
            let distance = strsim::damerau_levenshtein(&typed, &entity.name.to_lowercase());
            if distance <= characters.div_ceil(4) && entity.name != name {
                names.insert(entity.name, distance);
            }
        }
    }
    let mut names: Vec<(usize, String)> = names.into_iter().map(|(name, distance)| (distance, name)).collect();
    names.sort();
    names.truncate(PROPOSED);
    Ok(names.into_iter().map(|(_, name)| name).collect())
}

/// The proposal, if there is something to propose.
pub(super) fn did_you_mean(names: &[String]) -> Option<String> {
    let names: Vec<String> = names.iter().map(|name| printable(name)).collect();
    (!names.is_empty()).then(|| format!("did you mean {}?", names.join(", ")))
}
