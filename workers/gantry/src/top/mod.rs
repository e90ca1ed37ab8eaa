//! `gantry top`: the queues, live.

use crate::{arguments::TopOptions, places::Places, problem::Problem};

pub(crate) async fn run(_places: &Places, _options: &TopOptions) -> Result<(), Problem> {
    Ok(())
}
