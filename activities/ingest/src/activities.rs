//! The activities of the queue: each takes its input, runs its step on a thread with heartbeats, and returns its output.
#![expect(missing_docs, reason = "the macro makes a public constant of each method, where no documentation can be put")]

use std::sync::Arc;

use contracts::{
    Input,
    ingest::{
        ExportEvents, ExportEventsInput, ExportEventsOutput, ImportEvents, ImportEventsInput, ImportEventsOutput,
        SweepSessions, SweepSessionsInput, SweepSessionsOutput, WriteEvents, WriteEventsInput, WriteEventsOutput,
    },
    shared::OrBlob,
};
use kit::Runner;
use temporalio_macros::activities;
use temporalio_sdk::{
    WorkerOptions,
    activities::{ActivityContext, ActivityError, ActivityInfo},
};

use crate::steps::{self, Settings};

/// The activities of the queue `ingest`.
pub struct Ingest {
    settings: Arc<Settings>,
    runner: Runner,
}

/// Adds every activity of the queue to a worker.
pub fn register(options: &mut WorkerOptions, settings: &Arc<Settings>, runner: &Runner) {
    options.register_activities(Ingest { settings: settings.clone(), runner: runner.clone() });
}

/// A name for a call that all of its attempts have, and no other call.
fn call(info: &ActivityInfo) -> String {
    let run = info.workflow_run_id.as_deref().or(info.activity_run_id.as_deref()).unwrap_or_default();
    let workflow = info.workflow_id.as_deref().unwrap_or_default();
    [info.namespace.as_str(), workflow, run, info.activity_id.as_str()].join("\n")
}

#[activities]
impl Ingest {
    /// [`WriteEvents`].
    ///
    /// # Errors
    /// As [`steps::write_events`].
    #[activity(definition = WriteEvents)]
    pub async fn write_events(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<WriteEventsInput>,
    ) -> Result<OrBlob<WriteEventsOutput>, ActivityError> {
        let (settings, call) = (self.settings.clone(), call(ctx.info()));
        self.runner
            .run(&ctx, input, move |input, resume, job| steps::write_events(job, &settings, input, resume, &call))
            .await
    }

    /// [`ImportEvents`].
    ///
    /// # Errors
    /// As [`steps::import_events`].
    #[activity(definition = ImportEvents)]
    pub async fn import_events(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<ImportEventsInput>,
    ) -> Result<OrBlob<ImportEventsOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner
            .run(&ctx, input, move |input, resume, job| steps::import_events(job, &settings, &input, resume))
            .await
    }

    /// [`ExportEvents`].
    ///
    /// # Errors
    /// As [`steps::export_events`].
    #[activity(definition = ExportEvents)]
    pub async fn export_events(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<ExportEventsInput>,
    ) -> Result<OrBlob<ExportEventsOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner
            .run(&ctx, input, move |input, _: Option<()>, job| steps::export_events(job, &settings, &input))
            .await
    }

    /// [`SweepSessions`].
    ///
    /// # Errors
    /// As [`steps::sweep_sessions`].
    #[activity(definition = SweepSessions)]
    pub async fn sweep_sessions(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<SweepSessionsInput>,
    ) -> Result<OrBlob<SweepSessionsOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner
            .run(&ctx, input, move |input, _: Option<()>, job| steps::sweep_sessions(job, &settings, &input))
            .await
    }
}
