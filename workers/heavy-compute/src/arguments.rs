//! What can be typed, and under which names.

use std::{ffi::OsString, num::NonZeroU32, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use contracts::heavy_compute::{DEFAULT_MAX_AGE_DAYS, DEFAULT_ORG};

/// How the binary is called in the place of an older one, and the subcommand that this means.
const DROP_IN_NAMES: [(&str, &str); 4] = [
    ("kap10-prepare-workspace", "prepare-workspace"),
    ("kap10-scip-parse", "scip-parse"),
    ("kap10-parse-rest", "parse-rest"),
    ("kap10-workspace-gc", "workspace-gc"),
];

/// Runs the activities of the task queue heavy-compute: prepares workspaces, parses sources, writes the code graph.
///
/// Without a command it is the worker, configured by the environment: TEMPORAL_* and temporal.toml for the connection,
/// GANTRY_* for the rest (see the README). SIGTERM drains it.
///
/// The commands do the same work once, without Temporal. stdout is data, stderr has lines `PROGRESS:N text`, N from 0 to
/// 100, and what people read. Exit codes: 0 done, 1 input, 2 parse, 3 store or network, 4 filesystem, 128 and the signal's
/// number when interrupted.
#[derive(Debug, Parser)]
#[command(
    name = "gantry-heavy-compute",
    version,
    propagate_version = true,
    about,
    max_term_width = 100,
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Arguments {
    /// Asks the worker that runs on this host whether it is ready, then ends: 0 when it is, 1 and the reason when it is not
    #[arg(long)]
    pub(crate) check_health: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a folder with the sources ready: a checkout of a remote repository, or a local folder as it is
    PrepareWorkspace(PrepareOptions),
    /// Join SCIP indexes with the sources that they cover, and write what these hold into the code graph; or check indexes
    ScipParse(ScipOptions),
    /// Parse the files of a workspace that no index covers, and write what they hold into the code graph
    ParseRest(ParseOptions),
    /// Remove checkouts that nobody has used for some days
    WorkspaceGc(CollectOptions),
}

/// What is printed on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// All of it
    Json,
    /// One JSON object with the counts
    Summary,
}

#[derive(Debug, Args)]
pub(crate) struct PrepareOptions {
    /// https, http, ssh or file URL of a git repository
    #[arg(long, value_name = "URL", required_unless_present = "path", conflicts_with = "path")]
    pub(crate) repo_url: Option<String>,
    /// A local folder, taken as it is
    #[arg(long, value_name = "FOLDER")]
    pub(crate) path: Option<PathBuf>,
    /// Where the workspace is kept, for example /data/workspaces/ORG/REPO: a folder that is not there, is empty, or was
    /// made by this command; the next call updates it. The files are in FOLDER/checkout, which is the `workspaceDir` of the
    /// answer; beside it are the cache that updates are fetched into, a record and a lock. `parse-rest` takes FOLDER as
    /// well, `workspace-gc` takes the folder one or two levels above [default: named after organisation and repository,
    /// in the folder of workspaces of the worker on this host]
    #[arg(long, value_name = "FOLDER", conflicts_with = "path")]
    pub(crate) workspace_dir: Option<PathBuf>,
    /// Names the repository; with --workspace-dir or --path only a name [default: that of the folder]
    #[arg(long, value_name = "ID", required_unless_present_any = ["workspace_dir", "path"])]
    pub(crate) repo_id: Option<String>,
    /// Whose repository it is
    #[arg(long, value_name = "ID", default_value = DEFAULT_ORG)]
    pub(crate) org_id: String,
    /// Branch to check out [default: the remote's default branch]
    #[arg(long, conflicts_with_all = ["tag", "commit", "path"])]
    pub(crate) branch: Option<String>,
    /// Tag to check out
    #[arg(long, conflicts_with_all = ["commit", "path"])]
    pub(crate) tag: Option<String>,
    /// Commit to check out, 40 hexadecimal digits
    #[arg(long, conflicts_with = "path")]
    pub(crate) commit: Option<String>,
    /// Fetch even if the last fetch of the same state was less than five minutes ago
    #[arg(long)]
    pub(crate) force: bool,
    /// Token for the server: env:NAME or file:PATH. The token itself is taken too, with a warning
    #[arg(long, value_name = "REFERENCE")]
    pub(crate) github_token: Option<String>,
    /// USER:PASSWORD or a token for the server, given like --github-token
    #[arg(long, value_name = "REFERENCE", conflicts_with = "github_token")]
    pub(crate) credential: Option<String>,
    /// What is printed on stdout, one JSON object in either case
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = OutputFormat::Json)]
    pub(crate) output_format: OutputFormat,
}

/// Where documents are written to.
#[derive(Debug, Args)]
pub(crate) struct StoreOptions {
    /// Graph store to write to: sqlite:PATH, arangodb+http(s)://HOST:8529/DATABASE or postgres://USER@HOST:PORT/DATABASE
    /// [default: GANTRY_GRAPH_URL, or graph.db in the state folder]
    #[arg(long, value_name = "URL", conflicts_with_all = ["arango_url", "arango_db", "arango_auth"])]
    pub(crate) graph_url: Option<String>,
    /// ArangoDB server to write to, http://HOST:8529
    #[arg(long, value_name = "URL", requires = "arango_db")]
    pub(crate) arango_url: Option<String>,
    /// Database of the ArangoDB server
    #[arg(long, value_name = "NAME", requires = "arango_url")]
    pub(crate) arango_db: Option<String>,
    /// USER:PASSWORD of the ArangoDB server, plain or in base64, or a JWT: env:NAME or file:PATH. The value itself is taken too, with a warning
    #[arg(long, value_name = "REFERENCE", requires = "arango_url")]
    pub(crate) arango_auth: Option<String>,
    /// How many documents go to a server in one request, as far as that is 1 to 4 MB; the embedded store chooses itself
    #[arg(long, value_name = "N")]
    pub(crate) batch_size: Option<NonZeroU32>,
}

