//! Saves of Paradox games: opened once, asked often.
//!
//! [`Save::open`] unpacks a save, checks it against [`Limits`] and notes where its sections stand; nothing is parsed until it
//! is asked for. A question is an [`Operation`] with one answer, [`Save::iter_section`] for a section entry by entry, a
//! [`Query`] for a path through any section, or the views ([`Save::section`], [`SectionView::entries`], [`EntryView::parse`])
//! for whoever wants values instead of JSON.
//!
//! Damage stays where it is: a brace or a quote that is missing spoils its own section, whose questions fail with line and
//! column ([`Save::damages`] lists all), and the other sections are answered for.
//!
//! # Text
//! A container `{ ... }` has fields (`key=value`, any operator) and items; a key may stand in it any number of times. A word
//! directly before a container that is a value is its header: `rgb { 1 2 3 }`. Comments run from `#` to the end of the line.
//! What `key=` is followed by nothing has no value. Bytes are UTF-8, or windows-1252 in each string that is no UTF-8. Space in
//! a string is kept.
//!
//! # Schema version 1
//! The shape that existing clients rely on, in the order of the file:
//!
//! | text | JSON |
//! |---|---|
//! | any scalar, quoted or not | string |
//! | `{}` | `[]` |
//! | `{ 1 2 }` | `["1","2"]` |
//! | `{ k=1 k=2 }` | `{"k":"2"}`, where the last one stands |
//! | `{ {} {} }` | `[]` |
//! | `{ k=1 2 3 }`, and the items first | `{"k":"1","remainder":["2","3"]}` |
//! | `rgb { 1 2 3 }` | `["1","2","3"]` |
//! | `a>5`, `a!=5` | `{"a":"5"}` |
//! | `a?=5` | `{"a?":"5"}` |
//! | `a=` without a value | `{"a":""}` |
//! | `[[x] k=1 ]` | `{"x":{"k":"1"}}` |
//! | a backslash in a string | left out |
//!
//! # Schema version 2
//! Nothing is lost but the order between different keys of one container, which [`print()`] keeps:
//!
//! | text | JSON |
//! |---|---|
//! | a scalar | string; with [`Scalars::Typed`] numbers and booleans, with [`Scalars::Tagged`] also `{"$quoted":"..."}` |
//! | `{}` | `{}`: an empty object or an empty list, the text does not say |
//! | `{ 1 {} }` | `["1",{}]` |
//! | `{ k=1 j=2 k=3 }` | `{"k":["1","3"],"j":"2","$repeated":["k"]}`: the arrays of these keys are several fields |
//! | `{ k=1 2 }` | `{"$mixed":[["k","1"],["2"]]}` in the order of the file: a field has two parts, an item one |
//! | `rgb { 1 2 3 }` | `{"$header":"rgb","$value":["1","2","3"]}` |
//! | `a>5` | `{"a":{"$operator":">","$value":"5"}}` |
//! | `a=` without a value | `{"a":null}` |
//! | `[[x] k=1 ]` | `{"$block:x":{"k":"1"}}` |
//! | a key that begins with `$` | gets another `$` before it |
//! | `\"` and `\\` in a string | resolved; other backslashes stay |

#[cfg(feature = "activities")]
mod activities;
mod answered;
mod archive;
mod blocks;
mod buffers;
#[cfg(feature = "activities")]
pub mod cache;
mod counts;
mod document;
mod entries;
mod error;
mod file;
pub mod folder;
mod index;
mod inspection;
mod json;
mod keys;
mod lexer;
mod limits;
mod members;
mod operation;
pub mod path;
mod print;
pub mod protocol;
mod raw;
pub mod sample;
mod save;
#[cfg(feature = "activities")]
pub mod steps;
mod stream;
mod tape;
mod text;
mod tokens;

pub use buffers::BufferPool;
pub use error::{Position, SaveError, SaveErrorKind};
pub use index::{Damage, Section};
pub use inspection::{Inspection, SectionSize};
pub use json::{Scalars, Schema};
pub use lexer::Operator;
pub use limits::Limits;
pub use operation::{GAME, Operation, TOOL_VERSION, Text};
pub use path::{Flow, Query, QueryLimits};
pub use print::print;
pub use raw::{Raw, RawBlock, RawField};
pub use save::{EntryView, Save, SectionView, no_section};
pub use stream::EntryStream;
pub use tape::{Member, Members, Scalar, Tape, Tree, Value};

#[cfg(feature = "activities")]
pub use activities::{SaveParsing, register};
