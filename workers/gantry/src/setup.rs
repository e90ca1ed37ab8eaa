//! `gantry setup`: what a namespace needs before the first run. Doing it again changes nothing.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use contracts::search_attributes::{self, ValueType};
use runtime::{ConnectError, Temporal, indexed_type};
use serde_json::json;
use temporalio_client::{Client, Connection};
use temporalio_common::protos::temporal::api::{
    enums::v1::IndexedValueType,
    operatorservice::v1::{AddSearchAttributesRequest, ListSearchAttributesRequest},
    workflowservice::v1::{CountWorkflowExecutionsRequest, RegisterNamespaceRequest},
};
use tonic::{Code, IntoRequest, Status};

use crate::{
    arguments::SetupOptions,
    connect,
    duration::short,
    places::Places,
    problem::Problem,
    queue::server::{bounded, problem},
    report, schedules,
};

/// How long a namespace that is created keeps finished runs when nothing is said.
const RETENTION: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long what was registered may take to be seen. A cluster's caches are refreshed every few seconds.
const VISIBLE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(200);

pub(crate) async fn run(places: &Places, options: &SetupOptions) -> Result<(), Problem> {
    let temporal = connect::settings(places)?;
    let retention = options.retention.unwrap_or(RETENTION);
    let (client, created) = match temporal.connect().await {
        Ok(client) => (client, false),
        Err(ConnectError::NoNamespace { .. }) if options.create_namespace => {
            create_namespace(&temporal, retention).await?;
            (connect_to_new(&temporal).await?, true)
        }
        Err(error @ ConnectError::NoNamespace { .. }) => {
            return Err(Problem::from(error).hint(
                "set TEMPORAL_NAMESPACE to one that is there, or create this one: gantry setup --create-namespace",
            ));
        }
        Err(error) => return Err(error.into()),
    };
    let registered = register_missing(&client, created).await?;
    wait_until_visible(&client).await?;
    let scheduled = if options.schedules { Some(schedules::create_missing(&client).await?) } else { None };
    let present: Vec<&str> =
        search_attributes::ALL.iter().map(|(name, _)| *name).filter(|name| !registered.contains(name)).collect();
    if options.json {
        let mut answer = json!({
            "namespace": temporal.namespace(),
            "created": created,
            "registered": registered,
            "present": present,
        });
        if let (true, Some(fields)) = (created, answer.as_object_mut()) {
            fields.insert("retentionSeconds".to_owned(), retention.as_secs().into());
        }
        if let (Some(scheduled), Some(fields)) = (&scheduled, answer.as_object_mut()) {
            fields.insert("scheduled".to_owned(), json!(scheduled));
        }
        return report::data(&answer.to_string());
    }
    if created {
        let namespace = temporal.namespace();
        report::note(&format!("created namespace {namespace}, which keeps finished runs for {}", short(retention)));
    } else if options.retention.is_some() {
        report::note("the namespace was there already; its retention is left as it is");
    }
    if registered.is_empty() {
        report::note("all search attributes are registered");
    } else {
        report::note(&format!("registered {}", registered.join(", ")));
    }
    match scheduled.as_deref() {
        None => {}
        Some([]) => report::note("all schedules are there"),
        Some(created) => report::note(&format!("created the schedule {}", created.join(", "))),
    }
    Ok(())
}

async fn create_namespace(temporal: &Temporal, retention: Duration) -> Result<(), Problem> {
    let connecting = tokio::time::timeout(Duration::from_secs(5), Connection::connect(temporal.connection.clone()));
    let connection = match connecting.await {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => return Err(Problem::network(format!("Temporal at {}: {error}", temporal.address()))),
        Err(_) => return Err(Problem::network(format!("Temporal at {} does not answer", temporal.address()))),
    };
    let request = RegisterNamespaceRequest {
        namespace: temporal.namespace().to_owned(),
        description: "Gantry".to_owned(),
        workflow_execution_retention_period: Some(retention.try_into().map_err(|_| {
            Problem::input(format!("a retention of {} is more than the server can take", short(retention)))
        })?),
        ..Default::default()
    };
    let mut service = connection.workflow_service();
    match bounded(service.register_namespace(request.into_request())).await {
        Ok(_) => Ok(()),
        // Somebody else was quicker.
        Err(status) if status.code() == Code::AlreadyExists => Ok(()),
        Err(status) => Err(refused(&format!("creating namespace {}", temporal.namespace()), &status)),
    }
}

fn refused(what: &str, status: &Status) -> Problem {
    let problem = problem(what, status);
    match status.code() {
        Code::PermissionDenied | Code::Unimplemented | Code::Unauthenticated => {
            problem.hint("this server does not let clients do that; use the tool of whoever runs it")
        }
        Code::InvalidArgument => Problem::input(problem.message),
        _ => problem,
    }
}

