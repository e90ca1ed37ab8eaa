//! How much one request may be.

/// Limits of one request; what is over one of them is answered with 413 and the limit's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body as it comes over the wire.
    pub body_bytes: u64,
    /// Bytes of a body once inflated.
    pub inflated_bytes: u64,
    /// How many times its size a body may become, where it becomes more than [`Self::RATIO_FREE_BYTES`].
    pub inflate_ratio: u64,
    /// Events of one body.
    pub events: u64,
}

impl Limits {
    /// Below it any ratio is honest work: long runs of one character are common in outputs of tools.
    pub const RATIO_FREE_BYTES: u64 = 16 << 20;
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 32 << 20, inflated_bytes: 128 << 20, inflate_ratio: 200, events: 200_000 }
    }
}
