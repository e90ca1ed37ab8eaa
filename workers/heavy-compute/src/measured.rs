//! What every answer says of its making.

use std::time::Instant;

use contracts::shared::Warning;
use serde::Serialize;

/// Time and memory of a command.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Measured {
    /// Most resident memory, in MiB.
    peak_memory_mb: u64,
    /// Wall time in milliseconds.
    duration_ms: u64,
}

impl Measured {
    pub(crate) fn since(begin: Instant, peak_rss_bytes: u64) -> Self {
        let duration_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        Self { peak_memory_mb: peak_rss_bytes.div_ceil(1024 * 1024), duration_ms }
    }
}

/// Warnings as the older commands told them.
pub(crate) fn texts(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(|Warning { code, message, count }| format!("{code} ({count}x): {message}")).collect()
}
