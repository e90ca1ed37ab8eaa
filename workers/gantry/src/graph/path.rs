//! How one entity leads to another.

use graph_store::{Bounds, Direction, EntityDocument, GraphStore, PathFound, shortest_path};
use serde_json::{Value, json};

use super::{
    answer::{Answer, EDGE, ENTITY, edge_cells, edge_json, entity_cells, entity_json, printable, table},
    arguments::PathOptions,
    edges::with_far_ends,
    entity::meant,
    known,
};
use crate::problem::Problem;

pub(super) fn path(store: &mut dyn GraphStore, options: &PathOptions) -> Result<Answer, Problem> {
    let all = store.repositories()?;
    let repository = known(options.repository.repository(), &all)?;
    let from = meant(store, &options.from, repository.as_ref(), &all)?;
    let to = meant(store, &options.to, repository.as_ref(), &all)?;
    let number = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let bounds = Bounds { length: number(options.max_length), edges: number(options.max_edges) };
    let head = [&["edge"], &ENTITY[..], &EDGE, &["key"]].concat();
    let edges = match shortest_path(store, &from.id(), &to.id(), &options.kinds, bounds)? {
        PathFound::Path(edges) => edges,
        PathFound::Bounded => {
            return Err(Problem::input(format!(
                "no path of up to {} edges was found among the {} edges that may be looked at",
                options.max_length, options.max_edges
            ))
            .hint("raise --max-length or --max-edges, or follow fewer kinds of edges: --kinds calls"));
        }
        PathFound::None => {
            let ends = |from: &EntityDocument, to: &EntityDocument| {
                format!("from {} to {}", printable(&from.name), printable(&to.name))
            };
            let mut notes = vec![format!("no path leads {}", ends(&from, &to))];
            if let PathFound::Path(_) = shortest_path(store, &to.id(), &from.id(), &options.kinds, bounds)? {
                notes.push(format!("one leads {}", ends(&to, &from)));
            }
            return Ok(Answer {
                text: table(&head, std::iter::empty()),
                json: object(&from, &to, &Value::Null),
                notes,
            });
        }
    };
    let steps = with_far_ends(store, edges, Direction::Out)?;
    let start = [String::new()].into_iter().chain(entity_cells(&from)).chain([String::new(), String::new()]);
    let start = (&from, start.chain([from.id()]).collect());
    let rows = steps.iter().map(|(edge, end)| {
        let cells = [edge.kind.as_str().to_owned()].into_iter().chain(entity_cells(end)).chain(edge_cells(edge));
        (end, cells.chain([end.id()]).collect())
    });
    let text = table(&head, std::iter::once(start).chain(rows));
    let steps: Vec<Value> =
        steps.iter().map(|(edge, end)| json!({ "edge": edge_json(edge), "entity": entity_json(end) })).collect();
    Ok(Answer { text, json: object(&from, &to, &steps.into()), notes: Vec::new() })
}

fn object(from: &EntityDocument, to: &EntityDocument, path: &Value) -> Value {
    json!({ "from": entity_json(from), "to": entity_json(to), "path": path })
}
