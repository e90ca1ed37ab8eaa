//! Connecting as a client.

use runtime::Temporal;
use temporalio_client::Client;

use crate::{places::Places, problem::Problem};

/// Temporal's settings: `TEMPORAL_*` and `temporal.toml`, or the running `gantry dev` when `TEMPORAL_ADDRESS` is not set.
pub(crate) fn settings(places: &Places) -> Result<Temporal, Problem> {
    let mut temporal = runtime::load_temporal_config()?;
    if places.raw.get("TEMPORAL_ADDRESS").is_none()
        && let Some(dev) = places.dev_state()
    {
        temporal = runtime::plain_temporal(&dev.temporal_address, &dev.namespace)?;
    }
    Ok(temporal)
}

/// A client whose calls are part of a trace, if tracing is on.
pub(crate) async fn client(places: &Places) -> Result<Client, Problem> {
    let mut temporal = settings(places)?;
    if let Some(traces) = &places.traces {
        traces.trace_client(&mut temporal.client)?;
    }
    Ok(temporal.connect().await?)
}
