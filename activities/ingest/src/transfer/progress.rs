//! How a transfer is watched, stopped and how it fails.

use crate::store::StoreError;

/// What a callback says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// Stop at the checkpoint just reported.
    Stop,
}

/// Why a transfer did not end.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The file could not be read or written.
    #[error("the file failed at byte {offset} of its unpacked text: {error}")]
    File {
        /// Bytes of unpacked text before it.
        offset: u64,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file is not the one that the checkpoint was made of.
    #[error("the file has changed since the checkpoint was made; start again without it")]
    Changed,
    /// The store did not take or give the rows.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The callback said so. What was reported last is done.
    #[error("stopped")]
    Stopped,
}
