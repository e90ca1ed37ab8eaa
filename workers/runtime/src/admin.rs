//! `/live`, `/ready` and `/metrics`. Nothing here changes anything.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use kit::{Drain, telemetry::render};
use serde_json::json;
use temporalio_client::Connection;
use temporalio_common::protos::grpc::health::v1::{HealthCheckRequest, health_check_response::ServingStatus};
use tonic::IntoRequest;

const ANSWER: Duration = Duration::from_secs(2);

/// What the admin server needs to know.
pub(crate) struct Admin {
    /// Queues that have to be polled.
    pub(crate) queues: BTreeSet<String>,
    /// Where the SDK serves its Prometheus metrics.
    pub(crate) metrics: SocketAddr,
    /// Set once the server has answered.
    pub(crate) connection: OnceLock<Connection>,
    pub(crate) http: reqwest::Client,
    /// Fired as soon as the worker begins to shut down.
    pub(crate) stopping: Drain,
}

pub(crate) fn router(admin: Arc<Admin>) -> Router {
    Router::new()
        .route("/live", get(|| async { Json(json!({ "live": true })) }))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(admin)
}

async fn ready(State(admin): State<Arc<Admin>>) -> Response {
    match admin.unready().await {
        None => Json(json!({ "ready": true, "queues": admin.queues })).into_response(),
        Some(reason) => {
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "ready": false, "reason": reason }))).into_response()
        }
    }
}

async fn metrics(State(admin): State<Arc<Admin>>) -> Response {
    match admin.scrape().await {
        Ok(text) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text + &render()).into_response()
        }
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

impl Admin {
    async fn scrape(&self) -> Result<String, reqwest::Error> {
        let url = format!("http://{}/metrics", self.metrics);
        self.http.get(url).timeout(ANSWER).send().await?.text().await
    }

    /// Why the worker is not ready. The gauge of pollers stays up when the server is gone, so the server is asked too.
    async fn unready(&self) -> Option<String> {
        if self.stopping.fired() {
            return Some("the worker is shutting down".to_owned());
        }
        let Some(connection) = self.connection.get() else {
            return Some("waiting for Temporal".to_owned());
        };
        let polled = match self.scrape().await {
            Ok(text) => polled_queues(&text),
            Err(error) => return Some(format!("the metrics cannot be read: {error}")),
        };
        if let Some(queue) = self.queues.iter().find(|q| !polled.contains(*q)) {
            return Some(format!("queue {queue} is not polled yet"));
        }
        let request = HealthCheckRequest { service: "temporal.api.workflowservice.v1.WorkflowService".to_owned() };
        let mut health = connection.health_service();
        match tokio::time::timeout(ANSWER, health.check(request.into_request())).await {
            Ok(Ok(answer)) if answer.get_ref().status() == ServingStatus::Serving => None,
            Ok(Ok(answer)) => Some(format!("Temporal says {:?}", answer.get_ref().status())),
            Ok(Err(status)) => Some(format!("Temporal does not answer: {}", status.message())),
            Err(_) => Some("Temporal does not answer within 2 s".to_owned()),
        }
    }
}

/// The queues whose activity tasks are polled, from the SDK's metrics in Prometheus' text format.
fn polled_queues(metrics: &str) -> BTreeSet<String> {
    metrics
        .lines()
        .filter(|line| line.starts_with("temporal_num_pollers{") && line.contains("poller_type=\"activity_task\""))
        .filter(|line| line.rsplit(' ').next().and_then(|n| n.parse::<f64>().ok()).is_some_and(|n| n > 0.0))
        .filter_map(|line| Some(line.split_once("task_queue=\"")?.1.split_once('"')?.0.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_counts_as_polled_only_while_its_gauge_is_above_zero() {
        let text = "# TYPE temporal_num_pollers gauge\n\
            temporal_num_pollers{namespace=\"d\",poller_type=\"activity_task\",task_queue=\"a\"} 5\n\
            temporal_num_pollers{namespace=\"d\",poller_type=\"activity_task\",task_queue=\"a@h\"} 0\n\
            temporal_num_pollers{namespace=\"d\",poller_type=\"workflow_task\",task_queue=\"w\"} 5\n";
        assert_eq!(polled_queues(text), BTreeSet::from(["a".to_owned()]));
    }
}
