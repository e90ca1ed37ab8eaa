//! The payloads of jobs: every one passes the client's data converter, so that encrypted ones can be read and written.

use serde::Serialize;
use serde_json::Value;
use temporalio_client::Client;
use temporalio_common::{
    data_converters::{ActivitySerializationContext, PayloadConversionError, SerializationContextData},
    payload_visitor::decode_payloads,
    protos::temporal::api::{
        common::v1::{Payload, Payloads},
        failure::v1::Failure,
    },
};

use crate::{failure::Words, problem::Problem};

fn context() -> SerializationContextData {
    SerializationContextData::Activity(ActivitySerializationContext::new())
}

/// One value as the server keeps it.
pub(crate) async fn encode<T: Serialize + 'static>(client: &Client, value: &T) -> Result<Payload, Problem> {
    let encoded = client.options().data_converter.to_payload(&context(), value).await;
    encoded.map_err(|error| Problem::input(format!("the input cannot be encoded: {error}")))
}

/// The value that the server keeps, if it keeps one.
pub(crate) async fn decode(client: &Client, payloads: &Payloads) -> Result<Option<Value>, Unreadable> {
    if payloads.payloads.is_empty() {
        return Ok(None);
    }
    let decoded = client.options().data_converter.from_payloads(&context(), payloads.payloads.clone()).await;
    decoded.map(Some).map_err(|error| Unreadable::of(&error))
}

/// What a failure says. One that cannot be decoded still says its type.
pub(crate) async fn words(client: &Client, failure: &Failure) -> Words {
    let mut decoded = failure.clone();
    match decode_payloads(&mut decoded, client.options().data_converter.codec(), &context()).await {
        Ok(()) => Words::of(&decoded),
        Err(error) => {
            let mut words = Words::of(failure);
            words.message = format!("{} ({})", words.message, Unreadable::of(&error));
            words
        }
    }
}

/// A payload that this client cannot read, for example because it was encrypted with a key that it does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be decoded here: {0}")]
pub(crate) struct Unreadable(String);

impl Unreadable {
    fn of(error: &PayloadConversionError) -> Self {
        Self(error.to_string())
    }
}
