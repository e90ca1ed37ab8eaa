//! The environment variables that Gantry reads. Temporal's own (`TEMPORAL_*`) are not repeated here.

/// An environment variable: what it is called, what it means, what holds when it is unset.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// What holds when it is unset, for people.
    pub default: &'static str,
}

macro_rules! variables {
    ($($ident:ident = $name:literal, $meaning:literal, $default:literal;)+) => {
        $(#[doc = $meaning] pub const $ident: &str = $name;)+
        /// All of them. The README's table is made from this and a test keeps it so.
        pub const ALL: &[Variable] = &[$(Variable { name: $name, meaning: $meaning, default: $default }),+];
    };
}

variables! {
    HOME = "GANTRY_HOME", "State folder: graph, blobs, workspaces, logs, the dev server's database.", "`.gantry` under the current folder";
    WORKSPACES = "GANTRY_WORKSPACES", "Folder of the workspaces. `WORKSPACE_BASE_PATH`, the older name, holds where neither this nor `GANTRY_HOME` is set.", "`workspaces` in the state folder";
    SHARED_WORKSPACES = "GANTRY_SHARED_WORKSPACES", "`1` where every worker sees the same workspaces and blobs: work then stays on the common queue, and goes on on any host.", "each host has its own";
    ROOT = "GANTRY_ROOT", "Installation root: the folder that holds `workflows-ts/` and `.tools/`.", "upwards from the binary";
    HOST_ID = "GANTRY_HOST_ID", "Names this host in its own task queue, `<queue>@<host id>`.", "12 hexadecimal digits of SHA-256 over machine id and host name";
    GRAPH_URL = "GANTRY_GRAPH_URL", "Graph store: `sqlite:PATH`, `arangodb+http(s)://HOST:8529/DATABASE` or `postgres://USER@HOST:PORT/DATABASE`. `ARANGODB_URL` and `ARANGODB_DATABASE`, the older names, hold where this is unset.", "`sqlite:<state>/graph.db`";
    ARANGO_AUTH = "GANTRY_ARANGO_AUTH", "Reference, `env:NAME` or `file:PATH`, to `USER:PASSWORD` or a JWT of ArangoDB. `ARANGO_ROOT_PASSWORD`, the older variable, is root's password where this is unset.", "the server asks nobody";
    POSTGRES_AUTH = "GANTRY_POSTGRES_AUTH", "Reference, `env:NAME` or `file:PATH`, to the password of the user in the URL of PostgreSQL.", "the server asks for none";
    BLOB_URL = "GANTRY_BLOB_URL", "Blob store: `file:///FOLDER`, `s3://BUCKET/PREFIX`, `gs://`, `az://` or `https://`. Credentials are read from `AWS_*`, `GOOGLE_*`, `AZURE_*`, see [docs/blobs.md](docs/blobs.md).", "`file://<state>/blobs`";
    BLOB_READ_URLS = "GANTRY_BLOB_READ_URLS", "Further blob stores, separated by spaces or commas, that blobs named by an input are read from.", "none";
    ALLOWED_ROOTS = "GANTRY_ALLOWED_ROOTS", "Folders, separated by `:`, that an input may name a path in.", "the state folder; `gantry dev` sets `/`";
    SLOTS = "GANTRY_SLOTS", "Activities that a worker process works on at once, on all its queues together, and threads of its CPU pool; `auto` lets processor and memory decide.", "number of cores for heavy-compute";
    MAX_MEMORY_MB = "GANTRY_MAX_MEMORY_MB", "Megabytes that a worker process may hold: at 80 % it lets go what it can read again, at 100 % the activity fails with MemoryPressure and is tried again. `SCIP_PARSE_MAX_MEMORY_MB`, the older name, holds where this is unset.", "no limit";
    INDEXER_TIMEOUT = "GANTRY_INDEXER_TIMEOUT", "Seconds that one SCIP indexer may work on one package before it is killed and its files are parsed without it.", "600";
    INDEXER_MEMORY_MB = "GANTRY_INDEXER_MEMORY_MB", "Megabytes that one SCIP indexer and its children may hold together before they are killed.", "4096";
    INDEXER_BUILDS = "GANTRY_INDEXER_BUILDS", "`1` lets those SCIP indexers run that run the project's own build (scip-java, scip-dotnet): code of the repository runs on the worker's host then.", "0";
    SHIPPING_HOME = "GANTRY_SHIPPING_HOME", "Home folder whose agent sessions are shipped. `CLAUDE_CONFIG_DIR` and `CODEX_HOME` name single ones where this is unset.", "the user's own; `gantry dev` generates one";
    SHIPPING_URL = "GANTRY_SHIPPING_URL", "Server that sessions are shipped to.", "the content of `longhouse-url` in Claude's folder, else `http://localhost:8080`";
    SHIPPING_TOKEN = "GANTRY_SHIPPING_TOKEN", "Reference, `env:NAME` or `file:PATH`, to the token of that server.", "`AGENTS_API_TOKEN`, else `longhouse-device-token` or `longhouse-token` in Claude's folder";
    SHIPPING_DATABASE = "GANTRY_SHIPPING_DATABASE", "State of the shipper; an older daemon's is taken over as it is.", "`longhouse-shipper.db` in Claude's folder";
    SHIPPING_PROVIDERS = "GANTRY_SHIPPING_PROVIDERS", "Agents whose sessions are shipped, separated by commas: `claude`, `codex`, `gemini`.", "all";
    SHIPPING_EXCLUDE = "GANTRY_SHIPPING_EXCLUDE", "Projects that are not shipped, separated by commas: globs over the name or the folder.", "none";
    SHIPPING_COMPRESSION = "GANTRY_SHIPPING_COMPRESSION", "`gzip`, `zstd`, or `auto`: zstd where the server says that it takes it.", "`gzip`";
    SHIPPING_MAX_MBPS = "GANTRY_SHIPPING_MAX_MBPS", "Megabytes a second that are sent at most.", "no limit";
    SHIPPING_WATCH = "GANTRY_SHIPPING_WATCH", "`1` lets the shipping worker watch the files of its host and wake the workflow `watchSessions` when one changes.", "0";
    RECYCLE_AFTER = "GANTRY_RECYCLE_AFTER", "Activities after which fresh Workers take over inside the process, without a pause: the SDK keeps some bytes of each.", "100000";
    ADMIN_LISTEN = "GANTRY_ADMIN_LISTEN", "Address of `/live`, `/ready` and `/metrics`.", "`127.0.0.1` with the port of the queue: 9601 heavy-compute, 9602 shipping, 9603 save-parsing, 9606 workflows";
    GRACE_SECONDS = "GANTRY_GRACE_SECONDS", "After SIGTERM, seconds until running work is asked to save its checkpoint and give its task back; the process ends at most 5 s later.", "10";
    LOG = "GANTRY_LOG", "Log filter in the syntax of `tracing`, for example `info,heavy_compute=debug`.", "`info`";
    LOG_FORMAT = "GANTRY_LOG_FORMAT", "`text` or `json`.", "`text`";
    CODEC_KEYS = "GANTRY_CODEC_KEYS", "Turns payload encryption on: where the keys are, `env:NAME` or `file:PATH`. Made by `gantry codec keygen`; see docs/encryption.md.", "payloads are not encrypted";
    UI_URL = "GANTRY_UI_URL", "Address of the Temporal UI, for links.", "that of the running `gantry dev`";
    DEMO_REPO = "GANTRY_DEMO_REPO", "What `gantry demo` indexes, a folder or a URL.", "the installation root";
}
