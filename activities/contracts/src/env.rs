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
    INGEST_HOST = "GANTRY_INGEST_HOST", "Address that `gantry-ingest` listens on. One that other machines reach needs tokens. This and the following up to `GANTRY_INGEST_DURABILITY` are also read by their older names, `AGENTMONITOR_*`, where they are unset.", "`127.0.0.1`";
    INGEST_PORT = "GANTRY_INGEST_PORT", "Its port.", "3142";
    INGEST_DB_PATH = "GANTRY_INGEST_DB_PATH", "SQLite file of the events; an AgentMonitor database is taken over as it is.", "`ingest.db` in the state folder";
    INGEST_SESSIONS_DB = "GANTRY_INGEST_SESSIONS_DB", "SQLite file of the sessions that shippers send.", "`sessions.db` beside the events";
    INGEST_MAX_PAYLOAD_KB = "GANTRY_INGEST_MAX_PAYLOAD_KB", "KiB of an event's metadata; what is longer is replaced by a summary.", "10";
    INGEST_MAX_BODY_BYTES = "GANTRY_INGEST_MAX_BODY_BYTES", "Bytes of a body after decompression, at least 1024; the streaming route has no such bound.", "1048576";
    INGEST_MAX_DB_BYTES = "GANTRY_INGEST_MAX_DB_BYTES", "Bytes that the file may grow to.", "no limit";
    INGEST_SESSION_TIMEOUT = "GANTRY_INGEST_SESSION_TIMEOUT", "Minutes until a silent session is idle; after twice that it has ended.", "5";
    INGEST_STATS_INTERVAL = "GANTRY_INGEST_STATS_INTERVAL", "Milliseconds between two frames of sums in the live stream, at least 250.", "5000";
    INGEST_SSE_HEARTBEAT_MS = "GANTRY_INGEST_SSE_HEARTBEAT_MS", "Milliseconds between two heartbeats in the live stream, at least 1000.", "30000";
    INGEST_MAX_SSE_CLIENTS = "GANTRY_INGEST_MAX_SSE_CLIENTS", "Clients of the live stream.", "50";
    INGEST_PROJECTS_DIR = "GANTRY_INGEST_PROJECTS_DIR", "Folder of the projects, whose git branches are looked up for events without one.", "git is not asked";
    INGEST_AUTO_IMPORT_MINUTES = "GANTRY_INGEST_AUTO_IMPORT_MINUTES", "How often other programs import, in minutes: an imported event older than three times that, and than half an hour, is history and ends its session. 0: they do not, and six session time-outs count instead.", "10";
    INGEST_DURABILITY = "GANTRY_INGEST_DURABILITY", "`full` syncs each commit to the disk; `normal` may lose the last ones when the power fails, never when a process dies.", "`normal`";
    INGEST_MAX_CONNECTIONS = "GANTRY_INGEST_MAX_CONNECTIONS", "Connections at once, at least 8; when all are taken, the one that was idle for the longest is closed.", "1024";
    INGEST_TOKEN = "GANTRY_INGEST_TOKEN", "References, `env:NAME` or `file:PATH`, separated by commas, to tokens for writing and reading.", "nobody is asked";
    INGEST_WRITE_TOKENS = "GANTRY_INGEST_WRITE_TOKENS", "The same, for writing alone.", "those of `GANTRY_INGEST_TOKEN`";
    INGEST_READ_TOKENS = "GANTRY_INGEST_READ_TOKENS", "The same, for reading alone.", "those of `GANTRY_INGEST_TOKEN`";
    INGEST_AGENTS_TOKEN = "GANTRY_INGEST_AGENTS_TOKEN", "Reference to the token of those who ship sessions, which opens `/api/agents/` alone; those who may write or read need none beside their own.", "those of the three above";
    INGEST_AGENTS_PER_MINUTE = "GANTRY_INGEST_AGENTS_PER_MINUTE", "Events that one device may ship in a minute; 0 is no limit.", "no limit";
    INGEST_ALLOWED_ORIGINS = "GANTRY_INGEST_ALLOWED_ORIGINS", "Origins of pages that may ask, separated by commas, beside its own.", "none";
    INGEST_ALLOWED_HOSTS = "GANTRY_INGEST_ALLOWED_HOSTS", "Names that it may be asked by, separated by commas, beside its own.", "none";
    INGEST_RATE_PER_TOKEN = "GANTRY_INGEST_RATE_PER_TOKEN", "Events a second of each token, of all together where there are none; 0 is no limit.", "no limit";
    INGEST_RATE_PER_SESSION = "GANTRY_INGEST_RATE_PER_SESSION", "Events a second of each session; 0 is no limit.", "no limit";
    INGEST_REDACT = "GANTRY_INGEST_REDACT", "`on` takes secrets out of metadata before they are stored, `off` does not.", "`off` on the loopback, `on` elsewhere";
    INGEST_REDACT_KEYS = "GANTRY_INGEST_REDACT_KEYS", "Further members of metadata whose values are taken out, separated by commas.", "none";
    INGEST_REDACT_PATTERNS = "GANTRY_INGEST_REDACT_PATTERNS", "Further patterns that are taken out, regular expressions, one a line.", "none";
    MODEL_PRICES = "GANTRY_MODEL_PRICES", "Table of what models cost, in the format of `activities/ingest/src/prices/model-prices.tsv`.", "the one that is built in";
    RECYCLE_AFTER = "GANTRY_RECYCLE_AFTER", "Activities after which fresh Workers take over inside the process, without a pause: the SDK keeps some bytes of each.", "100000";
    ADMIN_LISTEN = "GANTRY_ADMIN_LISTEN", "Address of `/live`, `/ready` and `/metrics`.", "`127.0.0.1` with the port of the queue: 9601 heavy-compute, 9602 shipping, 9603 save-parsing, 9604 ingest, 9606 workflows";
    GRACE_SECONDS = "GANTRY_GRACE_SECONDS", "After SIGTERM, seconds until running work is asked to save its checkpoint and give its task back; the process ends at most 5 s later.", "10";
    LOG = "GANTRY_LOG", "Log filter in the syntax of `tracing`, for example `info,heavy_compute=debug`.", "`info`";
    LOG_FORMAT = "GANTRY_LOG_FORMAT", "`text` or `json`.", "`text`";
    CODEC_KEYS = "GANTRY_CODEC_KEYS", "Turns payload encryption on: where the keys are, `env:NAME` or `file:PATH`. Made by `gantry codec keygen`; see docs/encryption.md.", "payloads are not encrypted";
    UI_URL = "GANTRY_UI_URL", "Address of the Temporal UI, for links.", "that of the running `gantry dev`";
    DEMO_REPO = "GANTRY_DEMO_REPO", "What `gantry demo` indexes, a folder or a URL.", "the installation root";
}
