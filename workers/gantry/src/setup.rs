//! `gantry setup`: what a namespace needs before the first run.

use std::collections::HashMap;

use contracts::search_attributes::{self, ValueType};
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::{
    enums::v1::IndexedValueType,
    operatorservice::v1::{AddSearchAttributesRequest, ListSearchAttributesRequest},
};
use tonic::IntoRequest;

use crate::{connect, places::Places, problem::Problem, report};

pub(crate) async fn run(places: &Places) -> Result<(), Problem> {
    let client = connect::client(places).await?;
    let missing = missing_search_attributes(&client).await?;
    if missing.is_empty() {
        report::note("all search attributes are registered");
        return Ok(());
    }
    let wanted: HashMap<String, i32> =
        missing.iter().map(|(name, kind)| ((*name).to_owned(), i32::from(indexed(*kind)))).collect();
    let request =
        AddSearchAttributesRequest { search_attributes: wanted, namespace: client.options().namespace.clone() };
    let mut operator = client.connection().operator_service();
    operator
        .add_search_attributes(request.into_request())
        .await
        .map_err(|s| Problem::network(format!("registering search attributes: {}", s.message())))?;
    let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
    report::note(&format!("registered {}", names.join(", ")));
    Ok(())
}

/// Search attributes that the namespace does not have, or has with another type.
pub(crate) async fn missing_search_attributes(client: &Client) -> Result<Vec<(&'static str, ValueType)>, Problem> {
    let request = ListSearchAttributesRequest { namespace: client.options().namespace.clone() };
    let mut operator = client.connection().operator_service();
    let known = operator
        .list_search_attributes(request.into_request())
        .await
        .map_err(|s| Problem::network(format!("listing search attributes: {}", s.message())))?
        .into_inner()
        .custom_attributes;
    let has = |name: &str, kind| known.get(name) == Some(&i32::from(indexed(kind)));
    Ok(search_attributes::ALL.iter().copied().filter(|(name, kind)| !has(name, *kind)).collect())
}

fn indexed(kind: ValueType) -> IndexedValueType {
    match kind {
        ValueType::Keyword => IndexedValueType::Keyword,
        ValueType::Int => IndexedValueType::Int,
    }
}
