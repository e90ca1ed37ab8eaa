//! Crises, the L-cluster, the great khan, and becoming a crisis oneself.

mod crisis;
mod great_khan;
mod lgate;
mod menace;
#[cfg(test)]
mod tests;

use crate::{fact::Object, model::Model};

/// Crises, the L-cluster, the great khan, and becoming a crisis oneself.
pub fn endgame(model: &Model<'_>) -> Object {
    let mut out = Object::new();
    out.put("crisis", crisis::crisis(model));
    out.put("lgate", lgate::lgate(model));
    out.put("menace", menace::menace(model));
    out.put("great_khan", great_khan::great_khan(model));
    out
}

/// How a flag is shown in an explanation.
fn found(set: bool) -> &'static str {
    if set { "there" } else { "not there" }
}
