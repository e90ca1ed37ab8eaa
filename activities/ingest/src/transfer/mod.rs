//! Files of events in and out: JSONL, plain, gzip or zstd.

mod chunk;
mod export;
mod import;
mod line;
mod progress;
mod source;

pub use export::{ExportOptions, Exported, export};
pub use import::{ImportCheckpoint, ImportOptions, Imported, Reject, import, import_file};
pub use line::import_line;
pub use progress::{Control, TransferError};
#[cfg(feature = "activities")]
pub(crate) use source::unpacked as unpack;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// By the first bytes.
    #[default]
    Auto,
    /// Not at all.
    Plain,
    /// gzip, also of several members.
    Gzip,
    /// zstd, also of several frames.
    Zstd,
}
