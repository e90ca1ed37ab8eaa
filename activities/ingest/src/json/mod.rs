//! Text of any bytes to the JSON that a JavaScript server would store: nothing recursive, so any nesting up to
//! [`MAX_DEPTH`] is safe, and the last of a repeated key wins.

mod canonical;
mod number;
mod ordered;
mod scan;
mod text;

pub use canonical::canonical;
pub use number::write_number;
pub use scan::{Raw, Scanner, Text};
pub use text::write_text;

/// How deep arrays and objects may stand in each other.
pub const MAX_DEPTH: usize = 1000;

/// The text is no JSON, or is nested too deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no JSON at byte {at}")]
pub struct Malformed {
    /// Bytes before it.
    pub at: usize,
}
