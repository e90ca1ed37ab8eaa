//! `gantry brief --watch`: starts or joins the watch of a folder, and tells of each briefing that comes of it.

use std::{collections::HashMap, path::Path, time::Duration};

use contracts::{
    queues,
    shared::FileRef,
    workflows::{BriefSave, BriefSaveInput, WatchSaves, WatchSavesInput, watch_saves_id},
};
use serde::de::DeserializeOwned;
use serde_json::json;
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::{
    common::v1::{Payloads, WorkflowExecution},
    history::v1::{HistoryEvent, history_event::Attributes},
    workflowservice::v1::{
        DescribeWorkflowExecutionRequest, GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse,
    },
};
use tonic::{Code, IntoRequest, Status};

use super::{folder, headline, made};
use crate::{
    connect, dev, follow,
    places::Places,
    problem::Problem,
    queue::{server::problem, survey},
    report,
    run::{self, Started, Title},
};

/// Between two questions to a server that does not answer.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn run(places: &Places, path: &Path, as_json: bool) -> Result<(), Problem> {
    let folder = folder(path)?;
    let client = connect::client(places).await?;
    let host = places.host_id();
    let id = watch_saves_id(&host);
    let queue = queues::host_queue(queues::SAVE_PARSING, &host);
    if !survey::somebody_works_on(&client, &queue).await? {
        report::note(&format!("no worker of {queue} yet; the watch waits for one"));
    }
    let follower = Follower { places, client: &client, id: &id, as_json };
    let seen = follower.joins(&folder).await?;
    let title = Title {
        workflow_id: id.clone(),
        system: queues::SAVE_PARSING,
        repo: None,
        summary: format!("watch the saves in {folder}"),
    };
    let input = WatchSavesInput { folder, host_id: None, after: None };
    let started = run::start(&client, WatchSaves, input, title).await?;
    match started.ui_link(places, &client) {
        Some(link) => report::note(&format!("run: {link}")),
        None => report::note(&format!("watching: {id}")),
    }
    tokio::select! {
        ended = follower.follow(started.run_id.clone(), seen) => ended,
        () = dev::told_to_stop() => {
            report::note(&format!("the watch goes on; to end it: temporal workflow cancel --workflow-id '{id}'"));
            Ok(())
        }
    }
}

struct Follower<'a> {
    places: &'a Places,
    client: &'a Client,
    id: &'a str,
    as_json: bool,
}

