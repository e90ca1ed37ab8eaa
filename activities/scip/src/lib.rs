//! The SCIP index format, and nothing else: no syntax trees, no graph, no worker.
//!
//! - [`reader`] walks an index of any size with flat memory and goes on from a byte offset.
//! - [`document`] looks at one document without copying it; [`proto`] has the same document as owned messages.
//! - [`symbol`] reads and writes symbol strings.
//! - [`position`] turns a line and a character into a byte offset of the source text.
//! - [`path`] tells which document paths may be opened.
//! - [`lint`] lists what is wrong with an index.
//!
//! Everything here is read from a foreign file: nothing panics, recurses or allocates by what such a file claims.
//! Two sources are named throughout: the *SCIP wire format* (`proto/scip.proto` of this repository) and the
//! *protobuf encoding* (the public description of tags, varints and lengths).

pub mod document;
pub mod error;
pub mod lint;
pub mod path;
pub mod position;
pub mod proto;
pub mod range;
pub mod reader;
pub mod symbol;
pub mod wire;

pub use document::{DocumentView, Occurrence, Relationship, Roles, SymbolInformation, Text};
pub use error::{Damage, PartKind, ReadError};
pub use range::{Position, Range, RangeError, RawRange};
pub use reader::{Block, IndexReader, Limits, Part};
pub use symbol::Symbol;
