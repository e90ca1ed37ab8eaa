//! The activities of the queue: each takes its input, runs its step on a thread with heartbeats, and returns its output.
#![expect(missing_docs, reason = "the macro makes a public constant of each method, where no documentation can be put")]

use std::sync::Arc;

use contracts::{
    Input,
    save_parsing::{
        ExportSection, ExportSectionInput, ExportSectionOutput, FindSaves, FindSavesInput, FindSavesOutput,
        InspectSave, InspectSaveInput, InspectSaveOutput, QuerySave, QuerySaveInput, QuerySaveOutput,
    },
    shared::OrBlob,
};
use kit::Runner;
use temporalio_macros::activities;
use temporalio_sdk::{
    WorkerOptions,
    activities::{ActivityContext, ActivityError},
};

use crate::steps::{self, Settings};

/// The activities of the queue `save-parsing`.
pub struct SaveParsing {
    settings: Arc<Settings>,
    runner: Runner,
}

/// Adds every activity of the queue to a worker.
pub fn register(options: &mut WorkerOptions, settings: &Arc<Settings>, runner: &Runner) {
    options.register_activities(SaveParsing { settings: settings.clone(), runner: runner.clone() });
}

#[activities]
impl SaveParsing {
    /// [`FindSaves`].
    ///
    /// # Errors
    /// As [`steps::find_saves`].
    #[activity(definition = FindSaves)]
    pub async fn find_saves(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<FindSavesInput>,
    ) -> Result<OrBlob<FindSavesOutput>, ActivityError> {
        let settings = self.settings.clone();
        // It waits for hours of play and must not keep a slot from those who compute.
        self.runner
            .run_async(&ctx, input, move |input, _: Option<()>, job| async move {
                steps::find_saves(&job, &settings, &input).await
            })
            .await
    }

    /// [`InspectSave`].
    ///
    /// # Errors
    /// As [`steps::inspect_save`].
    #[activity(definition = InspectSave)]
    pub async fn inspect_save(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<InspectSaveInput>,
    ) -> Result<OrBlob<InspectSaveOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner.run(&ctx, input, move |input, _: Option<()>, job| steps::inspect_save(job, &settings, &input)).await
    }

    /// [`QuerySave`].
    ///
    /// # Errors
    /// As [`steps::query_save`].
    #[activity(definition = QuerySave)]
    pub async fn query_save(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<QuerySaveInput>,
    ) -> Result<OrBlob<QuerySaveOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner.run(&ctx, input, move |input, _: Option<()>, job| steps::query_save(job, &settings, input)).await
    }

    /// [`ExportSection`].
    ///
    /// # Errors
    /// As [`steps::export_section`].
    #[activity(definition = ExportSection)]
    pub async fn export_section(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<ExportSectionInput>,
    ) -> Result<OrBlob<ExportSectionOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner
            .run(&ctx, input, move |input, _: Option<()>, job| steps::export_section(job, &settings, &input))
            .await
    }
}
