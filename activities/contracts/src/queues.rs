//! Task queues.

/// Clones, parses, and writes the code graph.
pub const HEAVY_COMPUTE: &str = "heavy-compute";
/// Takes agent sessions from files to a server.
pub const SHIPPING: &str = "shipping";
/// Answers questions about saves.
pub const SAVE_PARSING: &str = "save-parsing";
/// Takes events of agent sessions into the event store, and out of it.
pub const INGEST: &str = "ingest";
/// The TypeScript worker that runs every workflow.
pub const WORKFLOWS: &str = "workflows";

/// Queues whose tasks are activities, each served by the binary `gantry-<queue>`.
pub const ACTIVITY_QUEUES: &[&str] = &[HEAVY_COMPUTE, INGEST, SAVE_PARSING, SHIPPING];

/// Loopback port of a queue's admin server (`/live /ready /metrics`) when nothing else is configured.
pub fn admin_port(queue: &str) -> Option<u16> {
    match queue {
        HEAVY_COMPUTE => Some(9601),
        SHIPPING => Some(9602),
        SAVE_PARSING => Some(9603),
        INGEST => Some(9604),
        WORKFLOWS => Some(9606),
        _ => None,
    }
}

/// Whether the work of a queue fills a core, so that more of it at once than there are cores only makes it slower.
pub fn fills_cores(queue: &str) -> bool {
    queue == HEAVY_COMPUTE
}

/// The queue that only the workers of one host poll, for work on files that only this host has: `<queue>@<host id>`.
pub fn host_queue(queue: &str, host_id: &str) -> String {
    format!("{queue}@{host_id}")
}

/// The host id in the name of a host queue.
pub fn host_of<'a>(queue: &str, host_queue: &'a str) -> Option<&'a str> {
    host_queue.strip_prefix(queue)?.strip_prefix('@')
}
