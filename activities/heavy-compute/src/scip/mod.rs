//! SCIP indexes joined with the syntax trees of the files that they cover.

use serde::{Deserialize, Serialize};

/// Where an attempt has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkpoint {
    /// Documents whose files are stored.
    done: usize,
}
