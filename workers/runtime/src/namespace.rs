//! What a namespace has to have.

use contracts::search_attributes::{self, ValueType};
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::{
    enums::v1::IndexedValueType, operatorservice::v1::ListSearchAttributesRequest,
};
use tonic::{IntoRequest, Status};

/// Search attributes that the client's namespace does not have, or has with another type.
///
/// # Errors
/// What the server says.
pub async fn missing_search_attributes(client: &Client) -> Result<Vec<(&'static str, ValueType)>, Status> {
    let request = ListSearchAttributesRequest { namespace: client.options().namespace.clone() };
    let mut operator = client.connection().operator_service();
    let known = operator.list_search_attributes(request.into_request()).await?.into_inner().custom_attributes;
    let has = |name: &str, kind| known.get(name) == Some(&i32::from(indexed_type(kind)));
    Ok(search_attributes::ALL.iter().copied().filter(|(name, kind)| !has(name, *kind)).collect())
}

/// A search attribute's type as Temporal's API numbers it.
pub fn indexed_type(kind: ValueType) -> IndexedValueType {
    match kind {
        ValueType::Keyword => IndexedValueType::Keyword,
        ValueType::Int => IndexedValueType::Int,
    }
}

/// Says what a namespace lacks. The activities do without it, the workflows and jobs that they belong to do not.
pub(crate) async fn warn_of_missing_search_attributes(client: &Client) {
    match missing_search_attributes(client).await {
        Ok(missing) if missing.is_empty() => {}
        Ok(missing) => {
            let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
            tracing::warn!(
                "the namespace lacks the search attributes {}; `gantry setup` registers them",
                names.join(", ")
            );
        }
        Err(status) => tracing::warn!("the search attributes cannot be listed: {}", status.message()),
    }
}
