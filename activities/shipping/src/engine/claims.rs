//! One call to a file at a time.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Paths that some call is at work on.
#[derive(Debug, Default)]
pub(super) struct Claims(Mutex<HashSet<String>>);

impl Claims {
    /// Claims a path, unless somebody has it.
    pub(super) fn take(&self, path: &str) -> Option<Claim<'_>> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.insert(path.to_owned()).then(|| Claim { claims: self, path: path.to_owned() })
    }

    /// Whether nobody is at work on anything.
    pub(super) fn are_free(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// A path that is ours until this goes.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    claims: &'a Claims,
    path: String,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.claims.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.path);
    }
}
