//! Workspaces: folders with sources, local ones and checkouts of remote repositories.

mod checkout;
mod git;
mod manifest;
mod scan;
mod source;

pub use checkout::{Checkout, check_out};
pub use manifest::{installed_indexers, package_roots};
pub use scan::{Scan, scan};
pub use source::{Reference, Source};
