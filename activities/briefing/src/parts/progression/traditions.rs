//! Traditions by their trees.

use std::collections::HashMap;

use super::texts;
use crate::{
    fact::{Fact, Object, Why},
    model::Model,
};

struct Tree {
    name: String,
    picked: Vec<String>,
}

/// The traditions in the order in which they were taken, and by tree.
pub(super) fn traditions(model: &Model<'_>) -> Object {
    let listed = super::listed(model, "traditions");
    let picked = texts(model.own.block("traditions"));
    let categories = texts(model.own.block("tradition_categories"));
    let mut trees: Vec<Tree> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for tradition in &picked {
        let name = tree_of(tradition, categories.iter().map(|category| &**category));
        let at = *places.entry(name.to_owned()).or_insert(trees.len());
        if at == trees.len() {
            trees.push(Tree { name: name.to_owned(), picked: Vec::new() });
        }
        if let Some(tree) = trees.get_mut(at) {
            tree.picked.push(tradition.to_string());
        }
    }
    let rows = trees.into_iter().map(|tree| {
        let ends_with = |end: &str| tree.picked.iter().any(|tradition| tradition.ends_with(end));
        let (adopted, finished) = (ends_with("_adopt"), ends_with("_finish"));
        let mut row = Object::new();
        row.put("picked", Fact::texts(tree.picked));
        row.put("adopted", adopted);
        row.put("finished", finished);
        (tree.name, row)
    });
    let by_tree: Object = rows.collect();
    let mut out = Object::new();
    out.copy("traditions", listed.named("traditions"));
    out.put("by_tree", by_tree).why(model.explaining, || {
        let rule = "the longest of tradition_categories that the tradition begins with, without those the word behind tr_; \
                    *_adopt and *_finish tell whether a tree is adopted and finished";
        let why = if categories.is_empty() { Why::heuristic(rule) } else { Why::rule(rule) };
        why.from(model.own_path("traditions"), picked.len()).from(model.own_path("tradition_categories"), categories.len())
    });
    out.copy("count", listed.named("count"));
    out
}

/// The tree of a tradition: `discovery` of `tr_discovery_to_boldly_go`. Without the country's own list of trees, as in 2.x, it
/// is the word behind `tr_` [H].
fn tree_of<'t>(tradition: &'t str, categories: impl Iterator<Item = &'t str>) -> &'t str {
    let Some(name) = tradition.strip_prefix("tr_") else { return "unknown" };
    let begins = |tree: &&str| name.strip_prefix(*tree).is_some_and(|rest| rest.starts_with('_'));
    let trees = categories.map(|category| category.strip_prefix("tradition_").unwrap_or(category));
    trees
        .filter(begins)
        .max_by_key(|tree| tree.len())
        .or_else(|| name.split('_').next())
        .filter(|tree| !tree.is_empty())
        .unwrap_or("unknown")
}
