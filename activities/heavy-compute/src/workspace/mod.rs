//! Workspaces: folders with sources, local ones and checkouts of remote repositories.

mod cache;
mod checkout;
mod collection;
mod git;
mod git_message;
mod ignored;
mod layout;
mod lfs;
mod lock;
mod manifest;
mod packages;
pub(crate) mod removal;
mod scan;
pub(crate) mod small_file;
mod source;

pub use checkout::{Checkout, Wanted, check_out};
pub use collection::{Collected, collect};
pub use layout::home;
pub use lock::{Guard, checkout_in, in_use};
pub use packages::package_roots;
pub use scan::{Scan, scan};
pub use source::{Reference, Source};
