//! `gantry codec`.

pub(crate) mod arguments;

use arguments::CodecCommand;

use crate::{places::Places, problem::Problem};

pub(crate) async fn run(_places: &Places, command: &CodecCommand) -> Result<(), Problem> {
    match *command {}
}
