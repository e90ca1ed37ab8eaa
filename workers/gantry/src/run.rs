//! A workflow that was started or joined from here.

use contracts::{env as names, search_attributes};
use temporalio_client::{
    Client, WorkflowHandle, WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowStartOptions,
    errors::WorkflowStartError,
};
use temporalio_common::{
    HasWorkflowDefinition, WorkflowDefinition,
    search_attributes::{SearchAttributeKey, SearchAttributes},
};

use crate::{follow, places::Places, problem::Problem, report, stack};

/// A workflow that a command can start: one type stands for its definition and its runs.
pub(crate) trait Workflow: HasWorkflowDefinition<Run = Self> + WorkflowDefinition + 'static {}

impl<W: HasWorkflowDefinition<Run = W> + WorkflowDefinition + 'static> Workflow for W {}

/// A run that was started or joined.
pub(crate) struct Started<W> {
    pub(crate) handle: WorkflowHandle<Client, W>,
    pub(crate) workflow_id: String,
    pub(crate) run_id: String,
}

/// What a run is called and shows in the UI.
pub(crate) struct Title {
    pub(crate) workflow_id: String,
    /// Value of the search attribute of the same name.
    pub(crate) system: &'static str,
    /// Value of the search attribute of the same name, for a run about a repository.
    pub(crate) repo: Option<String>,
    pub(crate) summary: String,
}

impl Title {
    fn options(self, queue: &str, reuse: WorkflowIdReusePolicy) -> WorkflowStartOptions {
        let system = SearchAttributeKey::<String>::keyword(search_attributes::SYSTEM).value_set(self.system.to_owned());
        let repo = self.repo.map(|repo| SearchAttributeKey::<String>::keyword(search_attributes::REPO).value_set(repo));
        WorkflowStartOptions::new(queue, self.workflow_id)
            .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
            .id_reuse_policy(reuse)
            .search_attributes(SearchAttributes::new([system].into_iter().chain(repo)))
            .static_summary(self.summary)
            .build()
    }
}

/// Starts the workflow, or joins the run that goes on under the same id.
pub(crate) async fn start<W: Workflow>(
    client: &Client,
    workflow: W,
    input: W::Input,
    title: Title,
) -> Result<Started<W>, Problem>
where
    W::Input: Send,
{
    start_reusing(client, workflow, input, title, WorkflowIdReusePolicy::AllowDuplicate).await
}

/// The same, and where the id is not to be used again, joins the run that has ended under it.
pub(crate) async fn start_reusing<W: Workflow>(
    client: &Client,
    workflow: W,
    input: W::Input,
    title: Title,
    reuse: WorkflowIdReusePolicy,
) -> Result<Started<W>, Problem>
where
    W::Input: Send,
{
    let workflow_id = title.workflow_id.clone();
    let options = title.options(contracts::queues::WORKFLOWS, reuse);
    let handle = match client.start_workflow(workflow, input, options).await {
        Err(WorkflowStartError::AlreadyStarted { run_id, .. }) => {
            let handle = client.get_workflow_handle::<W>(workflow_id.clone());
            return Ok(Started { handle, workflow_id, run_id: run_id.unwrap_or_default() });
        }
        started => started,
    };
    let handle = handle.map_err(|e| match e {
        WorkflowStartError::Rpc(status) if status.message().contains("search attribute") => {
            Problem::input(format!("the server refused the run: {}", status.message()))
                .hint("register Gantry's search attributes: gantry setup")
        }
        other => Problem::network(format!("starting the run: {other}")),
    })?;
    let run_id = handle.run_id().unwrap_or_default().to_owned();
    Ok(Started { handle, workflow_id, run_id })
}

impl<W: Workflow> Started<W> {
    /// The page of the run in the Temporal UI, if it is known where that is.
    pub(crate) fn ui_link(&self, places: &Places, client: &Client) -> Option<String> {
        let configured = places.raw.get(names::UI_URL).map(str::to_owned);
        let url = configured.or_else(|| {
            let elsewhere = places.raw.get("TEMPORAL_ADDRESS").is_some();
            places.dev_state().filter(|_| !elsewhere).map(|dev| dev.ui_url)
        })?;
        Some(stack::ui_link(&url, client.options().namespace.as_str(), &self.workflow_id, &self.run_id))
    }

    /// Follows the run to its end. Told to stop, it leaves the run alone and says how to end it.
    pub(crate) async fn followed(&self, client: &Client) -> Result<W::Output, Problem>
    where
        W::Output: Send,
    {
        self.until(follow::result(client, self)).await
    }

    /// The same for a run that has more to tell than which step it is at.
    pub(crate) async fn followed_by(&self, client: &Client, teller: follow::Teller<'_>) -> Result<W::Output, Problem>
    where
        W::Output: Send,
    {
        self.until(follow::told_result(client, self, teller)).await
    }

    async fn until(&self, end: impl Future<Output = Result<W::Output, Problem>>) -> Result<W::Output, Problem> {
        tokio::select! {
            output = end => output,
            () = crate::dev::told_to_stop() => {
                report::note(&format!(
                    "the run goes on; to end it: temporal workflow cancel --workflow-id '{}'", self.workflow_id
                ));
                Err(Problem::input("interrupted before the end of the run"))
            }
        }
    }
}
