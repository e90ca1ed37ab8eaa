//! SCIP indexes joined with the syntax trees of the files that they cover.

mod alone;
pub mod facts;
mod indexing;
mod join;
mod places;
mod plan;
mod run;
mod step;
mod symbols;

pub use alone::SymbolEntity;
pub use join::{Joined, NotJoined, Place, Source, join};

pub use crate::pipeline::Checkpoint;
pub(crate) use step::run_scip;
pub use step::{OpenStore, index_alone};
