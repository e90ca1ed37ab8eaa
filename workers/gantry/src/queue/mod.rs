//! `gantry queue`: task queues as the server and the workers tell about them; pause, drain, rate limits.

pub(crate) mod arguments;
pub(crate) mod describe;
pub(crate) mod dispatch;
mod drain;
mod limit;
pub(crate) mod moment;
pub(crate) mod names;
pub(crate) mod pause;
mod pause_note;
mod rate_limit;
mod running;
pub(crate) mod server;
pub(crate) mod survey;
pub(crate) mod view;
pub(crate) mod worker;

use arguments::QueueCommand;
use server::Server;

use crate::{places::Places, problem::Problem};

pub(crate) async fn run(places: &Places, command: &QueueCommand) -> Result<(), Problem> {
    let server = Server::connect(places).await?;
    match command {
        QueueCommand::List { json } => describe::list(&server, *json).await,
        QueueCommand::Describe { queue, json } => describe::describe(&server, queue, *json).await,
        QueueCommand::Pause { which, reason, json } => pause::pause(&server, which, reason.as_deref(), *json).await,
        QueueCommand::Resume { which, json } => pause::resume(&server, which, *json).await,
        QueueCommand::Drain { which, reason, timeout, json } => {
            let request = drain::Request { which, reason: reason.as_deref(), timeout: *timeout, json: *json };
            drain::run(&server, request).await
        }
        QueueCommand::RateLimit { queue, limit, fairness_key_default, reason, json } => {
            let request = rate_limit::Request {
                queue,
                limit: *limit,
                fairness_key_default: *fairness_key_default,
                reason: reason.as_deref(),
                json: *json,
            };
            rate_limit::run(&server, request).await
        }
    }
}
