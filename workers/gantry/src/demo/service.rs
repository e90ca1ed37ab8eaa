//! Questions to the stack's service of events.

use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::{problem::Problem, stack::Stack};

pub(super) struct Service {
    http: reqwest::Client,
    url: String,
    /// Shown where shipped sessions are asked for.
    token: Option<kit::Secret>,
}

impl Service {
    pub(super) fn of(stack: &Stack) -> Result<Self, Problem> {
        let Some(events) = &stack.dev.events else {
            return Err(Problem::wrong_result("the stack takes no events"));
        };
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build();
        let http = http.map_err(|e| Problem::network(format!("setting up the way to the service of events: {e}")))?;
        let token = stack.dev.sessions.as_ref().map(|sessions| kit::Secret::resolve(&sessions.token)).transpose();
        let token = token.map_err(|f| Problem::input(format!("{}: {}", f.what, f.place)))?;
        Ok(Self { http, url: events.url.clone(), token })
    }

    /// The answer to `GET`.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Problem> {
        let failed = |e: reqwest::Error| Problem::network(format!("asking for {path}: {e}"));
        let mut request = self.http.get(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("x-agents-token", token.expose());
        }
        let answer = request.send().await;
        let bytes = answer.and_then(reqwest::Response::error_for_status).map_err(failed)?.bytes().await;
        serde_json::from_slice(&bytes.map_err(failed)?)
            .map_err(|e| Problem::wrong_result(format!("the answer to {path}: {e}")))
    }
}
