//! The activity `buildBriefing`: takes its input, briefs on a thread with heartbeats, and returns its output.
#![expect(missing_docs, reason = "the macro makes a public constant of each method, where no documentation can be put")]

use std::sync::Arc;

use contracts::{
    Input,
    save_parsing::{BuildBriefing, BuildBriefingInput, BuildBriefingOutput},
    shared::OrBlob,
};
use kit::Runner;
use save_parsing::steps::Settings;
use temporalio_macros::activities;
use temporalio_sdk::{
    WorkerOptions,
    activities::{ActivityContext, ActivityError},
};

use crate::steps;

/// The activities that brief, on the queue `save-parsing`.
pub struct Briefings {
    settings: Arc<Settings>,
    runner: Runner,
}

/// Adds them to a worker; the saves that are open in `settings` are shared with the other activities of the queue.
pub fn register(options: &mut WorkerOptions, settings: &Arc<Settings>, runner: &Runner) {
    options.register_activities(Briefings { settings: settings.clone(), runner: runner.clone() });
}

#[activities]
impl Briefings {
    /// [`BuildBriefing`].
    ///
    /// # Errors
    /// As [`steps::build_briefing`].
    #[activity(definition = BuildBriefing)]
    pub async fn build_briefing(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<BuildBriefingInput>,
    ) -> Result<OrBlob<BuildBriefingOutput>, ActivityError> {
        let settings = self.settings.clone();
        self.runner
            .run(&ctx, input, move |input, _: Option<()>, job| steps::build_briefing(job, &settings, &input))
            .await
    }
}
