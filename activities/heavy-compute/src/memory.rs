//! How much memory the work may take.

use contracts::errors::ErrorType;
use kit::{Failure, resident_bytes};

/// The limit of `GANTRY_MAX_MEMORY_MB`. What is measured is the whole process, whose activities share it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MemoryBudget {
    limit: Option<u64>,
}

impl MemoryBudget {
    /// A limit in bytes; none for no limit.
    pub fn new(limit: Option<u64>) -> Self {
        Self { limit }
    }

    /// Whether four fifths are taken: what can be read again is let go from now on.
    pub fn is_short(self) -> bool {
        self.limit.is_some_and(|limit| resident_bytes() > limit / 5 * 4)
    }

    /// Fails when the limit is reached.
    ///
    /// # Errors
    /// [`ErrorType::MemoryPressure`], which is tried again: what was written until then need not be done again.
    pub fn check(self, what: &str) -> Result<(), Failure> {
        let taken = resident_bytes();
        match self.limit {
            Some(limit) if taken > limit => Err(Failure::new(
                ErrorType::MemoryPressure,
                format!("the worker holds {} MB, and its limit is {} MB", taken / 1_000_000, limit / 1_000_000),
                what,
                "raise GANTRY_MAX_MEMORY_MB, or let the worker do less at once with GANTRY_SLOTS",
            )),
            _ => Ok(()),
        }
    }
}
