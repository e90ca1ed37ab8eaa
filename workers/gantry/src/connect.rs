//! Connecting as a client.

use contracts::env as names;
use runtime::{PayloadEncryption, Temporal};
use temporalio_client::Client;

use crate::{
    places::{DevState, Places},
    problem::Problem,
    report,
};

/// Temporal's settings: `TEMPORAL_*` and `temporal.toml`, or the running `gantry dev` when `TEMPORAL_ADDRESS` is not set.
pub(crate) fn settings(places: &Places) -> Result<Temporal, Problem> {
    if let Some(dev) = dev_in_use(places) {
        return to_dev(places, &dev);
    }
    let temporal = runtime::load_temporal_config()?;
    for warning in &temporal.warnings {
        report::note(&format!("warning: {warning}"));
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

/// The way to a stack that this or another process runs.
pub(crate) fn to_dev(places: &Places, dev: &DevState) -> Result<Temporal, Problem> {
    let temporal = runtime::plain_temporal(&dev.temporal_address, &dev.namespace)?;
    Ok(temporal.encrypted(&encryption_with(places, dev.codec_keys.as_deref())?))
}

/// Payload encryption as `GANTRY_CODEC_KEYS` says, or as the running `gantry dev` has it.
pub(crate) fn encryption(places: &Places) -> Result<PayloadEncryption, Problem> {
    let of_dev = dev_in_use(places).and_then(|dev| dev.codec_keys);
    encryption_with(places, of_dev.as_deref())
}

fn encryption_with(places: &Places, otherwise: Option<&str>) -> Result<PayloadEncryption, Problem> {
    Ok(PayloadEncryption::new(places.raw.get(names::CODEC_KEYS).or(otherwise))?)
}

fn dev_in_use(places: &Places) -> Option<DevState> {
    if places.raw.get("TEMPORAL_ADDRESS").is_some() { None } else { places.dev_state() }
}
