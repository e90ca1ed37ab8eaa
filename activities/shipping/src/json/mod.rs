//! JSON read where it stands: values are found and checked, and handed out as the text that they are written in.
//!
//! What is sent is mostly what was read, so string literals pass through undecoded, and nothing is built that is not sent. No
//! call here is recursive, whatever the depth of what it reads; members may come twice (the last one counts, as for most readers),
//! in any order, and with escapes in their names.

mod check;
mod literal;
mod nesting;
mod scan;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use literal::{decode, decode_mapped, is_blank, is_string};
pub(crate) use scan::{Invalid, Kind, Scanner};
pub(crate) use write::{push_escaped, push_inner, push_json};
