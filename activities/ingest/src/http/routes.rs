//! The routes: their paths, their methods, and what answers.

use std::{borrow::Cow, sync::Arc};

use axum::{
    Router,
    routing::{get, post},
};

use super::{app::App, front, lines, live, otlp, read, state, write};

/// One route, as `OPTIONS` and the description of the interface tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Its path; `{id}` stands for one part.
    pub path: &'static str,
    /// Its methods.
    pub allow: &'static str,
    /// Whether no token is needed.
    pub open: bool,
}

const GET: &str = "GET,HEAD";
const POST: &str = "POST";

const fn route(path: &'static str, allow: &'static str, open: bool) -> Route {
    Route { path, allow, open }
}

/// All of them.
pub const ROUTES: [Route; 20] = [
    route("/api/events", "GET,HEAD,POST", false),
    route("/api/events/batch", POST, false),
    route("/api/events/ndjson", POST, false),
    route("/api/sessions", GET, false),
    route("/api/sessions/{id}", GET, false),
    route("/api/stats", GET, false),
    route("/api/stream", GET, false),
    route("/api/health", GET, true),
    route("/api/rejects", GET, false),
    route("/api/otel/v1/logs", POST, false),
    route("/api/otel/v1/metrics", POST, false),
    route("/api/otel/v1/traces", POST, false),
    route("/api/agents/ingest", POST, false),
    route("/api/agents/sessions", GET, false),
    route("/api/agents/sessions/{id}", "DELETE", false),
    route("/api/agents/sessions/{id}/events", GET, false),
    route("/live", GET, true),
    route("/ready", GET, true),
    route("/metrics", GET, false),
    route("/openapi.json", GET, true),
];

/// The start of what shippers of sessions speak to: its checks, limits and answers are those of the receiver.
pub(super) const AGENTS: &str = "/api/agents/";

/// The start of the paths with the id of a shipped session, a UUID.
const SHIPPED: &str = "/api/agents/sessions/";

/// The start of the one path that has a part of its own, whose case counts.
const SESSION: &str = "/api/sessions/";

/// The path without a slash at its end, in lower case.
pub(super) fn spelled(path: &str) -> Cow<'_, str> {
    let path = match path.strip_suffix('/') {
        Some("") | None => path,
        Some(shorter) => shorter,
    };
    if let Some(id) = path.get(SESSION.len()..).filter(|_| has_prefix(path, SESSION)) {
        return if path.starts_with(SESSION) { path.into() } else { format!("{SESSION}{id}").into() };
    }
    if path.bytes().any(|byte| byte.is_ascii_uppercase()) { path.to_ascii_lowercase().into() } else { path.into() }
}

fn has_prefix(path: &str, prefix: &str) -> bool {
    path.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// The route of a path as [`spelled`].
pub(super) fn find(path: &str) -> Option<&'static Route> {
    let one_session = path.strip_prefix(SESSION).is_some_and(|id| !id.is_empty() && !id.contains('/'));
    let path = match path.strip_prefix(SHIPPED).map(|rest| rest.split_once('/')) {
        Some(None) => "/api/agents/sessions/{id}",
        Some(Some((_, "events"))) => "/api/agents/sessions/{id}/events",
        _ if one_session => "/api/sessions/{id}",
        _ => path,
    };
    ROUTES.iter().find(|route| route.path == path)
}

/// The routes and what others have added to them.
pub(super) fn router(app: Arc<App>, extra: Vec<Router>) -> Router {
    let mut router = Router::new()
        .route("/api/events", post(write::event).get(read::events))
        .route("/api/events/batch", post(write::batch))
        .route("/api/events/ndjson", post(lines::ndjson))
        .route("/api/sessions", get(read::sessions))
        .route("/api/sessions/{id}", get(read::session))
        .route("/api/stats", get(read::stats))
        .route("/api/stream", get(live::stream))
        .route("/api/health", get(state::health))
        .route("/api/rejects", get(read::rejects))
        .route("/api/otel/v1/logs", post(otlp::logs))
        .route("/api/otel/v1/metrics", post(otlp::metrics))
        .route("/api/otel/v1/traces", post(otlp::traces))
        .route("/live", get(state::live))
        .route("/ready", get(state::ready))
        .route("/metrics", get(state::metrics))
        .route("/openapi.json", get(state::openapi))
        .with_state(app);
    for more in extra {
        router = router.merge(more);
    }
    router.fallback(front::not_found).method_not_allowed_fallback(front::not_found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_in_any_case_and_with_a_slash_at_the_end() {
        assert_eq!(spelled("/API/Events/"), "/api/events");
        assert_eq!(spelled("/"), "/");
        assert_eq!(spelled("/API/Sessions/AbC/"), "/api/sessions/AbC");
        assert_eq!(find(&spelled("/api/SESSIONS/X")).unwrap().path, "/api/sessions/{id}");
        assert_eq!(find("/api/sessions/a/b"), None);
        assert_eq!(find("/api/é"), None);
        assert_eq!(find(&spelled("/api/Agents/Ingest/")).unwrap().allow, "POST");
        assert_eq!(find("/api/agents/sessions").unwrap().path, "/api/agents/sessions");
        assert_eq!(find("/api/agents/sessions/1/events").unwrap().path, "/api/agents/sessions/{id}/events");
        assert_eq!(find("/api/agents/sessions/1/2"), None);
        assert_eq!(spelled("/api/sessionsé/"), "/api/sessionsé");
    }
}
