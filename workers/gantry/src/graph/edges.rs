//! What is at the other end of an entity's edges.

use std::collections::HashMap;

use graph_store::{Direction, EdgeDocument, EdgeKind, EntityDocument, GraphStore, StoreResult};
use serde_json::json;

use super::{
    answer::{Answer, EDGE, ENTITY, cut, edge_cells, edge_json, entity_cells, entity_json, printable, table, word},
    arguments::EdgeOptions,
    entity::meant,
    known,
};
use crate::problem::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Callers,
    Callees,
    References,
}

impl Question {
    fn edges(self) -> (Direction, EdgeKind) {
        match self {
            Self::Callers => (Direction::In, EdgeKind::Calls),
            Self::Callees => (Direction::Out, EdgeKind::Calls),
            Self::References => (Direction::In, EdgeKind::References),
        }
    }

    /// The field of the answer.
    fn field(self) -> &'static str {
        match self {
            Self::Callers => "callers",
            Self::Callees => "callees",
            Self::References => "references",
        }
    }

    fn nothing(self, name: &str) -> String {
        match self {
            Self::Callers => format!("nothing in the graph calls {name}"),
            Self::Callees => format!("{name} calls nothing that the graph knows"),
            Self::References => format!("nothing in the graph refers to {name}"),
        }
    }
}

pub(super) fn ask(store: &mut dyn GraphStore, question: Question, options: &EdgeOptions) -> Result<Answer, Problem> {
    let all = store.repositories()?;
    let repository = known(options.repository.repository(), &all)?;
    let entity = meant(store, &options.key, repository.as_ref(), &all)?;
    let limit = usize::try_from(options.shown.limit).unwrap_or(usize::MAX);
    let (direction, kind) = question.edges();
    let mut edges = store.neighbours(&[&entity.id()], direction, &[kind], limit.saturating_add(1))?;
    let more = edges.len() > limit;
    edges.truncate(limit);
    let mut pairs = with_far_ends(store, edges, direction)?;
    pairs.sort_by(|(_, a), (_, b)| place(a).cmp(&place(b)));

    let mut notes = Vec::new();
    if more {
        notes.push(cut(limit));
    }
    if pairs.is_empty() {
        notes.push(question.nothing(&printable(&entity.name)));
    }
    let with_access = question == Question::References;
    let access: &[&str] = if with_access { &["access"] } else { &[] };
    let head = [&ENTITY[..], access, &EDGE, &["key"]].concat();
    let rows = pairs.iter().map(|(edge, end)| {
        let mut cells = entity_cells(end);
        if with_access {
            cells.push(edge.access.iter().map(word).collect::<Vec<_>>().join(","));
        }
        cells.extend(edge_cells(edge));
        cells.push(end.id());
        (end, cells)
    });
    let text = table(&head, rows);
    let found: Vec<_> =
        pairs.iter().map(|(edge, end)| json!({ "edge": edge_json(edge), "entity": entity_json(end) })).collect();
    Ok(Answer { text, json: json!({ "entity": entity_json(&entity), question.field(): found, "more": more }), notes })
}

/// Each edge with the entity that it leads to. One that has just been removed is left out.
pub(super) fn with_far_ends(
    store: &mut dyn GraphStore,
    edges: Vec<EdgeDocument>,
    direction: Direction,
) -> StoreResult<Vec<(EdgeDocument, EntityDocument)>> {
    let far = |edge: &EdgeDocument| match direction {
        Direction::Out => edge.to.clone(),
        Direction::In => edge.from.clone(),
    };
    let ids: Vec<String> = edges.iter().map(far).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let ends: HashMap<String, EntityDocument> = store.entities(&ids)?.into_iter().map(|e| (e.id(), e)).collect();
    Ok(edges
        .into_iter()
        .filter_map(|edge| {
            let end = ends.get(&far(&edge))?.clone();
            Some((edge, end))
        })
        .collect())
}

/// What people read first comes first.
fn place(entity: &EntityDocument) -> (&str, &str, Option<u32>, &str) {
    (&entity.repo_id, &entity.file_path, entity.start_line, &entity.key)
}
