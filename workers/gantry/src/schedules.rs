//! What Gantry does by the clock.

use contracts::{
    queues,
    workflows::{CLEANUP_WORKSPACES_ID, CleanupWorkspaces, CleanupWorkspacesInput},
};
use temporalio_client::{
    Client,
    schedules::{
        CreateScheduleOptions, ScheduleAction, ScheduleCalendarSpec, ScheduleError, ScheduleOverlapPolicy, ScheduleSpec,
    },
};
use tonic::Code;

use crate::{problem::Problem, queue::server::problem};

/// When workspaces are looked through, in UTC: at night for most, and when little else is indexed.
const HOUR: &str = "3";

/// Creates the schedules that are missing, and tells which those were. Who changed one, or paused it, finds it as it was.
pub(crate) async fn create_missing(client: &Client) -> Result<Vec<&'static str>, Problem> {
    let action = ScheduleAction::start_workflow(
        CleanupWorkspaces,
        CleanupWorkspacesInput::default(),
        queues::WORKFLOWS,
        CLEANUP_WORKSPACES_ID,
    );
    let daily = ScheduleSpec::from_calendar(ScheduleCalendarSpec::builder().hour(HOUR).build());
    let options = CreateScheduleOptions::builder()
        .action(action)
        .spec(daily)
        .overlap_policy(ScheduleOverlapPolicy::Skip)
        .note("Removes workspaces that nobody has used for a week")
        .build();
    match client.create_schedule(CLEANUP_WORKSPACES_ID, options).await {
        Ok(_) => Ok(vec![CLEANUP_WORKSPACES_ID]),
        Err(ScheduleError::Rpc(status)) if status.code() == Code::AlreadyExists => Ok(Vec::new()),
        Err(ScheduleError::Rpc(status)) => {
            Err(problem(&format!("creating the schedule {CLEANUP_WORKSPACES_ID}"), &status))
        }
        Err(error) => Err(Problem::input(format!("creating the schedule {CLEANUP_WORKSPACES_ID}: {error}"))),
    }
}
