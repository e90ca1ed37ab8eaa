//! The activities of the queue: each takes its input, runs its step on a thread with heartbeats, and returns its output.
#![expect(missing_docs, reason = "the macro makes a public constant of each method, where no documentation can be put")]

use std::sync::Arc;

use contracts::{
    Input,
    heavy_compute::{
        FinishIndex, FinishIndexInput, FinishIndexOutput, ListWorkspaceHosts, ListWorkspaceHostsInput,
        ListWorkspaceHostsOutput, ParseRest, ParseRestInput, ParseRestOutput, PrepareWorkspace, PrepareWorkspaceInput,
        PrepareWorkspaceOutput, RunScip, RunScipInput, RunScipOutput, WorkspaceGc, WorkspaceGcInput, WorkspaceGcOutput,
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

/// The activities of the queue `heavy-compute`.
pub struct HeavyCompute {
    settings: Arc<Settings>,
    runner: Runner,
}

/// Adds every activity of the queue to a worker.
pub fn register(options: &mut WorkerOptions, settings: &Arc<Settings>, runner: &Runner) {
    options.register_activities(HeavyCompute { settings: settings.clone(), runner: runner.clone() });
}

#[activities]
impl HeavyCompute {
    /// [`PrepareWorkspace`].
    ///
    /// # Errors
    /// As [`steps::prepare_workspace`].
    #[activity(definition = PrepareWorkspace)]
    pub async fn prepare_workspace(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<PrepareWorkspaceInput>,
    ) -> Result<OrBlob<PrepareWorkspaceOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner
            .run(&ctx, input, move |input, _: Option<()>, job| steps::prepare_workspace(job, &settings, &input))
            .await
    }

    /// [`RunScip`].
    ///
    /// # Errors
    /// As [`steps::run_scip`].
    #[activity(definition = RunScip)]
    pub async fn run_scip(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<RunScipInput>,
    ) -> Result<OrBlob<RunScipOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner.run(&ctx, input, move |input, resume, job| steps::run_scip(job, &settings, &input, resume)).await
    }

    /// [`ParseRest`].
    ///
    /// # Errors
    /// As [`steps::parse_rest`].
    #[activity(definition = ParseRest)]
    pub async fn parse_rest(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<ParseRestInput>,
    ) -> Result<OrBlob<ParseRestOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner.run(&ctx, input, move |input, resume, job| steps::parse_rest(job, &settings, &input, resume)).await
    }

    /// [`FinishIndex`].
    ///
    /// # Errors
    /// As [`steps::finish_index`].
    #[activity(definition = FinishIndex)]
    pub async fn finish_index(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<FinishIndexInput>,
    ) -> Result<OrBlob<FinishIndexOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner.run(&ctx, input, move |input, _: Option<()>, job| steps::finish_index(job, &settings, &input)).await
    }

    /// [`WorkspaceGc`].
    ///
    /// # Errors
    /// As [`steps::workspace_gc`].
    #[activity(definition = WorkspaceGc)]
    pub async fn workspace_gc(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<WorkspaceGcInput>,
    ) -> Result<OrBlob<WorkspaceGcOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner.run(&ctx, input, move |input, _: Option<()>, job| steps::workspace_gc(job, &settings, &input)).await
    }

    /// [`ListWorkspaceHosts`].
    ///
    /// # Errors
    /// As [`steps::list_workspace_hosts`].
    #[activity(definition = ListWorkspaceHosts)]
    pub async fn list_workspace_hosts(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<ListWorkspaceHostsInput>,
    ) -> Result<OrBlob<ListWorkspaceHostsOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner.run(&ctx, input, move |_, _: Option<()>, job| steps::list_workspace_hosts(job, &settings)).await
    }
}
