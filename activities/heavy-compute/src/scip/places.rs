//! Places of a document as numbers that can be compared, and what encloses them.

use scip_index::{
    Range,
    position::{Convention, LineTable},
};

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How places are numbered: by byte where the source is there, else by line and character.
pub(super) enum Places<'t> {
    Text { table: LineTable<'t>, mark: u64 },
    Lines,
}

impl<'t> Places<'t> {
    /// The compilers behind the indexers do not count a byte order mark.
    pub(super) fn of_text(text: &'t str, convention: Convention) -> Self {
        let plain = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let mark = u64::try_from(text.len() - plain.len()).unwrap_or_default();
        Self::Text { table: LineTable::new(plain, convention), mark }
    }

    /// Where a range begins and ends; none if the text has no such place.
    pub(super) fn span(&self, range: Range) -> Option<(u64, u64)> {
        match self {
            Self::Text { table, mark } => {
                let span = table.span(range)?;
                let place = |at: usize| u64::try_from(at).ok().map(|at| at + mark);
                Some((place(span.start)?, place(span.end)?))
            }
            Self::Lines => {
                let place = |at: scip_index::Position| u64::from(at.line) << 32 | u64::from(at.character);
                Some((place(range.start), place(range.end)))
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Extent {
    start: u64,
    end: u64,
    entity: u32,
    /// The extent around it, by position; its own where there is none.
    around: usize,
}

/// The extents of entities.
#[derive(Debug, Default)]
pub(super) struct Extents {
    list: Vec<Extent>,
}

impl Extents {
    /// From (start, end, entity) in any order.
    pub(super) fn new(extents: impl Iterator<Item = (u64, u64, u32)>) -> Self {
        let mut list: Vec<Extent> =
            extents.map(|(start, end, entity)| Extent { start, end, entity, around: 0 }).collect();
        list.sort_unstable_by_key(|extent| (extent.start, std::cmp::Reverse(extent.end), extent.entity));
        let mut open: Vec<(usize, u64)> = Vec::new();
        for (at, extent) in list.iter_mut().enumerate() {
            while open.pop_if(|(_, end)| *end < extent.end || *end <= extent.start).is_some() {}
            extent.around = open.last().map_or(at, |(around, _)| *around);
            open.push((at, extent.end));
        }
        Self { list }
    }

    /// The innermost entity around a place.
    pub(super) fn innermost(&self, place: u64) -> Option<u32> {
        let mut at = self.list.partition_point(|extent| extent.start <= place).checked_sub(1)?;
        loop {
            let extent = self.list.get(at)?;
            if extent.end > place {
                return Some(extent.entity);
            }
            if extent.around == at {
                return None;
            }
            at = extent.around;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Extents;

    #[test]
    fn the_innermost_extent_around_a_place_is_found() {
        let extents = Extents::new([(0, 100, 0), (10, 50, 1), (12, 20, 2), (60, 70, 3), (10, 50, 4)].into_iter());
        for (place, entity) in [(0, 0), (11, 4), (12, 2), (19, 2), (20, 4), (49, 4), (55, 0), (65, 3), (99, 0)] {
            assert_eq!(extents.innermost(place), Some(entity), "{place}");
        }
        assert_eq!(extents.innermost(100), None);
        assert_eq!(Extents::default().innermost(0), None);
    }
}
