//! One activity for a command that needs its answer at once.

use std::time::Duration;

use contracts::{Activity, all_activities};
use serde_json::Value;
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::enums::v1::ActivityIdReusePolicy;
use tokio_util::sync::CancellationToken;

use super::{
    look::Outcome,
    order::{Options, Order},
    start::{self, Answer},
    wait,
};
use crate::problem::Problem;

/// How long to go on trying when the server does not answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How it ended.
pub(crate) enum Ran {
    /// With this output, or with the reference to it; and the id of the job that it was.
    Answered { value: Value, id: String },
    /// No worker of the queue took it in time.
    NobodyTookIt,
}

/// Runs an activity on a queue and waits for its end. A worker has `within` to take it, for ever if that is not said.
pub(crate) async fn run_on<A: Activity>(
    client: &Client,
    input: Value,
    queue: &str,
    within: Option<Duration>,
) -> Result<Ran, Problem> {
    let activity = all_activities()
        .find(|declared| declared.name == A::NAME)
        .ok_or_else(|| Problem::wrong_result(format!("{} is not declared", A::NAME)))?;
    let order = Order {
        activity,
        input,
        id: format!("{}/{}", A::NAME, uuid::Uuid::new_v4()),
        options: Options { task_queue: Some(queue.to_owned()), schedule_to_start: within, ..Options::default() },
    };
    let request =
        order.request(client, uuid::Uuid::new_v4().to_string(), ActivityIdReusePolicy::RejectDuplicate).await?;
    let answer = start::start(client, &request, PATIENCE, &CancellationToken::new())
        .await
        .map_err(|failed| start::problem("asking for the activity", failed.status()))?;
    let (Answer::Started { run_id } | Answer::Exists { run_id, .. }) = answer;
    let ended = wait::one(client, &order.id, &run_id).await?;
    match &ended.outcome {
        Outcome::Result(value) => Ok(Ran::Answered { value: value.clone(), id: order.id.clone() }),
        Outcome::Failure { words, .. } if within.is_some() && words.nobody_took_it() => Ok(Ran::NobodyTookIt),
        Outcome::Failure { words, .. } => Err(words.problem(&format!("gantry job describe {:?} tells more", order.id))),
    }
}
