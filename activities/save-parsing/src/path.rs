//! Paths through a save: which values of which sections.
//!
//! ```text
//! path      = step { "." step | "[" select "]" }
//! step      = name | "quoted name" | "*" | "{" path { "," path } "}"      (the last one only)
//! select    = "*" | name | "quoted name" | field operator value | field
//! field     = "@key" | name { "." name }
//! operator  = "=" "==" "!=" "<" "<=" ">" ">=" "~"
//! ```
//!
//! - `name` goes to every field with that key: a key that stands five times gives five values. The first name is a section;
//!   its duplicates are all gone through. `*` goes to every member.
//! - `[*]` goes to the members of a container, and leaves a scalar as it is: `ethic[*]` gives the ethics whether they are five
//!   fields or one list. `[7]` is the fields with the key `7` of a container with fields, else the item number 7, from zero.
//! - `[military_power>1000]` keeps a value one of whose fields says so: by number where both are numbers, by date where both
//!   are dates, else (`=`, `!=` alone) by text; `~` asks whether the text holds the other. `[name]` keeps what has the field.
//!   `[@key=7]` asks for the key that the value was reached by. A bare number is always the key or item `[7]`, never a field.
//!   `!=` keeps a value none of whose fields has the text, so also one without the field.
//! - `{name,ships}` makes an object of what each of the paths finds, those that find nothing left out; the paths of an object
//!   are names alone.
//!
//! Names need quotes if they hold anything but letters, digits, `_`, `-`, `:`, `@` and bytes above ASCII.

mod eval;
mod parse;

use crate::{Save, SaveError, Schema, Value};

/// A path, parsed; the module's page describes its language.
#[derive(Debug, Clone)]
pub struct Query {
    steps: Vec<Step>,
}

/// Bounds of one query.
#[derive(Debug, Clone)]
pub struct QueryLimits {
    /// Results after which it ends.
    pub results: u64,
    /// Bytes of results after which it ends.
    pub bytes: u64,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self { results: u64::MAX, bytes: u64::MAX }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Name(String),
    Any,
    /// `[*]`
    Each,
    /// `[7]` or `["key"]`
    At(String),
    Filter(Filter),
    Fields(Vec<Vec<String>>),
}

#[derive(Debug, Clone, PartialEq)]
struct Filter {
    field: Field,
    /// None asks whether the field is there.
    test: Option<(Test, String)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Field {
    Key,
    Path(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Holds,
}

/// Whether a query goes on.
pub type Flow = std::ops::ControlFlow<()>;

impl Query {
    /// Parses a path.
    ///
    /// # Errors
    /// `InvalidInput` with the column.
    pub fn parse(path: &str) -> Result<Self, SaveError> {
        parse::query(path)
    }

    /// Goes through the save and hands each result to `visit` as it is found: where it stands, such as `country.7.name`, and
    /// its value as JSON. Ends early when `visit` breaks. One entry is in memory at a time.
    ///
    /// # Errors
    /// That of a damaged section, `SectionNotFound` for a first name that the save does not have, `LimitExceeded` once
    /// `limits` are passed; the results until then were handed out.
    pub fn run(
        &self,
        save: &Save,
        schema: Schema,
        limits: &QueryLimits,
        visit: &mut dyn FnMut(&str, &[u8]) -> Flow,
    ) -> Result<(), SaveError> {
        eval::run(&self.steps, save, schema, limits, visit)
    }

    /// Goes through one value, as [`Query::run`] does through a save: the first name is a field of it.
    pub fn matches<'t>(&self, value: Value<'t>, visit: &mut dyn FnMut(&str, Value<'t>) -> Flow) {
        let _ = eval::walk(&self.steps, value, String::new(), &mut |path, value, _| visit(path, value));
    }
}
