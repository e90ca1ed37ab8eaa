//! SCIP indexers: which are there, on what they work, and how they run as children that are trusted with nothing.
//!
//! [`Indexers::of_host`] knows what is installed, [`Indexers::plan`] says what works on which package of a workspace. For
//! each of these, [`Indexers::version`] and [`fingerprint`] say what its index depends on, and [`Indexers::run`] gives the
//! index: the one that is kept if nothing changed, else a new one. What goes wrong with an indexer is a [`Shortfall`], and
//! it is the caller's choice whether that is a warning or a failure.

mod child;
mod fingerprint;
mod kept;
mod limits;
mod outcome;
mod plan;
mod processes;
mod project_name;
mod run;
mod table;

pub use fingerprint::{Fingerprint, fingerprint};
pub use kept::{collect, discard, folder_of};
pub use limits::Limits;
pub use outcome::{Index, Ran, Shortfall};
pub use plan::{Indexers, Plan, Planned};
pub use table::{INDEXERS, Indexer};
