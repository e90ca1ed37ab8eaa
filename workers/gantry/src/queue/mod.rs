//! `gantry queue`.

pub(crate) mod arguments;

use arguments::QueueCommand;

use crate::{places::Places, problem::Problem};

pub(crate) async fn run(_places: &Places, command: &QueueCommand) -> Result<(), Problem> {
    match *command {}
}
