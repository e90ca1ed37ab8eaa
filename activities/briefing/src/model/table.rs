//! Entries of a section by their ids.

/// Rows in the order of their ids, whatever the order in the file is; of several with one id the last.
#[derive(Debug, Clone)]
pub struct Table<T> {
    rows: Vec<(u32, T)>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: Vec::new() }
    }
}

impl<T> Table<T> {
    /// A table of rows in any order.
    pub fn new(mut rows: Vec<(u32, T)>) -> Self {
        // Stable, so that the last of several with one id stays the last.
        rows.sort_by_key(|(id, _)| *id);
        rows.reverse();
        rows.dedup_by_key(|(id, _)| *id);
        rows.reverse();
        Self { rows }
    }

    /// The row with this id.
    pub fn get(&self, id: u32) -> Option<&T> {
        let at = self.rows.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.rows.get(at).map(|(_, row)| row)
    }

    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        let at = self.rows.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.rows.get_mut(at).map(|(_, row)| row)
    }

    /// All rows with their ids, the lowest id first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, &T)> {
        self.rows.iter().map(|(id, row)| (*id, row))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut T)> {
        self.rows.iter_mut().map(|(id, row)| (*id, row))
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
