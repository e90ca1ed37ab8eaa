//! `gantry job`.

pub(crate) mod arguments;

use arguments::JobCommand;

use crate::{places::Places, problem::Problem};

pub(crate) async fn run(_places: &Places, command: &JobCommand) -> Result<(), Problem> {
    match *command {}
}
