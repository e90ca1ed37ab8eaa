//! How deep a value stands, and in what.

/// Which of the values around are objects; a bit each, so that a line of nothing but brackets costs an eighth of its length.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    /// The innermost 64 are the low bits here.
    near: u64,
    far: Vec<u64>,
    depth: usize,
}

impl Nesting {
    pub(super) fn push(&mut self, object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.far.push(self.near);
        }
        self.near = (self.near << 1) | u64::from(object);
        self.depth += 1;
    }

    pub(super) fn top(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.near & 1 == 1)
    }

    pub(super) fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.near = self.far.pop().unwrap_or_default();
        } else {
            self.near >>= 1;
        }
    }
}