#[derive(Debug, Args)]
pub(crate) struct ScipOptions {
    /// A SCIP index. May be given several times with --workspace-dir or --lint
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) input: Vec<PathBuf>,
    /// The folder with the sources, or the --workspace-dir that was given to prepare-workspace. Without it the index alone
    /// says what is there
    #[arg(long, value_name = "FOLDER")]
    pub(crate) workspace_dir: Option<PathBuf>,
    /// Part of every key in the graph
    #[arg(long, value_name = "ID", required_unless_present = "lint")]
    pub(crate) repo_id: Option<String>,
    /// Whose repository it is
    #[arg(long, value_name = "ID", default_value = DEFAULT_ORG)]
    pub(crate) org_id: String,
    /// Keep the source text of functions, methods and classes in the graph
    #[arg(long, requires = "workspace_dir")]
    pub(crate) include_bodies: bool,
    /// Make entities of fields, properties and enum members too
    #[arg(long, requires = "workspace_dir")]
    pub(crate) include_members: bool,
    /// Give the paths of the covered files in `coveredFiles`, and not how many there are: what `parse-rest --covered-files`
    /// takes
    #[arg(long)]
    pub(crate) list_covered: bool,
    /// Write nothing; tell what is wrong with the indexes, a line for each finding and one for the sum. With
    /// --workspace-dir also documents without a file and ranges that the file does not have. Exit code 0 when there are
    /// notes at most, else 2
    #[arg(long)]
    pub(crate) lint: bool,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
    /// `summary` writes to the graph and prints one object with the counts. `json` writes to no graph, whichever is named,
    /// and prints each document as a line. With --lint: `summary` is text for people, `json` an object for each line
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = OutputFormat::Summary)]
    pub(crate) output_format: OutputFormat,
}

#[derive(Debug, Args)]
pub(crate) struct ParseOptions {
    /// The folder with the sources, or the --workspace-dir that was given to prepare-workspace
    #[arg(long, value_name = "FOLDER")]
    pub(crate) workspace_dir: PathBuf,
    /// Part of every key in the graph
    #[arg(long, value_name = "ID")]
    pub(crate) repo_id: String,
    /// Whose repository it is
    #[arg(long, value_name = "ID", default_value = DEFAULT_ORG)]
    pub(crate) org_id: String,
    /// Paths that an index covers: a JSON array, a file that holds one, or - for stdin. What `scip-parse` has made of them
    /// stays; one that it has made nothing of gets a file entity alone
    #[arg(long, value_name = "JSON|FILE|-")]
    pub(crate) covered_files: Option<String>,
    /// Keep the source text of functions, methods and classes in the graph
    #[arg(long)]
    pub(crate) include_bodies: bool,
    /// Make entities of fields, properties and enum members too
    #[arg(long)]
    pub(crate) include_members: bool,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
    /// `summary` writes to the graph and prints one object with the counts. `json` writes to no graph, whichever is named,
    /// and prints each document as a line
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = OutputFormat::Summary)]
    pub(crate) output_format: OutputFormat,
}

#[derive(Debug, Args)]
pub(crate) struct CollectOptions {
    /// A folder of workspaces, which may be in folders of it (ORG/REPO); what is no workspace of Gantry is left alone and
    /// told in `errors` [default: the folder of workspaces of the worker on this host]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) base_path: Option<PathBuf>,
    /// Workspaces that were used within so many days stay
    #[arg(long, value_name = "DAYS", default_value_t = DEFAULT_MAX_AGE_DAYS)]
    pub(crate) max_age_days: u32,
    /// Tell what would be removed, and remove nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// What is printed on stdout, one JSON object in either case
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = OutputFormat::Json)]
    pub(crate) output_format: OutputFormat,
}

/// The arguments, with the subcommand that the program's own name means.
pub(crate) fn spelled_out(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let name = arguments.first().map(PathBuf::from);
    let name = name.as_deref().and_then(|path| path.file_name()).unwrap_or_default();
    if let Some((_, command)) = DROP_IN_NAMES.iter().find(|(drop_in, _)| name == *drop_in) {
        arguments.insert(1, command.into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_drop_in_name_means_a_command() {
        let spelled = |words: &[&str]| spelled_out(words.iter().map(OsString::from).collect());
        assert_eq!(
            spelled(&["/usr/local/bin/kap10-parse-rest", "--x"]),
            ["/usr/local/bin/kap10-parse-rest", "parse-rest", "--x"]
        );
        assert_eq!(spelled(&["gantry-heavy-compute", "--x"]), ["gantry-heavy-compute", "--x"]);
        assert!(spelled(&[]).is_empty());
        for (name, command) in DROP_IN_NAMES {
            assert!(Arguments::command().find_subcommand(command).is_some(), "{name}");
        }
    }
}
