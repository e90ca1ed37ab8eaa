//! `gantry job`: a job is one activity that the server keeps, without a workflow.

pub(crate) mod arguments;
mod bulk;
mod cancel;
mod catalog;
mod describe;
mod line;
mod lines;
mod list;
mod look;
mod order;
mod payload;
mod progress_file;
mod result;
mod retry;
mod run_on;
mod start;
mod submit;
mod submit_many;
mod times;
mod validate;
mod wait;

use arguments::JobCommand;
pub(crate) use result::{fetch, whole};
pub(crate) use run_on::{Ran, run_on};

use crate::{places::Places, problem::Problem};

pub(crate) async fn run(places: &Places, command: &JobCommand) -> Result<(), Problem> {
    match command {
        JobCommand::Submit(options) => submit::run(places, options).await,
        JobCommand::SubmitMany(options) => submit_many::run(places, options).await,
        JobCommand::List(options) => list::run(places, options).await,
        JobCommand::Describe(options) => describe::run(places, options).await,
        JobCommand::Result(options) => result::run(places, options).await,
        JobCommand::Wait(options) => wait::run(places, options).await,
        JobCommand::Cancel(options) => cancel::run(places, options).await,
        JobCommand::Retry(options) => retry::run(places, options).await,
        JobCommand::Activities { json } => catalog::list(*json),
        JobCommand::Schema { activity } => catalog::schema(activity.as_deref()),
    }
}
