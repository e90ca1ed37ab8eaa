//! Keys: hashes that are the same wherever and whenever they are computed.

use sha2::{Digest, Sha256};

/// Key of an entity: the first 16 lower-case hexadecimal digits of SHA-256 over the five fields, UTF-8, with a NUL between
/// them. No signature and an empty one give the same key. Nothing is normalised: not Unicode, not paths, not case.
pub fn entity_hash(repo_id: &str, file_path: &str, kind: &str, name: &str, signature: &str) -> String {
    hash(&[repo_id, file_path, kind, name, signature])
}

/// Key of an edge: like [`entity_hash`], over the two qualified ids (`collection/key`) and the kind.
pub fn edge_hash(from: &str, to: &str, kind: &str) -> String {
    hash(&[from, to, kind])
}

pub(crate) fn hash(fields: &[&str]) -> String {
    let mut sha = Sha256::new();
    for (n, field) in fields.iter().enumerate() {
        if n > 0 {
            sha.update([0]);
        }
        sha.update(field.as_bytes());
    }
    let digest = sha.finalize();
    hex::encode(digest.get(..8).unwrap_or(&digest))
}
