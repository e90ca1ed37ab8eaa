//! Search attributes that Gantry's workflows set. A namespace must know them before a workflow can start.

/// Which system a run belongs to, for example `heavy-compute`. Keyword.
pub const SYSTEM: &str = "GantrySystem";
/// The repository a run is about. Keyword.
pub const REPO: &str = "GantryRepo";
/// Which implementation a run was routed to. Keyword.
pub const ROUTE: &str = "GantryRoute";
/// How many bytes a run worked on. Int.
pub const BYTES: &str = "GantryBytes";

/// A search attribute's type, as Temporal spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// An exact text.
    Keyword,
    /// A 64-bit integer.
    Int,
}

impl ValueType {
    /// The spelling of the Temporal command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keyword => "Keyword",
            Self::Int => "Int",
        }
    }
}

/// All of them with their types.
pub const ALL: &[(&str, ValueType)] =
    &[(SYSTEM, ValueType::Keyword), (REPO, ValueType::Keyword), (ROUTE, ValueType::Keyword), (BYTES, ValueType::Int)];
