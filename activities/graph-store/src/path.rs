//! The shortest way from one entity to another.

use std::collections::{BTreeSet, HashMap};

use crate::{
    document::{EdgeDocument, EdgeKind},
    error::StoreResult,
    query::Direction,
    store::GraphStore,
};

/// Entities whose edges are asked for in one call: few calls, and few documents at a time.
const BATCH: usize = 256;

/// How far [`shortest_path`] looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Edges that the path may have.
    pub length: usize,
    /// Edges that may be looked at, and so the entities that may be visited.
    pub edges: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { length: 64, edges: 200_000 }
    }
}

/// What [`shortest_path`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum PathFound {
    /// The edges of the path, the first one first; none when both ends are the same entity.
    Path(Vec<EdgeDocument>),
    /// There is no path.
    None,
    /// The bounds were reached first; there may be a longer path, or none.
    Bounded,
}

/// A shortest path along the edges of these kinds (of every kind, if there are none), in their direction. Of several
/// shortest ones, the same for the same graph, whichever store holds it.
///
/// Searches from both ends at once, level by level, each time from the end where fewer entities wait.
///
/// # Errors
/// When the store fails.
pub fn shortest_path(
    store: &mut dyn GraphStore,
    from: &str,
    to: &str,
    kinds: &[EdgeKind],
    bounds: Bounds,
) -> StoreResult<PathFound> {
    if from == to {
        return Ok(PathFound::Path(Vec::new()));
    }
    let mut ahead = Side::new(Direction::Out, from);
    let mut back = Side::new(Direction::In, to);
    let mut edges_left = bounds.edges;
    for _ in 0..bounds.length {
        let (side, other) =
            if ahead.frontier.len() <= back.frontier.len() { (&mut ahead, &back) } else { (&mut back, &ahead) };
        let Some(meeting) = side.advance(store, other, kinds, &mut edges_left)? else { return Ok(PathFound::Bounded) };
        if let Some(meeting) = meeting {
            let mut path = ahead.way(&meeting);
            path.reverse();
            path.extend(back.way(&meeting));
            return Ok(PathFound::Path(path));
        }
        if side.frontier.is_empty() {
            return Ok(PathFound::None);
        }
    }
    Ok(PathFound::Bounded)
}

/// The search from one end.
struct Side {
    direction: Direction,
    /// The entities that were visited, with the edge over which each was reached; the end itself with none.
    reached: HashMap<String, Option<EdgeDocument>>,
    /// Those of the last level, ordered.
    frontier: BTreeSet<String>,
}

impl Side {
    fn new(direction: Direction, end: &str) -> Self {
        Self { direction, reached: HashMap::from([(end.to_owned(), None)]), frontier: BTreeSet::from([end.to_owned()]) }
    }

    /// Visits the next level. Answers none when that takes more edges than are left, else where the other side was met, if
    /// it was. All meetings of one level give paths of one length, since the other side was not met before.
    fn advance(
        &mut self,
        store: &mut dyn GraphStore,
        other: &Self,
        kinds: &[EdgeKind],
        edges_left: &mut usize,
    ) -> StoreResult<Option<Option<String>>> {
        let level: Vec<String> = std::mem::take(&mut self.frontier).into_iter().collect();
        for batch in level.chunks(BATCH) {
            let ids: Vec<&str> = batch.iter().map(String::as_str).collect();
            let edges = store.neighbours(&ids, self.direction, kinds, edges_left.saturating_add(1))?;
            let Some(left) = edges_left.checked_sub(edges.len()) else { return Ok(None) };
            *edges_left = left;
            for edge in edges {
                let next = self.far_end(&edge).to_owned();
                if let std::collections::hash_map::Entry::Vacant(new) = self.reached.entry(next.clone()) {
                    new.insert(Some(edge));
                    self.frontier.insert(next);
                }
            }
        }
        Ok(Some(self.frontier.iter().find(|id| other.reached.contains_key(*id)).cloned()))
    }

    fn far_end<'e>(&self, edge: &'e EdgeDocument) -> &'e str {
        match self.direction {
            Direction::Out => &edge.to,
            Direction::In => &edge.from,
        }
    }

    fn near_end<'e>(&self, edge: &'e EdgeDocument) -> &'e str {
        match self.direction {
            Direction::Out => &edge.from,
            Direction::In => &edge.to,
        }
    }

    /// The edges from an entity that was reached to this side's end.
    fn way(&self, id: &str) -> Vec<EdgeDocument> {
        let mut way = Vec::new();
        let mut at = id;
        while let Some(Some(edge)) = self.reached.get(at) {
            way.push(edge.clone());
            at = self.near_end(edge);
        }
        way
    }
}
