//! The activities of the queue: each takes its input, runs its step on a thread with heartbeats, and returns its output.
#![expect(missing_docs, reason = "the macro makes a public constant of each method, where no documentation can be put")]

use std::sync::Arc;

use contracts::{
    Input,
    shared::OrBlob,
    shipping::{
        DiscoverSessions, DiscoverSessionsInput, DiscoverSessionsOutput, RecoverGaps, RecoverGapsInput,
        RecoverGapsOutput, ReplaySpool, ReplaySpoolInput, ReplaySpoolOutput, ShipBatch, ShipBatchInput,
        ShipBatchOutput, ShippingStatus, ShippingStatusInput, ShippingStatusOutput,
    },
};
use kit::Runner;
use temporalio_macros::activities;
use temporalio_sdk::{
    WorkerOptions,
    activities::{ActivityContext, ActivityError},
};

use crate::steps::{self, Settings};

/// The activities of the queue `shipping`.
pub struct Shipping {
    settings: Arc<Settings>,
    runner: Runner,
}

/// Adds every activity of the queue to a worker.
pub fn register(options: &mut WorkerOptions, settings: &Arc<Settings>, runner: &Runner) {
    options.register_activities(Shipping { settings: settings.clone(), runner: runner.clone() });
}

#[activities]
impl Shipping {
    /// [`DiscoverSessions`].
    ///
    /// # Errors
    /// As [`steps::discover_sessions`].
    #[activity(definition = DiscoverSessions)]
    pub async fn discover_sessions(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<DiscoverSessionsInput>,
    ) -> Result<OrBlob<DiscoverSessionsOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner
            .run(&ctx, input, move |input, _: Option<()>, job| steps::discover_sessions(job, &settings, &input))
            .await
    }

    /// [`ShipBatch`].
    ///
    /// # Errors
    /// As [`steps::ship_batch`].
    #[activity(definition = ShipBatch)]
    pub async fn ship_batch(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<ShipBatchInput>,
    ) -> Result<OrBlob<ShipBatchOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner.run(&ctx, input, move |input, resume, job| steps::ship_batch(job, &settings, &input, resume)).await
    }

    /// [`ReplaySpool`].
    ///
    /// # Errors
    /// As [`steps::replay_spool`].
    #[activity(definition = ReplaySpool)]
    pub async fn replay_spool(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<ReplaySpoolInput>,
    ) -> Result<OrBlob<ReplaySpoolOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner
            .run(&ctx, input, move |input, resume, job| steps::replay_spool(job, &settings, &input, resume))
            .await
    }

    /// [`RecoverGaps`].
    ///
    /// # Errors
    /// As [`steps::recover_gaps`].
    #[activity(definition = RecoverGaps)]
    pub async fn recover_gaps(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<RecoverGapsInput>,
    ) -> Result<OrBlob<RecoverGapsOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner.run(&ctx, input, move |_, _: Option<()>, job| steps::recover_gaps(job, &settings)).await
    }

    /// [`ShippingStatus`].
    ///
    /// # Errors
    /// As [`steps::shipping_status`].
    #[activity(definition = ShippingStatus)]
    pub async fn shipping_status(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<ShippingStatusInput>,
    ) -> Result<OrBlob<ShippingStatusOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner.run(&ctx, input, move |_, _: Option<()>, job| steps::shipping_status(job, &settings)).await
    }
}