impl Follower<'_> {
    /// How many events the watch of this folder has already, if it goes on; what they tell is of the past.
    ///
    /// # Errors
    /// Another folder is being watched.
    async fn joins(&self, folder: &str) -> Result<i64, Problem> {
        let request = DescribeWorkflowExecutionRequest {
            namespace: self.client.options().namespace.clone(),
            execution: Some(WorkflowExecution { workflow_id: self.id.to_owned(), run_id: String::new() }),
        };
        let mut service = self.client.connection().workflow_service();
        let described = match service.describe_workflow_execution(request.into_request()).await {
            Ok(described) => described.into_inner().workflow_execution_info.unwrap_or_default(),
            Err(status) if status.code() == Code::NotFound => return Ok(0),
            Err(status) => return Err(problem("asking about the watch", &status)),
        };
        let run_id = described.execution.unwrap_or_default().run_id;
        if described.close_time.is_some() {
            return Ok(0);
        }
        let first = self.page(&run_id, Vec::new(), false).await.map_err(|s| problem("asking about the watch", &s))?;
        let watched = first.history.unwrap_or_default().events.into_iter().find_map(|event| match event.attributes {
            Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => argument(started.input.as_ref()),
            _ => None,
        });
        match watched {
            Some(WatchSavesInput { folder: other, .. }) if other != folder => {
                Err(Problem::input(format!("{} watches {other} already", self.id))
                    .hint(format!("end that first: temporal workflow cancel --workflow-id '{}'", self.id)))
            }
            _ => Ok(described.history_length),
        }
    }

    /// Tells of each briefing that the watch asks for, until it ends; `seen` events of its run are known.
    async fn follow(&self, mut run_id: String, mut seen: i64) -> Result<(), Problem> {
        while let Some(next) = self.follow_run(&run_id, seen).await? {
            (run_id, seen) = (next, 0);
        }
        Err(Problem::input(format!("the watch {} has ended", self.id)))
    }

    /// The same for one run of it; returns the run that goes on behind it.
    async fn follow_run(&self, run_id: &str, mut seen: i64) -> Result<Option<String>, Problem> {
        let (mut token, mut asked) = (Vec::new(), HashMap::new());
        loop {
            let page = self.next_page(run_id, &token).await?;
            for event in page.history.unwrap_or_default().events {
                if event.event_id > seen {
                    seen = event.event_id;
                    if let Some(next) = self.heed(event, &mut asked).await {
                        return Ok(Some(next).filter(|next| !next.is_empty()));
                    }
                }
            }
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(None);
            }
        }
    }

    /// Looks at an event of the watch. Once it is the last one, the run behind it comes back, or no name where there is none.
    async fn heed(&self, event: HistoryEvent, asked: &mut HashMap<i64, String>) -> Option<String> {
        match event.attributes? {
            Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(child) => {
                let save = argument(child.input.as_ref()).map(|input: BriefSaveInput| named(&input.save));
                asked.insert(event.event_id, save.unwrap_or_default());
                None
            }
            Attributes::ChildWorkflowExecutionStartedEventAttributes(child) => {
                let save = asked.remove(&child.initiated_event_id).unwrap_or_default();
                self.tell(child.workflow_execution.unwrap_or_default().workflow_id, &save).await;
                None
            }
            // An equal save was briefed before, or is being briefed.
            Attributes::StartChildWorkflowExecutionFailedEventAttributes(child) => {
                let save = asked.remove(&child.initiated_event_id).unwrap_or_default();
                self.tell(child.workflow_id, &save).await;
                None
            }
            Attributes::WorkflowExecutionContinuedAsNewEventAttributes(next) => Some(next.new_execution_run_id),
            Attributes::WorkflowExecutionCompletedEventAttributes(_)
            | Attributes::WorkflowExecutionFailedEventAttributes(_)
            | Attributes::WorkflowExecutionCanceledEventAttributes(_)
            | Attributes::WorkflowExecutionTerminatedEventAttributes(_)
            | Attributes::WorkflowExecutionTimedOutEventAttributes(_) => Some(String::new()),
            _ => None,
        }
    }

    /// Waits for a briefing and prints its first words. One that fails is told and ends nothing.
    async fn tell(&self, workflow_id: String, save: &str) {
        if let Err(problem) = self.told(&workflow_id, save).await {
            report::error(&problem.about(if save.is_empty() { &workflow_id } else { save }));
        }
    }

    async fn told(&self, workflow_id: &str, save: &str) -> Result<(), Problem> {
        let handle = self.client.get_workflow_handle::<BriefSave>(workflow_id);
        let started = Started { handle, workflow_id: workflow_id.to_owned(), run_id: String::new() };
        let output = made::whole(self.places, follow::result(self.client, &started).await?).await?;
        if self.as_json {
            let line = json!({ "workflowId": workflow_id, "save": save, "briefing": output.briefing });
            return report::data(&line.to_string());
        }
        report::data(&headline(&output.briefing))?;
        report::note(&format!("  {save}"));
        Ok(())
    }

    /// The next events, as soon as there are some, or none after a while. A server that does not answer is waited for.
    async fn next_page(&self, run_id: &str, token: &[u8]) -> Result<GetWorkflowExecutionHistoryResponse, Problem> {
        loop {
            match self.page(run_id, token.to_vec(), true).await {
                Ok(page) => return Ok(page),
                Err(status) if follow::may_pass(status.code()) => tokio::time::sleep(PAUSE).await,
                Err(status) => return Err(problem("following the watch", &status)),
            }
        }
    }

    /// A page of a run's history, in the clear.
    async fn page(
        &self,
        run_id: &str,
        next_page_token: Vec<u8>,
        wait_new_event: bool,
    ) -> Result<GetWorkflowExecutionHistoryResponse, Status> {
        let request = GetWorkflowExecutionHistoryRequest {
            namespace: self.client.options().namespace.clone(),
            execution: Some(WorkflowExecution { workflow_id: self.id.to_owned(), run_id: run_id.to_owned() }),
            next_page_token,
            wait_new_event,
            ..Default::default()
        };
        let mut service = self.client.connection().workflow_service();
        let mut page = service.get_workflow_execution_history(request.into_request()).await?.into_inner();
        let decoded = runtime::decode_message(self.client, &mut page).await;
        decoded.map_err(|e| Status::failed_precondition(format!("the history cannot be decoded: {e}")))?;
        Ok(page)
    }
}

/// The one argument of a workflow.
fn argument<T: DeserializeOwned>(input: Option<&Payloads>) -> Option<T> {
    serde_json::from_slice(&input?.payloads.first()?.data).ok()
}

fn named(save: &FileRef) -> String {
    match save {
        FileRef::Path { path } => path.clone(),
        FileRef::Blob(blob) => blob.uri.clone(),
    }
}
