//! What the SDK would send in the clear. It starts a workflow with its summary and details as they are, whatever the codec
//! does; a client that encrypts starts it without.

use futures::future::BoxFuture;
use temporalio_client::{
    ClientInterceptor, Next, SignalWithStartWorkflowInput, StartWorkflowInput, StartWorkflowOutput,
    UpdateWithStartWorkflowInput, UpdateWithStartWorkflowOutput,
    errors::{WorkflowStartError, WorkflowUpdateWithStartError},
};

/// Leaves summaries and details out.
pub(super) struct WithoutSummary;

impl ClientInterceptor for WithoutSummary {
    fn start_workflow<'a>(
        &'a self,
        mut input: StartWorkflowInput,
        next: Next<'a, StartWorkflowInput, BoxFuture<'a, Result<StartWorkflowOutput, WorkflowStartError>>>,
    ) -> BoxFuture<'a, Result<StartWorkflowOutput, WorkflowStartError>> {
        (input.options.static_summary, input.options.static_details) = (None, None);
        next.run(input)
    }

    fn signal_with_start_workflow<'a>(
        &'a self,
        mut input: SignalWithStartWorkflowInput,
        next: Next<'a, SignalWithStartWorkflowInput, BoxFuture<'a, Result<StartWorkflowOutput, WorkflowStartError>>>,
    ) -> BoxFuture<'a, Result<StartWorkflowOutput, WorkflowStartError>> {
        (input.options.static_summary, input.options.static_details) = (None, None);
        next.run(input)
    }

    fn update_with_start_workflow<'a>(
        &'a self,
        mut input: UpdateWithStartWorkflowInput,
        next: Next<
            'a,
            UpdateWithStartWorkflowInput,
            BoxFuture<'a, Result<UpdateWithStartWorkflowOutput, WorkflowUpdateWithStartError>>,
        >,
    ) -> BoxFuture<'a, Result<UpdateWithStartWorkflowOutput, WorkflowUpdateWithStartError>> {
        (input.options.static_summary, input.options.static_details) = (None, None);
        next.run(input)
    }
}
