//! Offsets, spool and quarantine in SQLite.
//!
//! Two tables are the older daemon's, to the letter, so that it can be used before and after: `file_state` and `spool_queue`. What it
//! has no place for lies in tables of our own in the same file, which it never reads, so that one transaction covers both.
//!
//! | table | holds |
//! | --- | --- |
//! | `gantry_file` | what a file was when it was last read: identity, fingerprints, metadata of its session at the queued offset |
//! | `gantry_range` | ranges that the server has beyond the acknowledged offset |
//! | `gantry_spool` | metadata of the session at the start of a spooled range, and when the range was given up |
//! | `gantry_quarantine` | lines and ranges that the server refused, and those whose source is gone |
//! | `gantry_copy` | sources of which a copy is kept beside the database |
//! | `gantry_book` | schema version, hold, last error, throughput |
//!
//! The rules, kept in every transaction:
//!
//! - reading goes on at max(acked, queued);
//! - acked is queued where no row of the spool is open, else the least start of those; it passes no byte that the server has not
//!   taken, except what is in quarantine;
//! - of [acked, queued) every byte is in a row of the spool or in `gantry_range`. Where an older daemon left it otherwise,
//!   [`Database::recover_gaps`] makes it so before anything else is written.

mod books;
mod copies;
mod database;
mod error;
mod files;
mod forget;
pub(crate) mod legacy;
mod lock;
mod quarantine;
mod ranges;
mod reading;
mod recovery;
mod settle;
mod spool;
mod values;

pub(crate) use books::{Books, Sent};
pub(crate) use database::Database;
pub(crate) use files::{FileRow, Memory};
pub(crate) use lock::Lock;
pub(crate) use reading::Reading;
pub(crate) use settle::{Fate, Origin, Part, Settled};

/// Most rows that may wait in the spool. Rows that were given up do not count.
pub(crate) const MOST_PENDING: u64 = 10_000;
