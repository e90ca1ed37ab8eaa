//! `gantry job cancel`.

use std::collections::BTreeSet;

use serde_json::json;
use temporalio_client::{Client, grpc::WorkflowService};
use temporalio_common::protos::temporal::api::workflowservice::v1::RequestCancelActivityExecutionRequest;
use tonic::{Code, IntoRequest};

use super::{arguments::CancelOptions, bulk, look, look::State, start};
use crate::{connect, places::Places, problem::Problem, report};

const REQUESTED: &str = "requested";
const ENDED: &str = "ended";
const GONE: &str = "gone";
const FAILED: &str = "failed";

pub(crate) async fn run(places: &Places, options: &CancelOptions) -> Result<(), Problem> {
    bulk::check(&options.which)?;
    let client = connect::client(places).await?;
    let states = [(State::Running, "Running"), (State::Paused, "Paused")];
    let chosen = bulk::choose(&client, &options.which, &states, "cancel").await?;
    let matched = chosen.len();
    let by_query = options.which.query.is_some();
    let account = bulk::each(chosen, |id, runs| cancel(&client, id, runs, &options.reason, by_query)).await;
    if options.which.json {
        report::data(
            &json!({
                "matched": matched, REQUESTED: account.of(REQUESTED), ENDED: account.of(ENDED), GONE: account.of(GONE),
                FAILED: account.of(FAILED),
            })
            .to_string(),
        )?;
    } else {
        let others = account.others(&[(ENDED, "ended already"), (GONE, "gone")]);
        report::data(&format!("asked {} of {matched} jobs to stop{others}", account.of(REQUESTED)))?;
    }
    account.end()
}

async fn cancel(
    client: &Client,
    id: String,
    runs: BTreeSet<String>,
    reason: &str,
    by_query: bool,
) -> Result<&'static str, (&'static str, Problem)> {
    let request = RequestCancelActivityExecutionRequest {
        namespace: client.options().namespace.clone(),
        activity_id: id.clone(),
        // At most one run of a job can be open.
        run_id: runs.into_iter().next_back().unwrap_or_default(),
        identity: client.connection().identity().to_owned(),
        request_id: uuid::Uuid::new_v4().to_string(),
        reason: reason.to_owned(),
    };
    match client.clone().request_cancel_activity_execution(request.into_request()).await {
        Ok(_) => Ok(REQUESTED),
        Err(status) => match status.code() {
            Code::FailedPrecondition => Ok(ENDED),
            // Found a moment ago, so it has been deleted since.
            Code::NotFound if by_query => Ok(GONE),
            Code::NotFound => Err((GONE, look::problem(&id, &status))),
            _ => Err((FAILED, start::problem(&format!("cancelling the job {id:?}"), &status))),
        },
    }
}
