//! Traces: one from the client through the workflow to the activity, sent by OTLP over HTTP. Off unless the standard
//! variables of OpenTelemetry name a collector.

use std::env;

use opentelemetry::{KeyValue, global};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use temporalio_client::{ClientOptions, ClientPlugin};
use temporalio_sdk::{SimplePlugin, opentelemetry::OpenTelemetryPlugin};

use crate::connect_error::ConnectError;

/// Any of these turns tracing on; the exporter reads the address, headers and time-outs itself.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// The traces of a process. Nothing is lost if [`Traces::flush`] is called before it ends.
pub struct Traces {
    provider: SdkTracerProvider,
    pub(crate) plugin: SimplePlugin,
}

impl Traces {
    /// Sets tracing up if a collector is configured. `service` is the name unless `OTEL_SERVICE_NAME` has another.
    ///
    /// # Errors
    /// When the settings make no sense.
    pub fn from_env(service: &str) -> Result<Option<Self>, ConnectError> {
        if ENDPOINTS.iter().all(|name| env::var_os(name).is_none_or(|value| value.is_empty())) {
            return Ok(None);
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .build()
            .map_err(|e| ConnectError::Settings { reason: format!("OTEL_EXPORTER_OTLP_*: {e}") })?;
        let name = env::var("OTEL_SERVICE_NAME").ok().filter(|n| !n.is_empty()).unwrap_or_else(|| service.to_owned());
        let resource = Resource::builder()
            .with_service_name(name)
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        global::set_tracer_provider(provider.clone());
        global::set_text_map_propagator(TraceContextPropagator::new());
        Ok(Some(Self { provider, plugin: OpenTelemetryPlugin::builder().build() }))
    }

    /// Lets a client carry the trace on.
    ///
    /// # Errors
    /// When the plugin cannot be applied.
    pub fn trace_client(&self, options: &mut ClientOptions) -> Result<(), ConnectError> {
        self.plugin
            .configure_client_options(options)
            .map_err(|e| ConnectError::Settings { reason: format!("setting up tracing: {e}") })
    }

    /// Sends what was not sent yet. It waits for the collector, so call it off the async threads.
    pub fn flush(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

impl std::fmt::Debug for Traces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Traces").finish_non_exhaustive()
    }
}