/// A new namespace takes a moment to be known everywhere.
async fn connect_to_new(temporal: &Temporal) -> Result<Client, Problem> {
    let begin = Instant::now();
    loop {
        match temporal.connect().await {
            Ok(client) => return Ok(client),
            Err(error) if begin.elapsed() > VISIBLE || !error.may_pass() => return Err(error.into()),
            Err(_) => tokio::time::sleep(LOOK).await,
        }
    }
}

/// Registers what is missing, and tells what that was.
async fn register_missing(client: &Client, new_namespace: bool) -> Result<Vec<&'static str>, Problem> {
    let begin = Instant::now();
    loop {
        match try_to_register(client).await {
            Err(status) if new_namespace && status.code() == Code::NotFound && begin.elapsed() < VISIBLE => {
                tokio::time::sleep(LOOK).await;
            }
            Err(status) => return Err(refused("registering search attributes", &status)),
            Ok(registered) => return registered,
        }
    }
}

async fn try_to_register(client: &Client) -> Result<Result<Vec<&'static str>, Problem>, Status> {
    let found = registered(client).await?;
    if !found.wrong.is_empty() {
        return Ok(Err(wrong_type(&found.wrong, &client.options().namespace)));
    }
    if found.missing.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let wanted: HashMap<String, i32> =
        found.missing.iter().map(|(name, kind)| ((*name).to_owned(), i32::from(indexed_type(*kind)))).collect();
    let request =
        AddSearchAttributesRequest { search_attributes: wanted, namespace: client.options().namespace.clone() };
    let mut operator = client.connection().operator_service();
    match bounded(operator.add_search_attributes(request.into_request())).await {
        Err(status) if status.code() != Code::AlreadyExists => Err(status),
        _ => Ok(Ok(found.missing.iter().map(|(name, _)| *name).collect())),
    }
}

/// What a person can do about a search attribute of another type.
pub(crate) fn wrong_type(wrong: &[WrongType], namespace: &str) -> Problem {
    let what: Vec<String> = wrong
        .iter()
        .map(|WrongType { name, wanted, found }| format!("{name} is {found}, Gantry needs {}", wanted.as_str()))
        .collect();
    let first = wrong.first().map_or("", |wrong| wrong.name);
    Problem::network(format!("search attributes have another type: {}", what.join("; "))).hint(format!(
        "a type cannot be changed: use another namespace, or remove the attribute, which loses its values, and run \
         `gantry setup` again: temporal operator search-attribute remove --name {first} \
         --namespace {namespace}"
    ))
}

/// Waits until the attributes can be searched by, which is later than registered.
async fn wait_until_visible(client: &Client) -> Result<(), Problem> {
    let terms: Vec<String> = search_attributes::ALL
        .iter()
        .map(|(name, kind)| match kind {
            ValueType::Keyword => format!("{name} = 'gantry'"),
            ValueType::Int => format!("{name} = 0"),
        })
        .collect();
    let query = terms.join(" OR ");
    let begin = Instant::now();
    loop {
        let request =
            CountWorkflowExecutionsRequest { namespace: client.options().namespace.clone(), query: query.clone() };
        let mut service = client.connection().workflow_service();
        match bounded(service.count_workflow_executions(request.into_request())).await {
            Ok(_) => return Ok(()),
            Err(status) if begin.elapsed() > VISIBLE => {
                return Err(problem("the search attributes are registered, but cannot be searched by yet", &status)
                    .hint("run `gantry setup` again in a minute"));
            }
            Err(_) => tokio::time::sleep(LOOK).await,
        }
    }
}

/// A search attribute that is there with another type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrongType {
    pub(crate) name: &'static str,
    pub(crate) wanted: ValueType,
    pub(crate) found: String,
}

/// How the namespace's search attributes differ from what Gantry needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) missing: Vec<(&'static str, ValueType)>,
    pub(crate) wrong: Vec<WrongType>,
}

/// Compares the namespace's search attributes with what Gantry needs.
pub(crate) async fn registered(client: &Client) -> Result<Difference, Status> {
    let request = ListSearchAttributesRequest { namespace: client.options().namespace.clone() };
    let mut operator = client.connection().operator_service();
    let known = bounded(operator.list_search_attributes(request.into_request())).await?.custom_attributes;
    let mut difference = Difference::default();
    for (name, wanted) in search_attributes::ALL {
        match known.get(*name) {
            None => difference.missing.push((name, *wanted)),
            Some(kind) if *kind == i32::from(indexed_type(*wanted)) => {}
            Some(kind) => difference.wrong.push(WrongType { name, wanted: *wanted, found: type_name(*kind) }),
        }
    }
    Ok(difference)
}

fn type_name(kind: i32) -> String {
    match IndexedValueType::try_from(kind) {
        Ok(kind) => format!("{kind:?}"),
        Err(_) => format!("of a type {kind} that this build does not know"),
    }
}
