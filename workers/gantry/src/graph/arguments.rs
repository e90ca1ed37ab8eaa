//! What can be typed after `gantry graph`.

use std::path::PathBuf;

use clap::{
    Args, Subcommand, ValueEnum,
    builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser},
};
use contracts::heavy_compute::DEFAULT_ORG;
use graph_store::{EdgeKind, EntityKind, Repository};

#[derive(Debug, Subcommand)]
pub(crate) enum GraphCommand {
    /// Find entities by name
    Find(FindOptions),
    /// What calls a function or a class
    Callers(EdgeOptions),
    /// What a function, a class or a file calls
    Callees(EdgeOptions),
    /// What refers to an entity, and whether it reads it, writes it or names it as a type
    References(EdgeOptions),
    /// A shortest path from one entity to another, along edges in their direction
    Path(PathOptions),
    /// Remove a repository from the graph
    Drop(DropOptions),
    /// Count files, entities and edges
    Stats {
        #[command(flatten)]
        repository: RepositoryFilter,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write the graph as NDJSON or GraphML, sorted: the same bytes for the same sources
    Export(ExportOptions),
    /// Copy the embedded graph into a file, also while it is written
    Backup(BackupOptions),
    /// Put a backup in the place of the embedded graph, while nobody uses it
    Restore(RestoreOptions),
}

#[derive(Debug, Args)]
pub(crate) struct BackupOptions {
    /// The file to write; one that is there is replaced when the copy is complete
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreOptions {
    /// The backup
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct FindOptions {
    /// The name; capitals matter
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) name: String,
    /// Also names that only begin with it; capitals do not matter then
    #[arg(long)]
    pub(crate) prefix: bool,
    /// Only entities of this kind
    #[arg(long, value_parser = entity_kinds())]
    pub(crate) kind: Option<EntityKind>,
    #[command(flatten)]
    pub(crate) repository: RepositoryFilter,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct EdgeOptions {
    /// A key, `collection/key`, the path of a file, or a name that only one entity has
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) repository: RepositoryFilter,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct Shown {
    /// Show at most so many
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PathOptions {
    /// Where it starts: a key, `collection/key`, the path of a file, or a name that only one entity has
    #[arg(value_name = "A", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) from: String,
    /// Where it ends
    #[arg(value_name = "B", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) to: String,
    /// Only along edges of these kinds, with commas between them [default: all]
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = edge_kinds())]
    pub(crate) kinds: Vec<EdgeKind>,
    /// Edges that the path may have
    #[arg(long, value_name = "N", default_value = "64")]
    pub(crate) max_length: u32,
    /// Edges that may be looked at
    #[arg(long, value_name = "N", default_value = "200000")]
    pub(crate) max_edges: u32,
    #[command(flatten)]
    pub(crate) repository: RepositoryFilter,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DropOptions {
    /// The repository
    #[arg(value_name = "REPO")]
    pub(crate) repo_id: String,
    /// Whose repository it is
    #[arg(long, value_name = "ID", default_value = DEFAULT_ORG)]
    pub(crate) org_id: String,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// NDJSON: a document a line. GraphML: XML for graph tools
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) repository: RepositoryFilter,
    /// Write to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Ndjson,
    #[value(name = "graphml")]
    GraphMl,
}

#[derive(Debug, Args)]
pub(crate) struct RepositoryFilter {
    /// Only this repository [default: all]
    #[arg(long, alias = "repo", value_name = "ID")]
    pub(crate) repo_id: Option<String>,
    /// Whose repository it is
    #[arg(long, value_name = "ID", default_value = DEFAULT_ORG, requires = "repo_id")]
    pub(crate) org_id: String,
}

impl RepositoryFilter {
    pub(crate) fn repository(&self) -> Option<Repository> {
        self.repo_id.clone().map(|repo_id| Repository { org_id: self.org_id.clone(), repo_id })
    }
}

fn entity_kinds() -> impl TypedValueParser<Value = EntityKind> {
    PossibleValuesParser::new(EntityKind::ALL.iter().map(|kind| kind.as_str()))
        .try_map(|name| EntityKind::from_name(&name).ok_or("no such kind"))
}

fn edge_kinds() -> impl TypedValueParser<Value = EdgeKind> {
    PossibleValuesParser::new(EdgeKind::ALL.iter().map(|kind| kind.as_str()))
        .try_map(|name| EdgeKind::from_name(&name).ok_or("no such kind"))
}
